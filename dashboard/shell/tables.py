"""Tables of text, and the laws as one: what each predicts, beside what was measured."""

import re
from collections.abc import Iterable, Sequence

import streamlit as st

from dashboard.shell.terms import explain, formula, with_terms
from minibatch_core.theory.laws import Finding
from minibatch_core.words import as_close_as, has_error, rounded, with_error

__all__ = ["show_laws", "show_table"]

DIGITS_OF_ERROR = 3
"""From so many digits of a standard error, how many of it a number is away can be calculated."""

BY_CHANCE = """
**±** is the standard error, SE for short: with other random draws the measured number would
typically change by about that much.
"""

EXACT = """
*+1.5 SE* means that it lies 1.5 standard errors above the predicted one. Chance alone often makes
it up to 2 SE, and hardly ever more than 4.
"""

APPROXIMATE = """
An *approximate law* comes close to the truth only under its conditions. So the last column says by
how many per cent the measured number differs from the predicted one, or how many times it is as
large. Where it adds *within 2 SE* or *within 19 of 20* (runs), chance alone may make so large a
difference.
"""


def show_table(head: Sequence[str], rows: Iterable[Sequence[str]], has_html: bool = False) -> None:
    """A table in Markdown; its cells may hold what Markdown can, and HTML if that is said."""
    lines = [head, ["---"] * len(head), *rows]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    st.markdown(text, unsafe_allow_html=has_html)


def show_laws(findings: Sequence[Finding]) -> None:
    """A row for each law, if there are any."""
    if not findings:
        return
    st.markdown("**Laws, predicted beside measured**")
    rows = [_row(each) for each in findings]
    with st.container(key="laws"):  # by which live_chart.css knows the table
        show_table(["law", "predicted", "measured", "difference"], rows, has_html=True)
    said = {
        BY_CHANCE: any(has_error(each.measured, each.error) for each in findings),
        EXACT: any(_is_in_errors(each) for each in findings),
        APPROXIMATE: any(each.is_approximate and each.apart for each in findings),
    }
    if any(said.values()):
        text = " ".join(each.strip().replace("\n", " ") for each, holds in said.items() if holds)
        explain(f":small[{text}]")


def _row(found: Finding) -> list[str]:
    law = f"**{found.name}**: {formula(found.formula)}"
    if found.not_here:
        not_here = "can't be checked" if found.is_unchecked else "does not apply"
        why = with_terms(f"It {not_here} here, because {found.not_here}.")
        return [f"{law}<br>:small[{why}]", "–", "–", ""]
    measured, predicted = _digits(found.measured), _digits(found.predicted)
    if has_error(found.measured, found.error):
        measured = with_error(found.measured, found.error, DIGITS_OF_ERROR)
        if _is_in_errors(found):
            predicted = as_close_as(found.predicted, found.error, DIGITS_OF_ERROR)
    if has_error(found.predicted, found.predicted_error):
        predicted = with_error(found.predicted, found.predicted_error, DIGITS_OF_ERROR)
    predicted = f"{'below ' * found.is_bound}{predicted}"
    apart = _unbroken(found.apart)
    apart += " :small[approximate law]" if found.is_approximate else ""
    name = f"{law}<br>:small[{with_terms(found.note)}]"
    return [name, _unbroken(predicted), _unbroken(measured), apart]


def _is_in_errors(found: Finding) -> bool:
    """Whether what is measured is compared with the law in standard errors."""
    return found.apart.endswith(" SE") and not found.is_approximate


def _digits(value: float) -> str:
    """Four digits, but no fewer than a whole number has.

    >>> _digits(10_000.0), _digits(1234.5678), _digits(0.0857123)
    ('10,000', '1,235', '0.08571')
    """
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e9 else rounded(value, 4)


def _unbroken(text: str) -> str:
    """A text in which no number is broken, nor parted from its unit or sign.

    >>> _unbroken("0.07 ± 0.01, less than -2 SE").replace("\u00a0", "_").replace("\u2011", "~")
    '0.07 ±_0.01, less than_~2_SE'
    """
    text = re.sub(r"(?<=±) |(?<=than) |(?<=\d) (?!±)", "\u00a0", text)
    return text.replace("-", "\u2011")
