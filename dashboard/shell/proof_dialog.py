"""The button that checks the settings against PyTorch, and the dialog that says how it goes."""

import streamlit as st

from dashboard.jobs.proof import PARTED, Proof
from dashboard.shell.session import session
from minibatch_core import Settings
from minibatch_core.words import plain, rounded

__all__ = ["show_proof_button"]


def show_proof_button(settings: Settings) -> None:
    """A button that starts the proof of these settings and shows how it goes."""
    text = "Train the same settings with torch's own DataLoader, autograd and optimizer."
    st.button("Check against PyTorch", help=text, on_click=_start, args=(settings,))
    if session().proof is not None:
        _dialog()


def _start(settings: Settings) -> None:
    session().proof = Proof(settings)


def _end() -> None:
    kept = session()
    if kept.proof is not None:
        kept.proof.ask_to_stop()
    kept.proof = None


@st.dialog("Check against PyTorch", on_dismiss=_end)
def _dialog() -> None:
    proof = session().proof
    if proof is None:
        return
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
    left.metric("Largest difference in w", rounded(proof.difference_w, 2))
    right.metric("Largest difference in b", rounded(proof.difference_b, 2))
    left.metric(f"Compiled, {steps:,} steps", f"{proof.compiled_seconds * 1e3:.2f} ms")
    right.metric(f"PyTorch, {proof.step:,} steps", f"{proof.torch_seconds * 1e3:,.0f} ms")
    if proof.parted is not None:
        st.info(
            f"Equal to {plain(PARTED)} until step {proof.parted:,}. Steps as long as these throw a "
            "run about, and each amplifies the last digit, in which any two ways of adding up "
            "differ: from there on neither run is more right than the other."
        )
    st.caption(
        "Where w or b is above 1 in size, the differences are divided by that size. "
        f"PyTorch ran on {proof.device.upper()} in {proof.dtype}, the compiled loop in float64."
    )
