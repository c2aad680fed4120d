"""Laws as a table: what each predicts, beside what was measured."""

from collections.abc import Sequence

import streamlit as st

from dashboard.charts.run import ROUNDING, Law

__all__ = ["show_laws"]


def show_laws(laws: Sequence[Law]) -> None:
    """A row for each law, if there are any."""
    if not laws:
        return
    st.markdown("**Laws, predicted beside measured**")
    lines = ["| law | predicted | measured | apart |", "|---|---|---|---|"]
    for law in laws:
        # A bar of |G| would end the cell.
        formula = law.formula.replace("|", "&#124;")
        by_chance = law.error > ROUNDING * abs(law.measured) and law.error > 1e-20
        measured = f"{law.measured:.4g}" + (f" ± {law.error:.1g}" if by_chance else "")
        name = f"**{law.name}**: {formula} :small[({law.note})]"
        numbers = " | ".join((f"{law.predicted:.4g}", _unbroken(measured), _unbroken(law.apart)))
        lines.append(f"| {name} | {numbers} |")
    st.markdown("\n".join(lines))
    if any(law.error for law in laws):
        st.caption("± and SE: the standard error of what was measured by chance.")


def _unbroken(text: str) -> str:
    """A text that stays on one line, with spaces and hyphens at which nothing is broken."""
    return text.replace(" ", "\u00a0").replace("-", "\u2011")
