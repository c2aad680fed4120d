"""Tables of text, and the laws as one: what each predicts, beside what was measured."""

from collections.abc import Iterable, Sequence

import streamlit as st

from dashboard.shell.terms import explain, formula, with_terms
from minibatch_core.theory.laws import ROUNDING, Finding

__all__ = ["show_laws", "show_table"]


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
    show_table(["law", "predicted", "measured", "apart"], rows, has_html=True)
    if any(each.error for each in findings):
        explain(":small[± and SE: the standard error of what was measured by chance.]")


def _row(found: Finding) -> list[str]:
    law = f"**{found.name}**: {formula(found.formula)}"
    if found.not_here:
        why = with_terms(f"does not apply here, because {found.not_here}")
        return [f"{law} :small[({why})]", "–", "–", ""]
    by_chance = found.error > ROUNDING * abs(found.measured) and found.error > 1e-20
    measured = f"{found.measured:.4g}" + (f" ± {found.error:.1g}" if by_chance else "")
    name = f"{law} :small[({with_terms(found.note)})]"
    predicted = f"{'below ' * found.is_bound}{found.predicted:.4g}"
    return [name, _unbroken(predicted), _unbroken(measured), _unbroken(found.apart)]


def _unbroken(text: str) -> str:
    """A text that stays on one line, with spaces and hyphens at which nothing is broken."""
    return text.replace(" ", "\u00a0").replace("-", "\u2011")
