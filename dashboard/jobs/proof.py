"""The proof: the same settings trained by torch's own DataLoader, autograd and optimizer."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from dashboard.jobs.stopped import StoppedError
from minibatch_core import Settings, available_device, make_dataset, train, train_torch

__all__ = ["PARTED", "Proof"]

_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="proof")
"""One proof at a time: a hall that asks for two hundred at once does not slow the sliders down."""


PARTED = 1e-6
"""A difference that is more than rounding; where a run amplifies it, it grows on from there."""


def _stop_after_one(step: int, w: float, b: float) -> None:
    if step > 0:
        raise StoppedError


class Proof:
    """How far torch has come, and how far from the compiled run it has been at most.

    The differences are shares of the larger of w and b where that is above 1: a number of 1e305 is
    rounded to 1e289.
    """

    def __init__(self, settings: Settings) -> None:
        self.data = make_dataset(settings.data)
        started = time.perf_counter()
        self.run = train(self.data, settings.train)
        self.compiled_seconds = time.perf_counter() - started
        self.device = available_device().type
        self.dtype = "float32" if self.device == "mps" else "float64"  # MPS has no float64
        self.step = 0
        self.parted: int | None = None
        self.difference_w = self.difference_b = self.torch_seconds = 0.0
        self.stop = False
        self.training = _pool.submit(self._train_with_torch)

    def _train_with_torch(self) -> None:
        self._train(_stop_after_one)  # torch sets itself up in its first step
        started = time.perf_counter()

        def compare(step: int, w: float, b: float) -> None:
            if step == len(self.run.w):  # ours has diverged before, torch's has not
                self.parted = step - 1 if self.parted is None else self.parted
                raise StoppedError
            self.step = step
            size = max(1.0, abs(self.run.w[step]), abs(self.run.b[step]))
            self.difference_w = max(self.difference_w, abs(w - self.run.w[step]) / size)
            self.difference_b = max(self.difference_b, abs(b - self.run.b[step]) / size)
            if self.parted is None and max(self.difference_w, self.difference_b) > PARTED:
                self.parted = step
            self.torch_seconds = time.perf_counter() - started
            if self.stop:
                raise StoppedError

        self._train(compare)

    def _train(self, watch: Callable[[int, float, float], None]) -> None:
        with suppress(StoppedError):
            train_torch(self.data, self.run.settings, self.device, self.dtype, watch)

    def ask_to_stop(self) -> None:
        """Stop at the next step, or before the first if others are still ahead."""
        self.stop = True
        self.training.cancel()
