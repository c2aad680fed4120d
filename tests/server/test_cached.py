"""A result that many ask for at once is computed once."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.server.cached import cached


def test_who_asks_for_what_is_being_computed_waits_for_it() -> None:
    computed: list[int] = []
    asked = threading.Barrier(20)

    @cached(most=4)
    def slow(x: int) -> list[int]:
        computed.append(x)
        threading.Event().wait(0.05)
        return [x]

    def ask(x: int) -> list[int]:
        asked.wait()
        return slow(x)

    with ThreadPoolExecutor(20) as students:
        found = list(students.map(ask, [1, 2] * 10))
    assert sorted(computed) == [1, 2]
    assert all(each is found[k % 2] for k, each in enumerate(found))


def test_an_error_is_not_kept_and_keeps_nobody_waiting() -> None:
    tries = []

    @cached(most=4)
    def fails_once(x: int) -> int:
        tries.append(x)
        if len(tries) == 1:
            raise ValueError("the first time")
        return x

    with pytest.raises(ValueError, match="the first time"):
        fails_once(3)
    assert fails_once(3) == 3
    assert fails_once(3) == 3
    assert len(tries) == 2


def test_no_more_is_kept_than_was_said() -> None:
    computed = []

    @cached(most=2)
    def doubled(x: int) -> int:
        computed.append(x)
        return 2 * x

    for x in (1, 2, 3, 1):
        doubled(x)
    assert computed == [1, 2, 3, 1]
