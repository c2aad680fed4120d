"""What an instructor imports: every public name is there, and says what it is with an example."""

import inspect

import pytest

import minibatch_core

FIXED = {
    *("DataSettings", "TrainSettings", "Settings", "make_dataset", "make_batches", "train"),
    *("train_torch", "train_many", "loss_surface", "batch_surfaces", "gradient_noise"),
    *("to_script", "to_notebook", "NOTEBOOK_PRESETS"),
}


def test_the_names_that_others_rely_on_are_public() -> None:
    assert set(minibatch_core.__all__) >= FIXED
    assert minibatch_core.__all__ == sorted(minibatch_core.__all__, key=in_isort)


def in_isort(name: str) -> tuple[int, str]:
    """Constants first, then classes, then functions."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


PUBLIC = {name: getattr(minibatch_core, name) for name in minibatch_core.__all__}
FUNCTIONS = [name for name, found in PUBLIC.items() if inspect.isfunction(found)]
CLASSES = [name for name, found in PUBLIC.items() if inspect.isclass(found)]


@pytest.mark.parametrize("name", [*FUNCTIONS, *CLASSES])
def test_what_is_public_says_what_it_is_in_a_sentence(name: str) -> None:
    first, *_ = (inspect.getdoc(PUBLIC[name]) or "").split("\n\n")
    assert first.rstrip().endswith((".", ":"))
    assert first != inspect.getdoc(object)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_has_an_example_that_runs(name: str) -> None:
    """As a doctest."""
    assert ">>>" in (inspect.getdoc(PUBLIC[name]) or "")
