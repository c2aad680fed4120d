"""What stays for good is left out of garbage collections."""

import gc
from functools import cache

__all__ = ["freeze"]


@cache
def freeze(occasion: str) -> None:
    """Freeze what lives now, once an occasion.

    A collection then passes over what torch, Numba, pandas and plotly have put on the heap.
    """
    del occasion
    gc.collect()
    gc.freeze()
