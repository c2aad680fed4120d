"""The dashboard's script without a browser: controls, presets, addresses, repairs."""

import re
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.figures.palette import SCALES, colour_stops, coloured
from dashboard.jobs.proof import PARTED, Proof
from dashboard.shell.controls import SETTINGS
from dashboard.shell.presets import PRESETS
from dashboard.shell.registry import PAGES
from minibatch_core import (
    NOTEBOOK_PRESETS,
    DataSettings,
    Settings,
    TrainSettings,
    make_dataset,
    train,
    train_torch,
)
from tests.conftest import ROOT
from tests.support.computed import computed
from tests.support.filled import charts_of, filled
from tests.support.opened import end_of_run, head_of, open_page


def app(**query_params: str) -> AppTest:
    return open_page("playground", **query_params)


def playground(settings: Settings, scale: str = "viridis") -> Any:
    return computed("playground", settings, scale=scale)


def payload(test: AppTest) -> bytes:
    (sent,) = [sent.proto.bytes for sent in test.get("bidi_component") if sent.proto.bytes]
    return bytes(sent)


def test_the_dashboard_opens_on_the_notebooks_minibatches() -> None:
    test = app()
    assert end_of_run(test) == {"Steps": "200", "w": "3.2215", "b": "-2.9300"}
    loss = charts_of(filled(payload(test)))["loss"]
    assert "All the data: from 0.2732 to 0.0927." in loss["note"]


@pytest.mark.parametrize("name", PAGES)
def test_what_is_said_of_a_control_speaks_of_no_other_that_the_page_lacks(name: str) -> None:
    controls = PAGES[name].controls
    labels = {SETTINGS[key].label for key in controls}
    for key in controls:
        says = SETTINGS[key].help_beside(controls)
        assert {each.split(":")[0] for each in re.findall(r"\*([^*]+)\*", says)} <= labels
        for word, other in {"With a schedule": "sched", "RMSprop adds": "opt"}.items():
            assert (word in says) <= (other in controls), key
        assert ("shuffled points" in says) <= ("bs" in controls), key


def test_a_first_view_reads_no_pandas() -> None:
    code = (
        "import sys\n"
        "from tests.support.opened import open_page\n"
        "assert not open_page('playground').exception\n"
        "print('pandas' in sys.modules, 'torch' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["False", "True"]


def test_the_batch_size_slider_moves_the_box_and_the_run() -> None:
    test = app()
    test.select_slider(key="bs_slider").set_value(5).run()
    assert not test.exception
    assert test.number_input(key="bs").value == 5
    assert end_of_run(test)["Steps"] == "1,000"


def test_the_box_takes_values_between_the_stops_and_the_slider_follows() -> None:
    test = app()
    test.number_input(key="bs").set_value(37).run()
    assert test.select_slider(key="bs_slider").value == 37
    assert end_of_run(test)["Steps"] == "150"


PRESSED = """
import streamlit as st
from dashboard.main import draw
from dashboard.shell.acts import load_preset

if "pressed" in st.session_state:
    load_preset(st.session_state["pressed"])
draw()
"""
"""The dashboard, in which a preset was chosen: AppTest cannot choose in a menu itself."""


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_loads_all_its_settings(name: str) -> None:
    test = AppTest.from_string(PRESSED, default_timeout=60)
    for key, text in {"n": "50", "opt": "AdamW", "wd": "0.2", "lr": "0.001", "bs": "7"}.items():
        test.query_params[key] = text
    test.run()
    test.session_state["pressed"] = name
    test.run()
    assert not test.exception
    assert payload(test) == playground(PRESETS[name]).board.payload


@pytest.mark.parametrize("number", range(1, 1 + len(NOTEBOOK_PRESETS)))
def test_a_button_loads_the_run_of_a_section(number: int) -> None:
    test = app(n="50", opt="AdamW", bs="7")
    (button,) = [each for each in test.button if each.label == f"§{number}"]
    button.click().run()
    run = list(NOTEBOOK_PRESETS.values())[number - 1]
    assert payload(test) == playground(run).board.payload


def test_an_address_restores_every_setting_in_the_first_run() -> None:
    test = app(
        n="60", noise="0.2", dseed="9", sort="Sorted by x", loss="BCE", opt="NAdam", lr="0.07",
        bs="13", ep="31", shuf="Replacement", drop="true", seed="5", w0="1.5", b0="-2", pre="1",
        sched="One cycle", b1="0.8", b2="0.95", eps="1e-06", wd="0.03", md="0.01", scale="Cividis",
    )  # fmt: skip
    expected = Settings(
        DataSettings(n=60, noise=0.2, seed=9, stored="x"),
        TrainSettings(
            loss="bce",
            optimizer="nadam",
            lr=0.07,
            schedule="one_cycle",
            batch_size=13,
            epochs=31,
            shuffle="replacement",
            drop_last=True,
            seed=5,
            init_w=1.5,
            init_b=-2.0,
            randn_before_model=1,
            beta1=0.8,
            beta2=0.95,
            eps=1e-6,
            weight_decay=0.03,
            momentum_decay=0.01,
        ),
    )
    view = playground(expected, "cividis")
    assert payload(test) == view.board.payload
    assert view.summary.endswith("31 epochs, 124 steps. The schedule is One cycle.")
    assert not test.warning


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("bs", "0"),
        ("bs", "2.5"),
        ("bs", "many"),
        ("lr", "nan"),
        ("lr", "-1"),
        ("opt", "Lion"),
        ("sched", "one_cycle"),
        ("noise", "7"),
        ("drop", "perhaps"),
        ("n", "1e9"),
        ("seed", ""),
        ("scale", "Jet"),
    ],
)
def test_a_bad_value_in_an_address_is_the_default_and_the_page_says_so(key: str, text: str) -> None:
    test = app(**{key: text})
    assert end_of_run(test)["w"] == "3.2215"
    assert len(test.warning) == 1
    assert test.warning[0].value.startswith(f"Ignored in the address: {key} should be ")


def test_the_notice_goes_when_something_else_is_changed() -> None:
    test = app(bs="0")
    assert test.warning
    test.number_input(key="bs").set_value(10).run()
    assert not test.warning


def test_a_notice_that_was_seen_does_not_come_back_with_the_next() -> None:
    test = app(lr="-1")
    assert len(test.warning) == 1
    test.number_input(key="n").set_value(10).run()
    assert len(test.warning) == 1
    assert "there are only N = 10 points" in test.warning[0].value


def test_a_run_that_diverges_at_once_is_shown() -> None:
    test = app(opt="Adam", eps="0", w0="0", b0="1000")  # p is 1 to the last bit: 0 / 0
    assert end_of_run(test)["Steps"] == "0"
    assert filled(payload(test))["summary"].startswith("The run stops after 0 of ")


def test_a_batch_size_above_a_shrunken_n_becomes_n_and_the_page_says_so() -> None:
    test = app(bs="50")
    test.number_input(key="n").set_value(20).run()
    assert not test.exception
    assert test.number_input(key="bs").value == 20
    assert [warning.value for warning in test.warning] == [
        "Batch size B was 50, but there are only N = 20 points. So it is now 20."
    ]
    assert test.query_params["bs"] == "20"


def test_epochs_stay_within_the_steps_a_run_may_have() -> None:
    test = app(n="10000", bs="1", ep="50")
    assert test.number_input(key="ep").value == 20
    said = "50 epochs of 10,000 steps would be 500,000 steps, but a run may have 200,000 at most."
    assert test.warning[0].value == f"{said} So there are now 20 epochs."
    assert end_of_run(test)["Steps"] == "200,000"


def test_nesterov_without_momentum_is_repaired() -> None:
    test = app(opt="Nesterov", mom="0")
    assert test.number_input(key="mom").value is None
    assert "Nesterov needs a momentum above 0" in test.warning[0].value


def test_a_run_that_diverges_says_at_which_step() -> None:
    test = app(opt="SGD", lr="100", wd="50", ep="100")
    says = filled(payload(test))["summary"]
    assert says.startswith(f"The run stops after {end_of_run(test)['Steps']} of 400 steps:")


def test_a_hyperparameter_of_another_optimizer_has_no_say() -> None:
    test = app(opt="SGD", b1="0.1", lr="0.5")
    plain = playground(Settings(train=TrainSettings(optimizer="sgd", lr=0.5)))
    assert payload(test) == plain.board.payload


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("preset", NOTEBOOK_PRESETS)
def test_every_figure_is_one_that_plotly_accepts(preset: str, scale: str) -> None:
    for chart in playground(NOTEBOOK_PRESETS[preset], scale).board.charts:
        if chart.figure:  # the others are the player's
            assert len(go.Figure(coloured(chart.figure)).data) == len(chart.figure["data"])


@pytest.mark.parametrize(
    ("query", "is_alone"),
    [
        ({"bs": "1"}, False),
        ({"bs": "25"}, False),
        ({"bs": "100"}, True),
        ({"n": "61", "bs": "60", "drop": "true", "shuf": "Each epoch"}, False),  # one step an epoch
        ({"n": "10", "bs": "10", "shuf": "Replacement"}, False),
    ],
)
def test_the_surfaces_share_the_colours_of_all_the_data(
    query: dict[str, str], is_alone: bool
) -> None:
    board = filled(payload(app(**query)))
    chart = charts_of(board)["surface"]
    heat = chart["data"][0]
    low, high = board["player"]["limits"]  # of every minibatch's
    assert (low, high) == (heat["zmin"], heat["zmax"])
    ends = float(heat["z"].min()), float(heat["z"].max())
    assert (low, high) == pytest.approx(ends, rel=1e-6)
    less, more = ("", "") if is_alone else ("≤ ", "≥ ")  # a minibatch may be lower and higher
    assert (chart["bar"]["low"], chart["bar"]["high"]) == (f"{less}{low:.3f}", f"{more}{high:.2f}")
    assert chart["bar"]["words"] == ("own range" if is_alone else "shared range")


def test_the_notebooks_colours_have_low_loss_green() -> None:
    stops = colour_stops("rdylgn")
    red, green, _ = (int(part) for part in stops[0][1].strip("rgb()").split(","))
    assert green > red


def test_charts_are_sent_with_each_array_once() -> None:
    board = computed("full_batch").board  # some of whose charts are sent whole
    payload = board.payload
    head, after = head_of(payload)
    places = head["arrays"]
    sizes = [np.dtype(place["dtype"]).itemsize * np.prod(place["shape"]) for place in places]
    ends = [place["start"] + size for place, size in zip(places, sizes, strict=True)]
    assert all(place["start"] % 8 == 0 for place in places)
    assert max(ends) <= len(payload) - after
    drawn = {
        id(value)
        for chart in board.charts
        if not chart.follows
        for trace in chart.figure.get("data", [])
        for value in trace.values()
        if hasattr(value, "dtype")
    }
    assert len(places) == len(drawn)
    assert len(payload) < 20_000


def test_a_long_trace_keeps_its_spikes_when_it_is_drawn() -> None:
    settings = Settings(
        DataSettings(n=1000), TrainSettings(batch_size=1, epochs=100, shuffle="each_epoch")
    )
    drawn = charts_of(filled(playground(settings).board.payload))["loss"]["data"][0]["y"]
    assert len(drawn) <= 802
    losses = train(make_dataset(settings.data), settings.train).batch_loss
    assert drawn.max() == losses.max().astype("float32")
    assert drawn.min() == losses.min().astype("float32")


def test_a_diverging_run_is_drawn_as_far_as_it_can_be_seen() -> None:
    train_settings = TrainSettings(optimizer="sgd", lr=100.0, weight_decay=50.0, epochs=100)
    board = filled(playground(Settings(train=train_settings)).board.payload)
    chart = charts_of(board)["traces"]
    run = train(make_dataset(), train_settings)
    drawn = len(chart["data"][0]["x"])
    assert 1 < drawn < len(run.w)
    assert max(abs(run.w[:drawn]).max(), abs(run.b[:drawn]).max()) <= 1e6
    assert max(abs(run.w[drawn]), abs(run.b[drawn])) > 1e6
    assert f"drawn within ±1,000,000, up to step {drawn - 1}." in chart["note"]


def test_a_check_of_a_run_that_amplifies_rounding_says_from_which_step() -> None:
    calm = Proof(Settings())
    calm.training.result()
    assert (calm.step, calm.parted) == (200, None)
    thrown = TrainSettings(loss="bce", optimizer="sgd", lr=70.0, batch_size=1, shuffle="each_epoch")
    proof = Proof(Settings(train=thrown))
    proof.training.result()
    assert proof.parted is not None
    ours = train(proof.data, thrown)
    theirs = train_torch(proof.data, replace(thrown, epochs=3), "cpu", "float64")
    until = min(proof.parted, len(theirs))
    size = np.maximum(1.0, np.maximum(np.abs(ours.w), np.abs(ours.b)))[:until]
    assert (np.abs(ours.w[:until] - theirs.w[:until]) <= PARTED * size).all()


@pytest.mark.parametrize("fields", [{"batch_size": 7}, {"batch_size": 7, "init_w": 0.0}])
def test_a_check_of_a_run_that_explodes_finds_the_same_digits(fields: dict[str, Any]) -> None:
    exploding = TrainSettings(optimizer="sgd", lr=1000.0, weight_decay=1000.0, **fields)
    proof = Proof(Settings(train=exploding))
    proof.training.result()
    assert np.abs(proof.run.w).max() > 1e200
    assert proof.step == len(proof.run.w) - 1
    assert proof.parted is None
    assert max(proof.difference_w, proof.difference_b) < 1e-9


def test_a_check_ends_where_the_compiled_run_has_diverged_and_pytorchs_has_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = train(make_dataset(), TrainSettings())
    ended = replace(
        whole, w=whole.w[:51], b=whole.b[:51], batch_loss=whole.batch_loss[:50], diverged_at=50
    )
    monkeypatch.setattr("dashboard.jobs.proof.train", lambda *_: ended)
    proof = Proof(Settings())
    proof.training.result()
    assert (proof.step, proof.parted) == (50, 50)
