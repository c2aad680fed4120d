"""What files to download are called."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from dashboard.shell.names import MOST_OF_FILE, name_of_file
from dashboard.shell.registry import PAGES
from minibatch_core import Settings, SurfaceSettings, TrainSettings
from tests.pages.test_any_setting import any_settings

TRIALS = trials(max_examples=200)


@TRIALS
@given(st.sampled_from(sorted(PAGES)), any_settings(), any_settings())
def test_a_file_has_a_safe_name_that_no_other_settings_have(
    name: str, some: Settings, others: Settings
) -> None:
    page = PAGES[name]
    if page.is_full_batch:
        some, others = (
            replace(each, train=replace(each.train, batch_size=each.data.n))
            for each in (some, others)
        )
    called = name_of_file(page, "ipynb", some)
    assert len(called) <= MOST_OF_FILE
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]*\.ipynb", called)
    assert ".." not in called
    assert called == name_of_file(page, "ipynb", replace(some))
    assert (called == name_of_file(page, "ipynb", others)) == (some == others)


@pytest.mark.parametrize("name", PAGES)
def test_at_its_opening_the_page_alone_names_a_file(name: str) -> None:
    page = PAGES[name]
    called = name_of_file(page, "py", page.opening.settings, page.opening.surfaces)
    assert called == f"minibatch-{name.replace('_', '-')}.py"


@pytest.mark.parametrize(
    ("changed", "called"),
    [
        ({"batch_size": 10, "lr": 0.1}, "bs10-lr0.1"),
        ({"init_w": -1.5, "init_b": 1.0}, "w0-1.5-b01"),
        ({"lr": 1e-05, "shuffle": "each_epoch"}, "shuf-each-epoch-lr1e-05"),
        ({"drop_last": True}, "drop-true"),
    ],
)
def test_settings_that_fit_can_be_read(changed: dict[str, object], called: str) -> None:
    page = PAGES["playground"]
    train = replace(page.settings.train, **changed)  # type: ignore[arg-type]
    asked = replace(page.settings, train=train)
    name = name_of_file(page, "py", asked)
    parts = name.removeprefix("minibatch-playground-").removesuffix(".py")
    assert sorted(re.split(r"-(?=[a-z])", parts)) == sorted(re.split(r"-(?=[a-z])", called))


def test_minibatch_surfaces_are_told_apart_by_their_seed() -> None:
    page = PAGES["minibatch_surfaces"]
    settings = Settings(train=TrainSettings(batch_size=10))
    names = {name_of_file(page, "py", settings, SurfaceSettings(seed=seed)) for seed in range(5)}
    assert len(names) == 5
