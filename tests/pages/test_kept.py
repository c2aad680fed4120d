"""Kept runs on the Playground: their values, names, places on each axis, address and removal."""

from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest
from torch.utils.data import BatchSampler, SequentialSampler

from dashboard.figures.palette import RUNS, coloured
from dashboard.figures.parts import Figure
from dashboard.shell.names import differences, name_beside
from dashboard.shell.page import Chosen
from dashboard.shell.pins import MOST_PINS
from dashboard.shell.view_settings import UNITS, ViewSettings
from minibatch_core import DataSettings, Settings, TrainSettings, full_loss, make_dataset, train
from minibatch_core.engine.budgets import STEP_COST
from minibatch_core.engine.dataset import make_held_out
from minibatch_core.settings.address import to_address
from pages.playground import Playground, compute
from tests.support.filled import charts_of, filled
from tests.support.opened import boards, open_page

PRESENT = Settings(train=TrainSettings(batch_size=100))
ONE_AT_A_TIME = replace(PRESENT, train=replace(PRESENT.train, batch_size=1))
UGLY = [
    ONE_AT_A_TIME,
    Settings(
        DataSettings(n=61, noise=0.5, seed=7),
        TrainSettings(batch_size=60, epochs=90, shuffle="each_epoch", optimizer="sgd", lr=3.0),
    ),
    Settings(
        DataSettings(n=10, noise=0.5),
        TrainSettings(batch_size=3, epochs=7, shuffle="replacement", loss="bce"),
    ),
    Settings(
        DataSettings(n=100),
        TrainSettings(batch_size=30, drop_last=True, loss="bce_with_logits_on_sigmoid"),
    ),
]
DIVERGES = Settings(
    train=TrainSettings(loss="bce", optimizer="sgd", lr=100.0, weight_decay=50.0, epochs=100)
)
AT_ONCE = Settings(train=TrainSettings(eps=0.0, init_w=0.0, init_b=1000.0))  # 0 / 0


def with_kept(*kept: Settings, unit: str = "steps", present: Settings = PRESENT) -> Playground:
    return compute(Chosen(present, view=ViewSettings(unit=unit)), *kept)


def figures(shown: Playground) -> dict[str, Figure]:
    return {chart.name: chart.figure for chart in shown.board.charts}


def seen(shown: Playground) -> dict[str, Figure]:
    """The same as the browser shows them, the present run in them."""
    return charts_of(filled(shown.board.payload))


def of_run(figure: Figure, number: int) -> list[dict[str, Any]]:
    """The lines of a kept run, which have its colour."""
    return [
        trace for trace in figure["data"] if trace.get("line", {}).get("color") == RUNS[number - 1]
    ]


def places(settings: Settings, unit: str) -> NDArray[np.float64]:
    """Where each step of a run stands, and its end, by torch's own sampler."""
    of_epoch = BatchSampler(
        SequentialSampler(range(settings.data.n)),
        settings.train.batch_size,
        settings.train.drop_last,
    )
    sizes = [len(batch) for batch in of_epoch] * settings.train.epochs
    steps = np.arange(len(sizes) + 1, dtype=np.float64)
    if unit in ("examples", "time"):
        return np.cumsum([0.0, *sizes]) + (STEP_COST * steps if unit == "time" else 0.0)
    return steps / len(of_epoch) if unit == "epochs" else steps


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("settings", UGLY)
def test_a_kept_run_is_drawn_with_the_values_that_training_gives(
    settings: Settings, unit: str
) -> None:
    drawn = figures(with_kept(settings, unit=unit))
    data = make_dataset(settings.data)
    run = train(data, settings.train)
    at = places(settings, unit)
    expected = {
        ("loss", 0): run.batch_loss,
        ("loss", 1): full_loss(data, run.w, run.b, settings.train.loss),
        ("loss", 2): full_loss(make_held_out(settings.data), run.w, run.b, settings.train.loss),
        ("traces", 0): run.w,
        ("traces", 1): run.b,
    }
    for (chart, number), values in expected.items():
        line = of_run(drawn[chart], 1)[number]
        steps = np.abs(at[None, :] - np.asarray(line["x"])[:, None]).argmin(axis=1)
        np.testing.assert_allclose(line["x"], at[steps], rtol=1e-6)
        np.testing.assert_allclose(line["y"], values[steps], rtol=1e-6)
        assert steps[0] == 0
        assert steps[-1] == len(values) - 1
        assert np.all(np.diff(steps) > 0)
    faint = of_run(drawn["loss"], 1)[0]["y"]
    assert [faint.min(), faint.max()] == pytest.approx(
        [run.batch_loss.min(), run.batch_loss.max()], rel=1e-6
    )
    (path,) = of_run(drawn["surface"], 1)
    ends = [path["x"][0], path["y"][0], path["x"][-1], path["y"][-1]]
    assert ends == pytest.approx([run.b[0], run.w[0], run.b[-1], run.w[-1]], rel=1e-6)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("settings", UGLY)
def test_the_present_run_is_counted_in_the_same_unit(settings: Settings, unit: str) -> None:
    drawn = seen(with_kept(unit=unit, present=settings))
    at = places(settings, unit)
    run = train(make_dataset(settings.data), settings.train)
    everything, w = drawn["loss"]["data"][1], drawn["traces"]["data"][0]
    for line, values in (
        (everything, full_loss(make_dataset(settings.data), run.w, run.b, settings.train.loss)),
        (w, run.w),
    ):
        steps = np.abs(at[None, :] - np.asarray(line["x"])[:, None]).argmin(axis=1)
        np.testing.assert_allclose(line["x"], at[steps], rtol=1e-6)
        np.testing.assert_allclose(line["y"], values[steps], rtol=1e-6)
    title = drawn["loss"]["layout"]["xaxis"]["title"]["text"]
    assert (
        title
        == {"steps": "step", "epochs": "epochs", "examples": "examples seen", "time": "time"}[unit]
    )


@pytest.mark.parametrize(("unit", "end"), [("epochs", 50.0), ("examples", 5000.0)])
def test_runs_of_one_and_of_all_points_end_at_one_place_with_one_range_of_losses(
    unit: str, end: float
) -> None:
    after = seen(with_kept(ONE_AT_A_TIME, unit=unit))["loss"]
    before = seen(with_kept(unit=unit, present=ONE_AT_A_TIME))["loss"]
    assert {float(line["x"][-1]) for line in after["data"] if "all the data" in line["name"]} == {
        end
    }
    highest = [max(float(line["y"].max()) for line in each["data"]) for each in (before, after)]
    assert highest[0] == highest[1]  # the axis does not jump when B goes from 1 to 100
    assert "range" not in after["layout"]["yaxis"]


def test_a_kept_run_is_told_from_the_present_one_by_more_than_its_colour() -> None:
    drawn = figures(with_kept(*UGLY))
    for number in range(1, len(UGLY) + 1):
        faint, dashed, dotted = of_run(drawn["loss"], number)
        assert faint["opacity"] < 0.5
        assert faint["line"]["width"] < drawn["loss"]["data"][0]["line"]["width"]
        assert dotted["line"]["dash"] == "dot"
        assert dotted["line"]["width"] < drawn["loss"]["data"][2]["line"]["width"]
        for line in (dashed, *of_run(drawn["traces"], number)):
            assert line["line"]["dash"] == "dash"
            assert line["line"]["width"] < 1.8
        for line in (faint, dashed, dotted, *of_run(drawn["traces"], number)):
            assert f"<extra>{number}: " in line["hovertemplate"]
            assert line["zorder"] < 0
        (path,) = of_run(drawn["surface"], number)
        assert path["hovertemplate"].startswith(f"{number}: ")
    for figure in (drawn["loss"], drawn["traces"], drawn["surface"]):
        go.Figure(coloured(figure))


def test_without_kept_runs_there_is_nothing_more_to_draw() -> None:
    drawn = seen(with_kept())
    assert [len(drawn[name]["data"]) for name in ("loss", "traces", "surface")] == [3, 2, 4]
    same = seen(with_kept(PRESENT))  # the run that is shown is not drawn twice
    assert [len(same[name]["data"]) for name in ("loss", "traces", "surface")] == [3, 2, 4]


def test_the_surface_holds_the_path_of_a_kept_run_that_is_not_too_far() -> None:
    def ends(*kept: Settings) -> list[float]:
        across, up = (seen(with_kept(*kept))["surface"]["layout"][f"{a}axis"] for a in "xy")
        return [*across["range"], *up["range"]]

    start = replace(PRESENT, train=replace(PRESENT.train, init_w=12.0, init_b=-9.0))
    lost = replace(PRESENT, train=replace(PRESENT.train, init_w=500.0))
    assert ends() == ends(lost) == [-6.0, 4.0, -4.0, 6.0]
    left, right, bottom, top = ends(start)
    assert left <= -9.0 <= right
    assert bottom <= 12.0 <= top


def test_a_kept_run_that_diverges_leaves_the_present_one_to_be_seen() -> None:
    shown = with_kept(DIVERGES)
    drawn = seen(shown)
    run = train(make_dataset(), DIVERGES.train)
    assert run.diverged_at is not None
    faint = of_run(drawn["loss"], 1)[0]
    assert faint["y"].max() == pytest.approx(run.batch_loss.max(), rel=1e-6)
    own = max(float(line["y"].max()) for line in drawn["loss"]["data"][:2])
    low, high = drawn["loss"]["layout"]["yaxis"]["range"]
    assert low == 0.0
    assert own < high <= 4.0 * own * (1 + 1e-6)
    present = train(make_dataset(), PRESENT.train)
    for number, values in (("", present.w), ("2", present.b)):
        low, high = drawn["traces"]["layout"][f"yaxis{number}"]["range"]
        assert low < values.min()
        assert values.max() < high
        assert high - low < 30.0
    assert f"Run 1 diverged at step {run.diverged_at}" in " ".join(shown.remarks)
    assert "Double-click" in " ".join(shown.remarks)
    far = np.flatnonzero(np.maximum(np.abs(run.w), np.abs(run.b)) > 1e6)
    cut = [each for each in shown.remarks if each.startswith("w and b of run 1 are drawn up to")]
    assert len(cut) == (len(far) > 0)
    assert all(f"up to step {far[0] - 1:,}, before" in each for each in cut)
    (w,) = of_run(drawn["traces"], 1)[:1]
    assert np.abs(w["y"]).max() <= 1e6


@pytest.mark.parametrize("kept", [DIVERGES, AT_ONCE])
@pytest.mark.parametrize("present", [DIVERGES, AT_ONCE, PRESENT])
@pytest.mark.parametrize("unit", UNITS)
def test_runs_that_diverge_are_kept_and_drawn(kept: Settings, present: Settings, unit: str) -> None:
    shown = with_kept(kept, ONE_AT_A_TIME, unit=unit, present=present)
    assert shown.board.payload
    for chart in shown.board.charts:
        go.Figure(coloured(chart.figure))


def said(kept: Settings, unit: str = "epochs") -> str:
    return " ".join(with_kept(kept, unit=unit).remarks)


def test_what_stands_in_the_way_of_comparing_is_said_and_nothing_else() -> None:
    assert said(ONE_AT_A_TIME) == ""
    assert said(PRESENT, "steps") == ""
    assert "choose *Epochs* or *Examples seen*" in said(ONE_AT_A_TIME, "steps")
    longer = replace(PRESENT, train=replace(PRESENT.train, epochs=200))
    assert said(longer, "steps") == ""
    other = replace(PRESENT, data=DataSettings(seed=2))
    assert said(other).startswith("Run 1 was trained on other data")
    bce = replace(PRESENT, train=replace(PRESENT.train, loss="bce"))
    assert "another loss: its curve is BCE, and its height can't be compared with MSE" in said(bce)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"batch_size": 1}, "B = 1"),
        ({"batch_size": 1, "optimizer": "sgd", "lr": 0.5}, "B = 1, SGD, lr = 0.5"),
        ({"randn_before_model": 2}, "torch.randn(1) before the model = 2"),
        ({"drop_last": True}, "drop the last short batch = yes"),
        ({"shuffle": "replacement"}, "shuffling = Replacement"),
        ({"beta1": 0.9}, "as now"),  # torch's default, said aloud
        ({"momentum": 0.5}, "as now"),  # Adam has none
        ({"beta1": 0.5}, "betas[0] = 0.5"),
        ({"init_w": 2.0}, "start w = 2"),
    ],
)
def test_a_kept_run_is_called_by_what_it_has_and_the_present_one_has_not(
    change: dict[str, Any], name: str
) -> None:
    kept = replace(PRESENT, train=replace(PRESENT.train, **change))
    assert name_beside(kept, PRESENT) == name
    assert (name == "as now") == (not differences(kept, PRESENT))
    runs = [train(make_dataset(), each.train) for each in (kept, PRESENT)]
    if name == "as now":
        assert runs[0].w.tolist() == runs[1].w.tolist()


def test_a_name_that_leaves_something_out_says_so() -> None:
    for kept in UGLY:
        name, all_of_it = name_beside(kept, PRESENT), differences(kept, PRESENT)
        assert name.endswith("…") == (len(", ".join(all_of_it)) > 40)


# The page.


def chips(test: AppTest) -> list[str]:
    """What the buttons say that stand for kept runs, without their line of colour."""
    return [
        button.label.split("} ")[1]
        for button in test.button
        if (button.key or "").startswith("kept")
    ]


def press(test: AppTest, label: str) -> None:
    (button,) = [button for button in test.button if label in button.label]
    button.click().run()
    assert not test.exception


def test_keeping_a_curve_leaves_it_while_settings_go_on_and_the_address_opens_the_same() -> None:
    test = open_page("playground", bs="1")
    press(test, "Keep this curve")
    assert chips(test) == ["1: as now ✕"]
    test.number_input(key="bs").set_value(100).run()
    test.selectbox(key="unit").set_value("epochs").run()
    assert chips(test) == ["1: B = 1 ✕"]
    press(test, "Keep this curve")
    test.number_input(key="ep").set_value(9).run()
    assert chips(test) == ["1: B = 1, epochs = 50 ✕", "2: epochs = 50 ✕"]
    pins = test.query_params["pins"]
    assert pins == "bs=1|bs=100"
    again = open_page("playground", pins=pins, bs="100", ep="9", unit="Epochs")
    assert chips(again) == chips(test)
    assert [bytes(each.proto.bytes) for each in again.get("bidi_component")] == [
        bytes(each.proto.bytes) for each in test.get("bidi_component")
    ]


def test_kept_runs_are_removed_one_by_one_or_all_at_once() -> None:
    test = open_page("playground", pins="bs=1|bs=5|default")
    assert chips(test) == ["1: B = 1 ✕", "2: B = 5 ✕", "3: as now ✕"]
    press(test, "1: B = 1")
    assert chips(test) == ["1: B = 5 ✕", "2: as now ✕"]
    assert test.query_params["pins"] == "bs=5|default"
    press(test, "Remove all")
    assert chips(test) == []
    assert "pins" not in test.query_params
    (board,) = boards(test)
    assert len(board["charts"][0]["data"]) == 3


def test_a_kept_run_that_cannot_be_is_told_and_the_others_are_shown() -> None:
    wrong = ["bs=0", "lr=fast", "bs=5", "what=1", "n=10&bs=11", ""]
    test = open_page("playground", pins="|".join(wrong))
    assert chips(test) == ["1: B = 5 ✕", "2: as now ✕"]
    told = [warning.value for warning in test.warning]
    assert [each.partition(": ")[0] for each in told] == [
        f"The {ordinal} run in the address is ignored" for ordinal in ("1st", "2nd", "4th", "5th")
    ]
    assert told[0].endswith(": *Batch size B* should be between 1 and 10,000, but got 0.")
    assert told[1].endswith(
        ": *Learning rate* should be a number between 0 and 1,000, but got 'fast'."
    )
    assert told[3].endswith(": *Batch size B* should be between 1 and N = 10, but got 11.")
    assert told[2].endswith(": no setting has the key 'what'; leave it out.")
    many = open_page("playground", pins="|".join(f"bs={k}" for k in range(1, 9)))
    assert len(chips(many)) == MOST_PINS
    assert many.warning[0].value == "The address pins more than 6 runs; the rest is left out."
    press(many, "Keep this curve")
    assert len(chips(many)) == MOST_PINS
    assert "6 runs are kept already" in many.toast[0].value


def test_a_run_is_kept_once() -> None:
    test = open_page("playground", pins="default")
    press(test, "Keep this curve")
    assert chips(test) == ["1: as now ✕"]
    assert "kept already" in test.toast[0].value


def test_what_is_kept_on_the_playground_is_compared_on_compare() -> None:
    runs = "|".join(to_address(run) for run in UGLY)
    test = open_page("compare", pins=runs)
    colours = [line["line"]["color"] for line in boards(test)[0]["charts"][0]["data"]]
    assert colours == list(RUNS[: len(UGLY)])
    drawn = [
        of_run(figure, 1)
        for figure in boards(open_page("playground", pins=runs))[0]["charts"]
        if figure["name"] == "traces"
    ]
    assert len(drawn[0]) == 2
