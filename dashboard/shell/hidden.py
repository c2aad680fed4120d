"""Controls that the address hides, `hide=opt,shuf`, or a lesson: all that they do stays."""

from collections.abc import Sequence, Set

import streamlit as st

from dashboard.shell.page import Page
from dashboard.shell.progress import hidden_by_lesson
from dashboard.shell.session import current_page
from minibatch_core.settings.fields import told
from minibatch_core.words import listed

__all__ = ["hidden", "hide", "told_of_unknown"]

PARAMETER, SEPARATOR = "hide", ","

MOST_TOLD = 3
"""How many names that are none are told."""


def hidden(page: Page, texts: Sequence[str]) -> tuple[Set[str], list[str]]:
    """The controls of a page that texts name, and what else they name.

    A key may stand there as the page's address spells it.

    >>> from dashboard.shell.registry import PAGES
    >>> keys, unknown = hidden(PAGES["in_order"], ["bs, lr_in_order", "speed"])
    >>> sorted(keys), unknown
    (['bs', 'lr'], ['speed'])
    """
    said = [each.strip() for text in texts for each in text.split(SEPARATOR)]
    names = {spelled: key for key in page.controls for spelled in (key, page.key(key))}
    unknown = [each for each in dict.fromkeys(said) if each and each not in names]
    return {names[each] for each in said if each in names}, unknown


def told_of_unknown() -> list[str]:
    """A sentence where the address of this page hides what is no control of it."""
    page = current_page()
    _, unknown = hidden(page, _texts())
    if not unknown or not page.controls:
        return []
    more = len(unknown) - MOST_TOLD
    names = [told(each) for each in unknown[:MOST_TOLD]] + ([f"{more:,} more"] if more > 0 else [])
    can_be = listed(sorted(page.controls))
    return [
        f"Ignored in the address: hide names {listed(names)}, no control of this page. "
        f"It can name {can_be}."
    ]


def hide(rows: Sequence[Sequence[str]]) -> None:
    """Have the browser leave out what is hidden: a style that is drawn with the controls.

    Of `rows`, whose controls stand side by side, those with nothing left take no room.
    """
    page = current_page()
    keys, _ = hidden(page, [*_texts(), *hidden_by_lesson()])
    if not keys:
        return
    names = [f"{page.key(key)}{end}" for key in sorted(keys) for end in ("", "_slider")]
    empty = [row for row in rows if (own := page.controls & {*row}) and own <= keys]
    blocks = [page.key(key) for row in empty for key in row if key in keys]
    selectors = [f".st-key-{name}" for name in names]
    selectors += [
        f'[data-testid="stSidebar"] [data-testid="stHorizontalBlock"]:has(.st-key-{name})'
        for name in blocks
    ]
    st.html(f"<style>{', '.join(selectors)} {{ display: none; }}</style>")


def _texts() -> list[str]:
    return st.query_params.get_all(PARAMETER)
