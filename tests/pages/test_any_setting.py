"""Every page opens at whatever the core allows, and says in a sentence what can't be."""

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from dashboard.figures.parts import thinned
from dashboard.shell import repairs
from dashboard.shell.page import TABLES, Page
from dashboard.shell.registry import PAGES
from minibatch_core import (
    DataSettings,
    Settings,
    SweepSettings,
    TrainSettings,
    accuracy,
    find_minimum,
    jitter_found,
    jitter_of_runs,
    make_dataset,
    predict,
    trace_spectrum,
    train,
)
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.settings.address import to_address
from minibatch_core.settings.fields import Setting, describe, told
from minibatch_core.settings.train import max_epochs
from minibatch_core.theory.separability import separable_share
from pages.compare import compared
from pages.sweep import shown_of
from tests.support.computed import computed, shown
from tests.support.opened import MAIN, open_page, session, texts
from tests.support.swept import finished, to_its_end

SETTINGS: Mapping[str, Setting] = {
    setting.key: setting for table in TABLES.values() for setting in table.values()
}
MOST_LOOKS = 200_000
"""How many points the runs of an example look at, so that many examples take seconds."""

MOST_POINTS = {
    "stability": 300,
    "order_matters": 300,
    "gradient_noise": 500,
    "sweep": 300,
    "one_change": 300,
}
"""How many points an example has at most on the pages that take their time."""


# Any setting.


def values_at_the_bounds(setting: Setting) -> st.SearchStrategy[Any]:
    """Any value that a setting takes, and often one at its bounds or just inside."""
    if setting.choices is not None:
        one = st.sampled_from(list(setting.choices))
        return st.lists(one, unique=True).map(tuple) if setting.several else one
    if setting.kind is bool:
        return st.booleans()
    low, high = setting.minimum, setting.maximum
    if setting.kind is int:
        edges = [low, low + 1, high - 1, high]
        strategy: st.SearchStrategy[Any] = st.integers(int(low), int(high))
    else:
        edges = [low, math.nextafter(low, high), min(max(0.0, low), high), 1e-300, 1e-9]
        edges = [*(e for e in edges if low <= e <= high), math.nextafter(high, low), high]
        strategy = st.floats(low, high)
    return (st.none() if setting.optional else st.nothing()) | st.sampled_from(edges) | strategy


def whole_numbers(low: int, high: int) -> st.SearchStrategy[int]:
    edges = {low, min(low + 1, high), max(high - 1, low), high}
    return st.sampled_from(sorted(edges)) | st.integers(low, high)


@st.composite
def sizes(draw: st.DrawFn, most_points: int, full_batch: bool) -> dict[str, Any]:
    """N, batch size, drop_last and epochs that can be together."""
    n = draw(whole_numbers(2, most_points) | st.integers(2, 12))
    batch_size = n if full_batch else draw(whole_numbers(1, n))
    drop_last = draw(st.booleans())
    most = min(max_epochs(n, batch_size, drop_last), max(1, MOST_LOOKS // n))
    return {"n": n, "bs": batch_size, "drop": drop_last, "ep": draw(whole_numbers(1, most))}


@st.composite
def addresses(draw: st.DrawFn, page: Page) -> dict[str, str | list[str]]:
    """An address of a page that gives some of its controls values they can have."""
    most_points = MOST_POINTS.get(page.name, 10_000)
    fields = {key: values_at_the_bounds(SETTINGS[key]) for key in sorted(page.controls)}
    values = draw(st.fixed_dictionaries({}, optional=fields))
    values |= draw(sizes(most_points, page.is_full_batch))
    if page.name == "seeds":
        values["nseeds"] = draw(st.integers(2, max(2, min(1000, MOST_LOOKS // values["n"]))))
    if page.name == "one_change":  # it trains some twenty runs with each of the seeds
        values["nseeds"] = draw(st.integers(2, 5))
    if page.name == "sweep":
        values |= {"sxn": draw(st.integers(2, 3)), "syn": draw(st.integers(2, 3)), "runs": 2}
    return {
        page.key(key): spelled(SETTINGS[key], value)
        for key, value in values.items()
        if key in page.controls
    }


def spelled(setting: Setting, value: Any) -> str | list[str]:
    if setting.several:
        return [setting.spell(each) for each in value]
    return setting.spell(value)


def any_settings(most_points: int = 10_000) -> st.SearchStrategy[Settings]:
    """Settings of a run, each at its bounds as often as not."""
    parts = [
        {name: values_at_the_bounds(setting) for name, setting in describe(part).items()}
        for part in (DataSettings, TrainSettings)
    ]

    def together(values: tuple[dict[str, Any], dict[str, Any], dict[str, Any]]) -> Settings:
        data, training, size = values
        training |= {"batch_size": size["bs"], "drop_last": size["drop"], "epochs": size["ep"]}
        if (training["optimizer"], training["momentum"]) == ("nesterov", 0.0):
            training["momentum"] = None
        return Settings(DataSettings(**(data | {"n": size["n"]})), TrainSettings(**training))

    drawn = st.tuples(*(st.fixed_dictionaries(part) for part in parts), sizes(most_points, False))
    return drawn.map(together)


FEW = trials(max_examples=6)


@pytest.mark.parametrize("name", [name for name in PAGES if name not in ("compare", "sweep")])
@FEW
@given(st.data())
def test_every_page_opens_at_any_setting(name: str, data: st.DataObject) -> None:
    open_page(name, **data.draw(addresses(PAGES[name])))


@FEW
@given(addresses(PAGES["sweep"]))
def test_a_sweep_is_shown_at_any_setting_or_says_why_not(address: dict[str, Any]) -> None:
    test = open_page("sweep", **address)
    if test.error:
        assert test.error[0].value.startswith("This can't be swept: ")
        return
    to_its_end(session(test).sweep)
    test.run()
    assert not test.exception


@FEW
@given(st.lists(any_settings(), min_size=1, max_size=3, unique=True))
def test_any_runs_can_be_compared(runs: list[Settings]) -> None:
    test = open_page("compare", pins="|".join(to_address(run) or "default" for run in runs))
    assert not test.warning
    assert len(test.button) == 1 + 2 * len(runs)  # with that of the lab's settings


@FEW
@given(
    st.lists(any_settings(), min_size=1, max_size=3, unique=True), addresses(PAGES["playground"])
)
def test_any_runs_can_be_kept_beside_any_other(
    runs: list[Settings], address: dict[str, Any]
) -> None:
    test = open_page(
        "playground", pins="|".join(to_address(run) or "default" for run in runs), **address
    )
    assert not test.warning
    chips = [each for each in test.button if (each.key or "").startswith("kept")]
    assert len(chips) == len(runs)


# As large as can be.

LONGEST = [(10_000, 1, 20), (200, 1, 1000), (10_000, 50, 1000), (1001, 5, 995)]
"""N, batch size and epochs of runs with nearly all the steps that a run may have."""


def longest(n: int, batch_size: int, epochs: int, **training: Any) -> Settings:
    sized = {"batch_size": batch_size, "epochs": epochs, **training}
    return Settings(DataSettings(n=n), TrainSettings(**sized))


@pytest.mark.parametrize("size", LONGEST)
def test_the_longest_runs_are_shown(size: tuple[int, int, int]) -> None:
    settings = longest(*size, shuffle="each_epoch")
    assert computed("playground", settings).board.payload
    for name in ("in_order", "dataset_and_dataloader"):
        assert shown(name, settings).board.payload
    assert compared((settings, Settings())).board.payload


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_longest_run_of_each_optimizer_is_shown(optimizer: str) -> None:
    settings = longest(200, 1, 1000, optimizer=optimizer, lr=1000.0, schedule="one_cycle")
    assert computed("playground", settings).board.payload
    assert computed("full_batch", longest(100, 100, 1000, optimizer=optimizer)).board.payload


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_an_optimizer_remembers_is_drawn_however_long_the_race(optimizer: str) -> None:
    settings = replace(PAGES["optimizers"].settings, data=DataSettings(n=1000))
    lab = computed("optimizers", settings, optimizers=(optimizer,))
    names = [chart.name for chart in lab.board.charts]
    assert ("first" in names or "second" in names) == bool(OPTIMIZERS[optimizer].state)


@pytest.mark.parametrize(
    ("optimizers", "said"),
    [
        (("sgd", "adadelta"), "Its running mean: Adadelta."),
        (("adagrad",), "Its sum: Adagrad."),
        (("rmsprop", "adagrad", "adam"), "Its running mean: RMSprop, Adam. Its sum: Adagrad."),
    ],
)
def test_what_is_remembered_of_the_square_is_said_of_those_that_race(
    optimizers: tuple[str, ...], said: str
) -> None:
    lab = computed("optimizers", PAGES["optimizers"].settings, optimizers=optimizers)
    (chart,) = [chart for chart in lab.board.charts if chart.name == "second"]
    assert (chart.title, chart.note) == ("What they remember of w's squared gradient", said)


@pytest.mark.parametrize(
    "address", [{"ep_optimizers": "200"}, {"bs_optimizers": "5"}, {"n_optimizers": "1000"}]
)
def test_a_race_of_more_steps_than_are_drawn_opens(address: dict[str, Any]) -> None:
    open_page("optimizers", **address, opts_optimizers=list(OPTIMIZERS.labels.values()))


def test_a_run_near_the_limit_says_what_its_tail_would_cost() -> None:
    test = open_page(
        "in_order", n_in_order="1001", bs_in_order="5", ep_in_order="1000", drop_in_order="true"
    )
    assert not test.warning
    (tail,) = [text for text in texts(test) if "int(1001 / 5)" in text]
    assert "would take 201,000 steps, more than the 200,000 that a run may have, with them" in tail


def test_the_pictures_of_small_batches_need_no_run_that_could_be_trained() -> None:
    test = open_page(
        "dataset_and_dataloader",
        n_dataset_and_dataloader="10000",
        bs_dataset_and_dataloader="306",
        obs_dataset_and_dataloader="1",
        ep_dataset_and_dataloader="999",
    )
    assert "... and 9,990 more" in test.code[1].value


@pytest.mark.parametrize("n", [801, 5000])
@pytest.mark.parametrize(
    "of",
    [
        lambda values: np.stack([values, values])[:, ::1].T[:, 1],
        lambda values: np.repeat(values, 3)[::3],
        lambda values: values[::-1],
        lambda values: values.astype(np.float32),
        lambda values: np.round(values * 1000).astype(np.int64),
        lambda values: values.astype(">f8"),
        lambda values: values > 0.9,
        list,
    ],
)
def test_any_array_is_thinned(of: Callable[[Any], Any], n: int) -> None:
    values = of(np.sin(np.arange(n) * 0.1))
    kept = thinned(values)
    drawn = np.asarray(values)[kept]
    assert len(kept) <= 802
    assert (kept[0], kept[-1]) == (0, n - 1)
    assert (drawn.min(), drawn.max()) == (np.min(values), np.max(values))


# What was found by trying.


@pytest.mark.parametrize("replacement", [True, False])
def test_points_of_one_class_alone_are_always_divided(replacement: bool) -> None:
    data = make_dataset(DataSettings(n=2, noise=0.0, seed=0))
    assert len(set(data.y.tolist())) == 1
    assert separable_share(data, 1, replacement) == 1.0
    open_page(
        "minibatch_surfaces",
        n_minibatch_surfaces="2",
        noise_minibatch_surfaces="0",
        dseed_minibatch_surfaces="0",
        bs_minibatch_surfaces="1",
        repl_minibatch_surfaces="false",
    )


def test_far_out_where_every_gradient_is_0_there_is_no_correlation_to_measure() -> None:
    lab = computed("gradient_noise", point_w=0.0, point_b=1e3)
    assert [law.name[0] for law in lab.laws if not law.not_here] == ["6"]


@pytest.mark.parametrize("lr", [5e-324, 1e-300, 1e-132, 1e-20])
def test_a_learning_rate_may_be_as_small_as_a_number_can_be(lr: float) -> None:
    page = PAGES["order_matters"]
    lab = computed(
        "order_matters", replace(page.settings, train=replace(page.settings.train, lr=lr))
    )
    assert ("nothing moves" in (lab.warning or "")) == (lr == 5e-324)
    data = make_dataset()
    minimum = find_minimum(data, "bce")
    assert minimum is not None
    assert jitter_of_runs(data, minimum, "bce", lr, 10) < 1e-15
    assert jitter_found(data, minimum, "bce", "replacement", lr, 10)[0] < 1e-15


def test_a_run_that_goes_nearly_to_infinity_has_an_accuracy_and_a_fit() -> None:
    data = make_dataset()
    assert accuracy(data, 1.7e308, -1.7e308) == accuracy(data, 1.0, -1.0)
    assert set(predict(data.x, 1.7e308, -1.7e308).tolist()) <= {0.0, 0.5, 1.0}
    far = TrainSettings(optimizer="momentum", lr=900.0, weight_decay=0.1, batch_size=99, epochs=999)
    run = train(data, far)
    assert np.abs(run.w).max() > 1e300
    open_page(
        "in_order",
        opt_in_order="Momentum",
        lr_in_order="900",
        wd_in_order="0.1",
        bs_in_order="99",
        ep_in_order="999",
    )


EXPLODING = [
    (DataSettings(noise=0.3, seed=3), {"optimizer": "sgd", "weight_decay": 0.01, "epochs": 160}),
    (DataSettings(noise=0.3, seed=2), {"optimizer": "momentum", "weight_decay": 1.0, "epochs": 51}),
    (DataSettings(seed=6), {"optimizer": "adamw", "weight_decay": 0.005, "epochs": 252}),
]
"""Runs whose losses, w or b come close to the largest number that there is."""


@pytest.mark.parametrize(("data", "training"), EXPLODING)
def test_runs_that_explode_are_shown_by_every_page_that_has_such(
    data: DataSettings, training: dict[str, Any]
) -> None:
    usual = TrainSettings(loss="bce", lr=999.9, batch_size=50)
    settings = Settings(data, replace(usual, **training))
    run = train(make_dataset(data), settings.train)
    assert max(np.abs(run.w).max(), np.abs(run.b).max()) > 1e300
    assert computed("playground", settings).board.payload
    for name in ("in_order", "dataset_and_dataloader"):
        assert shown(name, settings).board.payload
    assert compared((settings, Settings())).board.payload
    assert "nan" not in str(computed("seeds", settings, seeds=5).board.metrics)


def test_a_loss_may_be_larger_than_its_lowest_by_more_than_a_number_can_be() -> None:
    training = TrainSettings(
        loss="bce", optimizer="sgd", lr=467.0, weight_decay=0.02, batch_size=10, epochs=332
    )
    settings = Settings(DataSettings(n=10, noise=0.0, seed=2), training)
    rates: dict[str, Any] = {"across_from": 467.0, "across_to": 468.0, "across_count": 2}
    sweep = finished(settings, SweepSettings(across="lr", **rates, up="noise", up_count=2, runs=1))
    heat = shown_of(sweep, "viridis").board.charts[0].figure["data"][0]
    assert np.isfinite(sweep.kept["loss"][0, 0, 0])
    assert np.isnan(heat["z"][0, 0])


def test_a_step_may_be_longer_than_a_number_can_be() -> None:
    settings = Settings(train=TrainSettings(batch_size=50, epochs=500))
    lab = computed("optimizers", settings, optimizers=("adamw",), adaptive_lr=307.0)
    (length,) = [chart for chart in lab.board.charts if chart.name == "length"]
    assert np.isinf(length.figure["data"][0]["y"]).any()


def test_the_spectrum_of_any_loss_is_that_of_its_swings() -> None:
    swing = np.tile([1.0, 2.0, 3.0, 3.0], 20)
    plain = trace_spectrum(swing, 4)
    assert plain is not None
    for factor in (1e-300, 1e300, 5e307):
        scaled = trace_spectrum(swing * factor, 4)
        assert scaled is not None
        assert scaled.peak == plain.peak
        assert scaled.periodic_share == pytest.approx(plain.periodic_share)
        np.testing.assert_allclose(scaled.amplitude / factor, plain.amplitude, atol=1e-9)


# What can't be.

NO_NUMBERS = [
    *("inf", "-inf", "Infinity", "nan", "1e400", "-1e400", "1e308", "9" * 309, "9" * 5000),
    *("", "0x10", "½", "1,000", "x" * 10_000, "-1", "[link](https://example.com)"),
]
"""Texts that no whole number of a page can be."""


@pytest.mark.parametrize("first", range(0, len(NO_NUMBERS), 5))
@pytest.mark.parametrize("name", [name for name, page in PAGES.items() if page.controls])
def test_what_no_control_can_be_is_told_by_every_page(name: str, first: int) -> None:
    page = PAGES[name]
    texts = [*NO_NUMBERS[first:], *NO_NUMBERS[:first]]
    keys = [key for key in sorted(page.controls) if not SETTINGS[key].optional]
    address = {page.key(key): texts[k % len(texts)] for k, key in enumerate(keys)}
    test = open_page(name, **address)
    told_of = [warning.value for warning in test.warning]
    assert len(told_of) == len(keys)
    for key in keys:
        (sentence,) = [text for text in told_of if f"address: {page.key(key)} should" in text]
        assert len(sentence) < 400
        assert test.session_state[page.key(key)] == page.defaults[key]
    assert not set(address) & set(test.query_params)


@pytest.mark.parametrize("text", ["12", " 12 ", "+12", "12.0", "1.2e1", "1_2", "١٢"])
def test_a_number_may_be_written_in_any_way(text: str) -> None:
    assert open_page("playground", ep=text).session_state["ep"] == 12


@pytest.mark.parametrize(
    ("texts", "value", "problems"),
    [
        (["1", "2"], 2, 0),
        (["3", "inf"], 3, 1),
        (["inf", "3", "4"], 4, 1),
        (["inf", "nan"], 50, 2),
    ],
)
def test_of_what_an_address_says_several_times_the_last_that_can_be_counts(
    texts: list[str], value: int, problems: int
) -> None:
    test = open_page("playground", ep=texts)
    assert test.session_state["ep"] == value
    assert len(test.warning) == problems


def test_an_address_to_which_the_browser_goes_back_is_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    test = open_page("playground", ep="7")
    test.query_params["ep"] = "inf"
    once = iter([True])
    monkeypatch.setattr(repairs, "is_back_or_forward", lambda: next(once, False))
    test.run()
    assert not test.exception
    assert test.session_state["ep"] == 50
    assert [warning.value for warning in test.warning] == [
        "Ignored in the address: ep should be a whole number between 1 and 1,000, but got 'inf'. "
        "*Epochs* is now 50."
    ]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (10**400, "about 1e400"),
        (-(10**5000), "about -1e5000"),
        (math.inf, "inf"),
        (math.nan, "nan"),
        (np.int64(-5), "-5"),
        (Fraction(-1, 2), "Fraction(-1, 2)"),
        ("9" * 400, f"'{'9' * 60}' and 340 more letters"),
        (None, "None"),
        (True, "True"),
    ],
    ids=range(9),  # pytest's own would write out every digit
)
def test_a_value_that_cannot_be_is_named_whatever_it_is(value: Any, said: str) -> None:
    assert told(value) == said
    with pytest.raises(ValueError, match=r"n should be .*, but got") as error:
        DataSettings(n=value)
    assert str(error.value).endswith(said)


def test_a_pin_that_cannot_be_is_told_in_a_sentence() -> None:
    pins = ["ep=inf", f"n={'9' * 309}", f"{'k' * 500}=1", "opt=SGD&opt=Lion", "bs=20000"]
    test = open_page("compare", pins="|".join(pins))
    assert len(test.warning) == len(pins)
    for ordinal, warning in zip(("1st", "2nd", "3rd", "4th", "5th"), test.warning, strict=True):
        assert warning.value.startswith(f"The {ordinal} run in the address is ignored: ")
        assert len(warning.value) < 200


def test_no_visitor_sees_a_trace(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise ValueError("a secret of the server")

    monkeypatch.setattr("pages.playground.compute", fail)
    logger = logging.getLogger("streamlit.error_util")
    logger.addHandler(caplog.handler)  # Streamlit's loggers hand nothing on
    test = AppTest.from_file(str(MAIN), default_timeout=60).run()
    logger.removeHandler(caplog.handler)
    (shown,) = test.exception
    assert "secret" not in shown.message
    assert not shown.stack_trace
    assert not shown.proto.type
    assert "a secret of the server" in caplog.text
    assert 'raise ValueError("a secret of the server")' in caplog.text
