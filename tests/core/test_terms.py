"""Terms: found where they first stand, explained in few words, and each of use somewhere."""

import re
from pathlib import Path

import pytest

from dashboard.charts.live_chart import PLAYER_LABELS
from minibatch_core.terms import SYMBOLS, TERMS, legend, marks

ROOT = Path(__file__).parent.parent.parent
SOURCES = [*(ROOT / "pages").glob("*.py"), *(ROOT / "minibatch_core" / "theory").glob("*.py")]
SOURCES += [*(ROOT / "dashboard" / "charts").glob("*.py"), ROOT / "dashboard/shell/tables.py"]


def found(text: str, *explained: str) -> list[tuple[str, str]]:
    return [(text[m.start : m.end], m.term.name) for m in marks(text, explained)]


@pytest.mark.parametrize("term", [*TERMS, *SYMBOLS], ids=lambda term: term.name)
def test_an_explanation_is_one_or_two_short_sentences(term: object) -> None:
    says = term.says  # type: ignore[attr-defined]
    assert says.endswith(".")
    assert len(says.split()) <= 36
    assert all(len(sentence.split()) <= 24 for sentence in re.split(r"(?<=[.:]) ", says))


def test_names_are_not_given_twice() -> None:
    for table in (TERMS, SYMBOLS):
        assert len({term.name for term in table}) == len(table)
    names = {term.name for term in TERMS}
    assert all(names.issuperset(term.covers) for term in TERMS)


@pytest.mark.parametrize("term", TERMS, ids=lambda term: term.name)
def test_every_term_is_used(term: object) -> None:
    texts = "\n".join([*PLAYER_LABELS, *(path.read_text(encoding="utf-8") for path in SOURCES)])
    texts = re.sub(r"\{[^{}]*\}", "1", texts)  # what a sentence is filled in with
    assert re.search(term.written, texts, re.MULTILINE)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Each step of an epoch", [("step", "step"), ("epoch", "epoch")]),
        ("steps, steps, steps", [("steps", "step")]),
        ("A stepwise misstep, batch-step", []),
        ("set *Seed* and `step`, then **step** on", [("step", "step")]),
        ("{step} of {steps}: an epoch", [("epoch", "epoch")]),
        ("**p = σ(w x + b)** is a sigmoid of w and b", [("p = σ(w x + b)", "the model")]),
        ("the curve is p = σ(6.00 x - 5.50), ½", [("p = σ(6.00 x - 5.50)", "the model")]),
        ("it is 0.0123 ± 0.0004, or more", [("± 0.0004", "standard error")]),
        ("goes as lr/B", [("lr", "learning rate")]),  # B is too near
        ("with B = 1,000 of N = 10,000", [("B = 1,000", "batch size"), ("N = 10,000", "N")]),
        ("a half of b_noise and sub-B", []),
        ("", []),
    ],
)
def test_a_term_is_marked_where_it_first_stands_as_a_word(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert found(text) == expected


def test_what_is_explained_already_is_not_marked() -> None:
    assert found("a step of an epoch", "step") == [("epoch", "epoch")]


@pytest.mark.parametrize(
    ("formula", "symbols"),
    [
        ("ceil(N/B)", ["ceil", "N", "B"]),
        ("tr Cov = tr Σ/B · (N - B)/(N - 1)", ["tr", "Cov", "Σ", "B", "N"]),
        ("B_simple = tr Σ / |G|²", ["B_simple", "tr", "Σ", "|G|²", "G"]),
        (
            "L - lr |G|² + lr²/2 (GᵀHG + tr(H Cov))",
            ["L", "lr", "|G|²", "G", "GᵀHG", "tr", "H", "Cov"],
        ),
        (
            "tr V, V = (I - lr H) V (I - lr H)ᵀ + lr² Σ/B",
            ["tr", "V", "I", "lr", "H", "ᵀ", "Σ", "B"],
        ),
        ("lr < (2 + 2 momentum) / λ", ["lr", "momentum", "λ"]),
        ("(S/S_min - 1)(E/E_min - 1) = 1", ["S", "E"]),
        ("share of the power of the loss's swings that repeats in every epoch", []),
        ("squared distance, shuffled each epoch, below that with replacement", []),
    ],
)
def test_a_formula_is_explained_whole(formula: str, symbols: list[str]) -> None:
    by_name = {term.name: term.says for term in SYMBOLS}
    assert set(legend(formula).split("\n")) - {""} == {by_name[name] for name in symbols}
