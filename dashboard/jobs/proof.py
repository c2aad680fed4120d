"""The proof: the same settings trained by torch's own DataLoader, autograd and optimizer."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import streamlit as st

from minibatch_core import Settings, available_device, make_dataset, train, train_torch

__all__ = ["Proof", "show_proof_button"]

_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="proof")
"""One proof at a time: a hall that asks for two hundred at once does not slow the sliders down."""


PARTED = 1e-6
"""A difference that is more than rounding; where a run amplifies it, it grows on from there."""


class _StoppedError(Exception):
    """Raised out of torch's training loop when someone has clicked Stop."""


class Proof:
    """How far torch has come, and how far from the compiled run it has been at most."""

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
        started = time.perf_counter()

        def compare(step: int, w: float, b: float) -> None:
            if step == len(self.run.w):  # ours has diverged before, torch's has not
                self.parted = step - 1 if self.parted is None else self.parted
                raise _StoppedError
            self.step = step
            self.difference_w = max(self.difference_w, abs(w - self.run.w[step]))
            self.difference_b = max(self.difference_b, abs(b - self.run.b[step]))
            if self.parted is None and max(self.difference_w, self.difference_b) > PARTED:
                self.parted = step
            self.torch_seconds = time.perf_counter() - started
            if self.stop:
                raise _StoppedError

        with suppress(_StoppedError):
            train_torch(self.data, self.run.settings, self.device, self.dtype, compare)

    def ask_to_stop(self) -> None:
        """Stop at the next step, or before the first if others are still ahead."""
        self.stop = True
        self.training.cancel()


def show_proof_button(settings: Settings) -> None:
    """A button that starts the proof of these settings and shows how it goes."""
    text = "Train the same settings with torch's own DataLoader, autograd and optimizer."
    st.button("Check against PyTorch", help=text, on_click=_start, args=(settings,))
    if "proof" in st.session_state:
        _dialog()


def _start(settings: Settings) -> None:
    st.session_state["proof"] = Proof(settings)


def _end() -> None:
    st.session_state.pop("proof").ask_to_stop()


@st.dialog("Check against PyTorch", on_dismiss=_end)
def _dialog() -> None:
    proof: Proof = st.session_state["proof"]
    st.markdown(
        "The charts come from a compiled loop. Here the same settings are trained once more with "
        "`nn.Linear`, `DataLoader`, autograd and `torch.optim`, and w and b compared at every step."
    )
    if proof.training.done():
        _show_result(proof)
    else:
        _show_progress(proof)


@st.fragment(run_every=0.2)
def _show_progress(proof: Proof) -> None:
    steps = len(proof.run)
    if proof.training.done():
        st.rerun()
    waiting = "" if proof.step else ": waiting for its turn"
    st.progress(proof.step / max(steps, 1), f"Step {proof.step:,} of {steps:,}{waiting}")
    st.button("Stop", on_click=proof.ask_to_stop)


def _show_result(proof: Proof) -> None:
    if proof.training.cancelled():
        st.warning("Stopped before its turn came.")
        return
    proof.training.result()  # what went wrong in torch is shown, not hidden
    steps = len(proof.run)
    if proof.step < steps:
        st.warning(f"Stopped after step {proof.step:,} of {steps:,}. Until then:")
    left, right = st.columns(2)
    left.metric("Largest difference in w", f"{proof.difference_w:.1e}")
    right.metric("Largest difference in b", f"{proof.difference_b:.1e}")
    left.metric(f"Compiled, {steps:,} steps", f"{proof.compiled_seconds * 1e3:.2f} ms")
    right.metric(f"PyTorch, {proof.step:,} steps", f"{proof.torch_seconds * 1e3:,.0f} ms")
    if proof.parted is not None:
        st.info(
            f"Equal to {PARTED:g} until step {proof.parted:,}. Steps as long as these throw a run "
            "about, and each amplifies the last digit, in which any two ways of adding up differ: "
            "from there on neither run is more right than the other."
        )
    st.caption(f"PyTorch on {proof.device.upper()} in {proof.dtype}, the compiled loop in float64.")
