"""Results that are kept for whoever asks for the same."""

import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from cachetools import LRUCache
from cachetools import cached as cached_in

__all__ = ["cached"]

P = ParamSpec("P")
R = TypeVar("R")


def cached(most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep the last results of a function; who asks for one that is being computed waits for it.

    With functools.lru_cache each of 200 students who press a preset at once would compute it.

    >>> @cached(most=2)
    ... def squared(x):
    ...     return [x * x]
    >>> squared(3) is squared(3)
    True
    """
    keep = cached_in(LRUCache(most), condition=threading.Condition())
    return cast(Callable[[Callable[P, R]], Callable[P, R]], keep)
