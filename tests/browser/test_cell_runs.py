"""The runs of a sweep's cell beside the pointer: they are those that the sweep has trained."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from dashboard.jobs.sweeps import Sweep
from dashboard.shell.registry import PAGES
from minibatch_core import DataSettings, Settings, SweepSettings
from minibatch_core.engine.budgets import Budget
from pages.sweep import shown_of
from tests.support.drawn import wait_for_drawn, with_axes
from tests.support.in_node import in_node
from tests.support.opened import decode
from tests.support.swept import finished

OPENING = PAGES["sweep"].settings
FEW: dict[str, Any] = {"across_count": 3, "up_count": 3, "runs": 3}

# The cells of every row, each with the curves of its runs.
TRAINED = """
    const cells = { ...sent, epochs: sent.epochs.map((row) => Int32Array.from(row)) }
    return cells.up.values.map((_, row) => cells.across.values.map((_, column) => {
      const runs = new it.CellRuns(cells, { row, column })
      runs.advance()
      return runs.curves.map(({ steps, losses, divergedAt }) =>
        ({ first: losses[0], last: losses.at(-1), end: steps.at(-1), divergedAt }))
    }))
"""


def curves_of(swept: Sweep) -> list[list[list[dict[str, Any]]]]:
    cells = decode(shown_of(swept, "viridis").board.payload)["cells"]
    sent = {**cells, "targets": None}  # which no run depends on
    found: list[list[list[dict[str, Any]]]] = in_node("cell_runs.js", TRAINED, sent=sent)
    return found


def changed(**values: Any) -> Settings:
    return replace(OPENING, train=replace(OPENING.train, epochs=5, **values))


# Where the last digit of exp decides where a run goes, as at lr 300, a browser has another run.
CASES = [
    (OPENING, SweepSettings(up_to=10.0, **FEW), Budget()),
    (changed(batch_size=30), SweepSettings(up_to=10.0, **FEW), Budget("steps")),
    (changed(seed=2**32 - 2), SweepSettings(**FEW), Budget("examples")),
    (changed(), SweepSettings(across="n", up="noise", **FEW), Budget("steps")),
    (changed(), SweepSettings(across="n", up="loss", **FEW), Budget("time", 20)),
    (changed(optimizer="adam"), SweepSettings(across="beta1", up="eps", **FEW), Budget()),
    (changed(), SweepSettings(across="schedule", up="optimizer", runs=2), Budget("steps")),
    (changed(), SweepSettings(across="shuffle", up="epochs", **FEW), Budget()),
    (changed(), SweepSettings(across="init_w", up="init_b", **FEW), Budget()),
    (
        changed(optimizer="momentum", loss="bce", batch_size=7, drop_last=True),
        SweepSettings(across="momentum", up="weight_decay", up_to=30.0, **FEW),
        Budget("examples"),
    ),
    (
        replace(changed(lr=900.0, loss="bce"), data=DataSettings(n=13, stored="class")),
        SweepSettings(across="weight_decay", across_to=100.0, up="batch_size", **FEW),
        Budget(),
    ),
]


@pytest.mark.parametrize(
    ("settings", "sweep", "budget"), CASES, ids=[f"{c[1].across}-{c[1].up}" for c in CASES]
)
def test_a_cells_curves_are_those_of_the_runs_that_were_swept(
    settings: Settings, sweep: SweepSettings, budget: Budget
) -> None:
    swept = finished(settings, sweep, budget)
    curves = curves_of(swept)
    diverged = 0
    for (i, j, k), loss in np.ndenumerate(swept.kept["loss"]):
        curve = curves[i][j][k]
        assert (curve["divergedAt"] is None) == np.isfinite(loss)
        diverged += curve["divergedAt"] is not None
        if np.isfinite(loss):
            assert curve["last"] == pytest.approx(loss, rel=1e-9)
            assert curve["end"] == swept.kept["steps"][i, j, k] == swept.steps[i, j]
    assert (diverged > 0) == (settings.train.lr == 900.0)


def test_a_budget_that_ends_within_an_epoch_is_among_the_cases() -> None:
    def ends_within(swept: Sweep) -> bool:
        whole = [
            [-(-cell.data.n // cell.train.batch_size) * cell.train.epochs for cell in row]
            for row in swept.cells
        ]
        return bool((np.array(whole) > swept.steps).any())

    assert any(ends_within(finished(*case)) for case in CASES)


@pytest.mark.parametrize(
    ("losses", "target"),
    [([0.3, 0.2, 0.19], 0.1), ([0.3, 0.2], 0.25), ([0.3, 0.2], 5.0), ([0.3, 0.3], 0.3)],
)
def test_the_picture_of_a_cell_holds_the_target(losses: list[float], target: float) -> None:
    curve = {"steps": list(range(len(losses))), "losses": losses}
    low, high = in_node(
        "cell_runs.js", "return it.rangeOf([curve], target)", curve=curve, target=target
    )
    assert low < min(target, *losses)
    assert high > max(target, *losses)
    without = in_node("cell_runs.js", "return it.rangeOf([curve], NaN)", curve=curve)
    assert without[0] < min(losses) <= max(losses) < without[1]


def open_sweep(page: Page, server: str, address: str = "") -> None:
    page.goto(f"{server}/sweep?ep_sweep=4&sxn_sweep=3&syn_sweep=3&runs_sweep=5{address}")
    expect(page.get_by_text("45 of 45", exact=True)).to_be_visible(timeout=60_000)
    wait_for_drawn(page)


def point_at(page: Page, chart: str, column: float, row: float) -> None:
    across, up = with_axes(page, chart, f"return [axes.x({column}), axes.y({row})]")
    box = page.locator(f"[data-chart={chart}]").bounding_box()
    assert box
    page.mouse.move(box["x"] + across - 2, box["y"] + up)
    page.mouse.move(box["x"] + across, box["y"] + up)


def test_the_pointer_on_a_cell_shows_its_runs_and_asks_the_server_for_nothing(
    page: Page, server: str
) -> None:
    open_sweep(page, server)
    panel = page.locator(".cell-runs")
    expect(panel).to_be_hidden()
    sent: list[str] = []
    page.on("websocket", lambda socket: sent.append(socket.url))
    page.on("request", lambda request: sent.append(request.url))
    for chart, column, row, names, value in (
        ("loss", 0, 2, "Batch size B 1, Learning rate 300", "Loss on all the data: 0."),
        ("loss", 1, 0, "Batch size B 10, Learning rate 0.03", "Loss on all the data: 0."),
        ("time", 2, 1, "Batch size B 100, Learning rate 3", "Time to train: 0."),
    ):
        page.locator(f"[data-chart={chart}]").scroll_into_view_if_needed()
        point_at(page, chart, column, row)
        expect(panel.locator("b")).to_have_text(names)
        expect(panel.locator("em")).to_contain_text(value)
        expect(panel.locator("span")).to_contain_text(
            "The loss on all the data in the cell's 5 runs. Thick line: the first."
        )
        box = panel.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 1366
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 768
    assert sent == []
    page.mouse.move(5, 5)
    expect(panel).to_be_hidden()


def test_a_cells_runs_go_with_the_page(page: Page, server: str) -> None:
    open_sweep(page, server)
    page.locator("[data-chart=loss]").scroll_into_view_if_needed()
    point_at(page, "loss", 1, 1)
    expect(page.locator(".cell-runs")).to_be_visible()
    page.mouse.down()
    page.mouse.up()
    expect(page.locator("section.player")).to_be_visible()
    expect(page.locator(".cell-runs:visible")).to_have_count(0)


def test_a_finger_brings_no_panel(phone: Page, server: str) -> None:
    open_sweep(phone, server)
    plot = phone.locator("[data-chart=loss]")
    plot.scroll_into_view_if_needed()
    across, up = with_axes(phone, "loss", "return [axes.x(1), axes.y(1)]")
    box = plot.bounding_box()
    assert box
    phone.touchscreen.tap(box["x"] + across, box["y"] + up)
    wait_for_drawn(phone)
    expect(phone.locator(".cell-runs:visible")).to_have_count(0)
