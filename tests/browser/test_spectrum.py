"""spectrum.js: the spectrum of a run in the browser is the one that Python computes."""

from dataclasses import replace

import numpy as np
import pytest

from dashboard.shell.page import Chosen
from minibatch_core import (
    DataSettings,
    Settings,
    TrainSettings,
    make_dataset,
    trace_spectrum,
    train,
)
from minibatch_core.arrays import Floats
from minibatch_core.schedules import SCHEDULES
from minibatch_core.settings.train import SHUFFLES
from pages.in_order import compute as in_order
from tests.support.filled import all_filled, charts_of
from tests.support.in_node import array_of, in_node

LISTEN = """
    const listening = new it.Listening(Float64Array.from(trace), period)
    listening.advance()
    const { spectrum } = listening
    return spectrum && { ...spectrum, amplitude: bytes(spectrum.amplitude) }
"""


def noise(steps: int) -> Floats:
    return np.random.default_rng(steps).normal(size=steps)


TRACES = {
    "four epochs of two steps": (noise(8), 2),
    "five epochs and a part of one": (noise(37), 7),
    "odd epochs": (noise(39 * 11), 11),
    "as many steps as there can be": (noise(200_000), 2),
    "a prime number of epochs": (noise(3 * 9973 + 1), 3),
    "four epochs of 10,000 steps": (noise(40_000), 10_000),
    "a swing far smaller than the trend": (5.0 + np.arange(4000.0) + 1e-6 * noise(4000), 4),
    "an order that repeats": (np.tile(noise(25), 40), 25),
    "falling": (np.exp(-np.arange(900.0) / 20.0) * noise(900) ** 2, 9),
    "far away": (1e300 * noise(600), 6),
    "beyond what a number can be": (1.7e308 * np.tile([1.0, -1.0], 40), 2),
    "hardly there": (1e-300 * noise(600), 6),
    "diverging": (np.exp(np.arange(700.0)) * noise(700) ** 2, 7),
}


@pytest.mark.parametrize("name", TRACES)
def test_the_spectrum_of_a_trace_is_that_of_python(name: str) -> None:
    trace, period = TRACES[name]
    expected = trace_spectrum(trace, period)
    found = in_node("spectrum.js", LISTEN, trace=trace, period=period)
    assert expected is not None
    assert found["steps"] == expected.steps
    assert found["periodicShare"] == pytest.approx(expected.periodic_share, rel=1e-9)
    amplitude = array_of(found["amplitude"], "f8")
    finite = np.isfinite(expected.amplitude)
    assert (np.isfinite(amplitude) == finite).all()
    least = 1e-12 * expected.amplitude[finite].max()
    np.testing.assert_allclose(amplitude[finite], expected.amplitude[finite], 0.0, least)


@pytest.mark.parametrize(
    ("trace", "period"),
    [
        *((np.zeros(0), 3), (noise(100), 1), (noise(7), 2), (noise(39), 10)),
        *((np.zeros(40), 4), (np.full(40, 0.1), 4), (np.arange(40.0), 4)),
    ],
)
def test_there_is_none_where_python_has_none(trace: Floats, period: int) -> None:
    assert trace_spectrum(trace, period) is None
    assert in_node("spectrum.js", LISTEN, trace=trace, period=period) is None


USUAL = TrainSettings(epochs=60)
FAR = TrainSettings(optimizer="momentum", momentum=1.0, weight_decay=3.0, lr=40.0, loss="bce")
ASKED = {
    **{f"order {each}": Settings(train=replace(USUAL, shuffle=each)) for each in SHUFFLES},
    **{f"schedule {each}": Settings(train=replace(USUAL, schedule=each)) for each in SCHEDULES},
    "a short last minibatch": Settings(train=replace(USUAL, batch_size=30, shuffle="once")),
    "and none": Settings(train=replace(USUAL, batch_size=30, shuffle="once", drop_last=True)),
    **{
        f"diverging, B = {size}": Settings(train=replace(FAR, batch_size=size, epochs=60))
        for size in (10, 25, 99)
    },
    "all the data": Settings(train=replace(USUAL, batch_size=100)),
    "three epochs": Settings(train=replace(USUAL, epochs=3)),
    "four epochs": Settings(train=replace(USUAL, epochs=4)),
    "nothing moves": Settings(train=replace(USUAL, lr=0.0, init_w=0.0, init_b=0.0)),
    "10,000 points one by one": Settings(
        DataSettings(n=10_000), replace(USUAL, optimizer="sgd", batch_size=1, epochs=20)
    ),
    "10,000 points, 1,000 epochs": Settings(
        DataSettings(n=10_000), replace(USUAL, batch_size=9_999, epochs=300, shuffle="each_epoch")
    ),
}


def test_what_is_drawn_and_said_of_a_run_is_what_the_server_would() -> None:
    boards = [in_order(Chosen(settings)).board for settings in ASKED.values()]
    filled = all_filled([board.payload for board in boards])
    for (name, settings), board, view in zip(ASKED.items(), boards, filled, strict=True):
        (sent,) = [chart for chart in board.charts if chart.name == "spectrum"]
        drawn = charts_of(view)["spectrum"]
        assert drawn["note"] == sent.note, name
        assert drawn["answer"]["text"] == sent.answer, name
        (line,), (expected,) = drawn["data"], sent.figure["data"]
        assert len(line["x"]) == pytest.approx(len(expected["x"]), rel=0.1), name
        run = train(make_dataset(settings.data), settings.train)
        period = run.batches.steps_per_epoch
        spectrum = trace_spectrum(run.batch_loss, period)
        if spectrum is None:
            assert len(line["x"]) == 0, name
            continue
        # Of a long one some are drawn: among those that are alike but for rounding, any.
        places = np.rint(line["x"] / period * spectrum.steps).astype(int) - 1
        np.testing.assert_allclose(line["x"], spectrum.frequency[places] * period, 1e-6)
        least = 1e-6 * spectrum.amplitude.max()
        np.testing.assert_allclose(line["y"], spectrum.amplitude[places], 0.0, least, err_msg=name)
        assert line["y"].max() == pytest.approx(spectrum.amplitude.max(), abs=least), name
