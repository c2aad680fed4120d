"""The last epochs of a run, step by step."""

from dashboard.charts.live_chart import Chart
from dashboard.charts.notes import NOTES
from dashboard.charts.run import Trained
from dashboard.figures.run import late_loss_figure, late_starts, late_traces_figure
from minibatch_core import Run

__all__ = ["late_charts"]


def late_charts(shown: Trained) -> list[Chart]:
    """The minibatch losses, and w and b, step by step in the last epochs, of a run with a step."""
    run = shown.run
    return [
        Chart(
            "late_loss",
            _late_title(run),
            " ".join(_late_notes(run)),
            late_loss_figure(run),
            mark="losses",
            follows="late_losses",
        ),
        Chart(
            "late_traces",
            "w and b there",
            _epoch_note(run),
            late_traces_figure(run),
            mark="traces",
            follows="late_traces",
        ),
    ]


def _late_title(run: Run) -> str:
    if run.diverged_at is not None:
        return NOTES["late_diverged"]
    epochs = len(late_starts(run)) - 1
    return NOTES["late_epochs" if epochs > 1 else "late_epoch"].format(epochs=epochs)


def _late_notes(run: Run) -> list[str]:
    if len(late_starts(run)) == 2:
        return [_epoch_note(run)]
    if run.batches.steps_per_epoch == 1:
        return [NOTES["shaded"], _epoch_note(run)]
    shuffle = run.settings.shuffle
    anew = [NOTES[f"late_{shuffle}"]] if f"late_{shuffle}" in NOTES else []
    return [NOTES["shaded"], _epoch_note(run, "" if anew else "_again"), *anew]


def _epoch_note(run: Run, ending: str = "") -> str:
    steps = run.batches.steps_per_epoch
    return NOTES[f"epoch_has{ending}" if steps > 1 else "epoch_has_one"].format(steps=f"{steps:,}")
