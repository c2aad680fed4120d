"""What stays for good is left out of garbage collections."""

import gc
from functools import cache

__all__ = ["freeze"]


@cache
def freeze(occasion: str) -> None:
    """Freeze what lives now, once an occasion.

    Streamlit collects all generations after every run; without this each walks everything that
    torch, numba, pandas and plotly have put on the heap.
    """
    del occasion
    gc.collect()
    gc.freeze()
