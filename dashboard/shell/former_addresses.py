"""Addresses that the dashboard had before; whoever has kept one comes to the same view."""

import re
from collections.abc import Iterator, Mapping

from dashboard.shell.page import Page

__all__ = ["former_addresses", "in_todays_words"]

NUMBERS = {
    "loss_surface": 0,
    "full_batch": 1,
    "in_order": 2,
    "dataset_and_dataloader": 3,
    "minibatch_surfaces": 4,
    "gradient_noise": 5,
    "sweep": 6,
    "stability": 7,
    "order_matters": 8,
    "seeds": 9,
    "optimizers": 10,
}
"""With which number the settings of a page ended, where they now end with its name."""


def former_addresses(pages: Mapping[str, Page]) -> Iterator[tuple[Page, str]]:
    """Each page that had a hyphen in its address, with that address."""
    return ((page, name.replace("_", "-")) for name, page in pages.items() if "_" in name)


def in_todays_words(page: Page, said: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What an address of a page says, with the keys that settings have today.

    >>> from dashboard.shell.registry import PAGES
    >>> in_todays_words(PAGES["in_order"], [("bs_2", "20"), ("embed", "true")])
    [('bs_in_order', '20'), ('embed', 'true')]
    """
    if page.name not in NUMBERS:
        return said
    former = re.compile(rf"(\w+?)_{NUMBERS[page.name]}")
    return [
        (page.key(found[1]) if (found := former.fullmatch(key)) else key, text)
        for key, text in said
    ]
