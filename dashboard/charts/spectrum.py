"""How strongly the minibatch loss of a run swings, from slow swings to fast ones."""

from dashboard.charts.live_chart import Chart
from dashboard.charts.notes import NOTES
from dashboard.figures.spectrum import spectrum_figure
from minibatch_core import Run, Spectrum
from minibatch_core.theory.spectrum import FEWEST_EPOCHS
from minibatch_core.words import percent, sentences

__all__ = ["spectrum_chart"]


def spectrum_chart(run: Run, spectrum: Spectrum | None, answer: str = "") -> Chart:
    """The spectrum of a run, or why there is none."""
    period = run.batches.steps_per_epoch
    if spectrum is None:
        note = _why_there_is_none(len(run), period)
    else:
        note = sentences(NOTES["repeated"].format(share=percent(spectrum.periodic_share)))
    figure = spectrum_figure(spectrum, period)
    return Chart("spectrum", "Spectrum", note, figure, follows="spectrum", answer=answer)


def _why_there_is_none(steps: int, period: int) -> str:
    if period == 1:
        return NOTES["no_order"]
    return NOTES["few_epochs" if steps < FEWEST_EPOCHS * period else "no_swing"]
