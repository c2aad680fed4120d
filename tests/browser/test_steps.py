"""steps.js: what there is to know of a step."""

from typing import Any

import numpy as np
import pytest

from dashboard.charts.run import trained
from dashboard.shell.view_settings import UNITS
from minibatch_core import Dataset, DataSettings, Settings, TrainSettings, full_loss
from minibatch_core.engine.budgets import Budget, spent
from tests.support.in_node import RUN, in_node
from tests.support.opened import run_of

SETTINGS = Settings(
    DataSettings(n=60), TrainSettings(batch_size=7, epochs=30, shuffle="each_epoch", loss="bce")
)


def at_steps(settings: Settings, steps: list[int], code: str) -> list[Any]:
    """What the code returns of `run` and `state` at each step."""
    whole = f"{RUN} return steps.map((step) => {{ const state = it.stateAt(run, step); {code} }})"
    found: list[Any] = in_node("steps.js", whole, sent=run_of(settings), steps=steps)
    return found


def test_a_state_is_that_of_the_run() -> None:
    run, data = trained(SETTINGS).run, trained(SETTINGS).data
    steps = [0, 8, 9, 137, len(run) - 1]
    losses = full_loss(data, run.w, run.b, "bce")
    code = """
        const { epoch, j, points, own, all, ownNext, allNext, atEnd } = state
        return [epoch, j, [...points], own.loss, all.loss, allNext, atEnd, typeof ownNext]
    """
    for step, found in zip(steps, at_steps(SETTINGS, steps, code), strict=True):
        points = run.batches[step].tolist()
        assert found[:3] == [step // 9, step % 9, points]
        assert found[3:6] == pytest.approx(
            [run.batch_loss[step], losses[step], losses[step + 1]], abs=1e-12
        )
        assert found[6:] == [False, "number"]


def test_the_end_has_no_step_and_no_minibatch_of_its_own() -> None:
    code = "return [state.atEnd, state.move ?? null, Object.fromEntries(it.entriesOf(run, state))]"
    ((at_end, move, entries),) = at_steps(SETTINGS, [270], code)
    assert at_end
    assert move is None
    assert [label for label, value in entries.items() if value == "–"] == [
        "Minibatch",
        "Minibatch loss",
        "Minibatch ∂w, ∂b",
    ]


@pytest.mark.parametrize("batch_size", [7, 59, 60])
def test_at_the_end_the_last_minibatchs_loss_is_known_before_its_step_and_after(
    batch_size: int,
) -> None:
    settings = Settings(SETTINGS.data, TrainSettings(batch_size=batch_size, epochs=3, loss="bce"))
    run, data = trained(settings).run, trained(settings).data
    code = "return [state.ownBefore, state.own.loss]"
    (found,) = at_steps(settings, [len(run)], code)
    last = run.batches[-1]
    own = Dataset(data.x[last], data.y[last])
    after = full_loss(own, run.w[-1:], run.b[-1:], "bce")[0]
    assert found == pytest.approx([run.batch_loss[-1], after], abs=1e-12)


def test_of_a_full_batch_nothing_is_said_twice() -> None:
    settings = Settings(train=TrainSettings(batch_size=100))
    ((same, labels),) = at_steps(
        settings, [3], "return [state.own === state.all, it.entriesOf(run, state).map(([l]) => l)]"
    )
    assert same
    assert labels == ["Step", "Epoch", "Loss, all data", "w", "b", "All data ∂w, ∂b"]


def test_a_run_that_diverges_says_so_at_its_end() -> None:
    diverges = TrainSettings(optimizer="sgd", lr=100.0, weight_decay=50.0, epochs=100)
    code = "return [it.entriesOf(run, state)[0], it.sentenceOf(run, state)]"
    ((entry, sentence),) = at_steps(Settings(train=diverges), [83], code)
    assert entry == ["Step", "83", " diverges"]
    assert sentence.startswith("Step 83 diverges, before it: loss on all the data ")


def test_only_the_orders_of_two_epochs_are_kept() -> None:
    found = at_steps(SETTINGS, [0, 9, 18, 27], "return [...run.orders.keys()]")
    assert found == [[0], [0, 1], [2], [2, 3]]


UNEVEN = [
    SETTINGS,
    Settings(DataSettings(n=61), TrainSettings(batch_size=60, epochs=9, shuffle="replacement")),
    Settings(DataSettings(n=100), TrainSettings(batch_size=30, epochs=9, drop_last=True)),
    Settings(DataSettings(n=10), TrainSettings(batch_size=10, epochs=9)),
    Settings(DataSettings(n=10), TrainSettings(batch_size=1, epochs=9)),
]
"""Runs whose epochs end with a short minibatch, and such as have none."""


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("settings", UNEVEN)
def test_a_step_stands_where_the_figures_have_it_and_is_found_there(
    settings: Settings, unit: str
) -> None:
    batches = trained(settings).run.batches
    places = spent(np.arange(len(batches) + 1), batches, Budget(unit, 13))
    between = np.random.default_rng(3).uniform(0.0, places[-1], 200)
    code = f"""{RUN}
        run.unit = unit
        run.step_cost = 13
        const steps = Array.from(run.w, (_, step) => step)
        const rounded = places.map(Math.fround)  // as figures are sent
        return [
          steps.map((step) => it.placeOf(run, step)),
          rounded.map((place) => it.stepNear(run, place)),
          between.map((place) => it.stepNear(run, place)),
        ]
    """
    sent = run_of(settings)
    there, found, nearest = in_node(
        "steps.js", code, sent=sent, unit=unit, places=places, between=between
    )
    assert there == pytest.approx(places.tolist(), rel=1e-12)
    assert found == list(range(len(places)))
    away = np.abs(places[None, :] - between[:, None])
    np.testing.assert_allclose(away[np.arange(len(between)), nearest], away.min(axis=1))


def test_a_run_that_is_played_elsewhere_counts_in_steps() -> None:
    assert run_of(SETTINGS)["settings"]["looks"] == {}
    (unit,) = at_steps(SETTINGS, [0], "return run.unit")
    assert unit == "steps"
