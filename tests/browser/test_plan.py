"""plan.js and what it is made of: data, start, orders and learning rates, as Python draws them."""

import itertools
import random
from dataclasses import asdict
from decimal import Decimal, localcontext
from typing import Any, get_type_hints

import numpy as np
import pytest

from dashboard.charts import wire
from dashboard.charts.wire import sent_settings
from minibatch_core import DataSettings, Settings, TrainSettings, make_batches, make_dataset
from minibatch_core.engine.batches import sampler_seeds
from minibatch_core.engine.initialisation import draw_start
from minibatch_core.engine.learning_rates import learning_rates
from minibatch_core.optimizers import OPTIMIZERS, step_factors
from minibatch_core.schedules import SCHEDULES
from minibatch_core.settings.train import SHUFFLES
from minibatch_core.sources import SOURCES
from minibatch_core.storage import STORAGE
from tests.support.hyperparameters import OTHER_THAN_DEFAULT
from tests.support.in_node import array_of, in_node

SEEDS = [0, 1, 42, 2**31, 2**32 - 1, *(random.Random(4).randrange(2**32) for _ in range(20))]


def logarithm(x: float) -> float:
    """Rounded correctly."""
    with localcontext(prec=40):
        return float(Decimal(x).ln())


def normals(n: int, seed: int) -> list[float]:
    """RandomState(seed).randn(n) by a logarithm that is rounded correctly."""
    uniform = np.random.RandomState(seed).random_sample
    drawn: list[float] = []
    while len(drawn) < n:
        u, v = 2.0 * uniform() - 1.0, 2.0 * uniform() - 1.0
        square = u * u + v * v
        if 0.0 < square < 1.0:
            scale = float(np.sqrt(-2.0 * logarithm(square) / square))
            drawn += [scale * v, scale * u]
    return drawn[:n]


def drawn_by_the_browser(all_settings: list[DataSettings]) -> list[tuple[np.ndarray, np.ndarray]]:
    code = """
        return all.map((settings) => {
          const { x, y } = it.makeDataset(settings)
          return [bytes(x), bytes(y)]
        })
    """
    sent = in_node("dataset.js", code, all=[asdict(settings) for settings in all_settings])
    return [(array_of(x, "f8"), array_of(y, "u1")) for x, y in sent]


def test_the_browsers_logarithm_is_rounded_correctly() -> None:
    draw = random.Random(1)
    values = [draw.random() for _ in range(2000)]
    values += [1.0 - 2.0**-k for k in range(1, 54)] + [2.0**-k for k in range(120)]
    found = in_node("logarithm.js", "return values.map(it.logarithm)", values=values)
    assert found == [logarithm(value) for value in values]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("stored", STORAGE)
def test_the_browser_draws_the_points_that_python_draws(source: str, stored: str) -> None:
    """The labels and the order are the same, and x to the last digit.

    Where x is not, the logarithm of numpy's library is not rounded correctly: in glibc about one in
    a thousand is not.
    """
    all_settings = [
        DataSettings(source, n, noise, seed, stored)
        for seed in SEEDS
        for n, noise in ((2, 0.5), (3, 0.0), (100, 0.1), (501, 0.5))
    ]
    others = 0
    for (x, y), settings in zip(drawn_by_the_browser(all_settings), all_settings, strict=True):
        data = make_dataset(settings)
        assert y.tolist() == data.y.tolist()
        np.testing.assert_allclose(x, data.x, rtol=0, atol=2e-15)
        others += int((x != data.x).sum())
    assert others <= 0.01 * sum(settings.n for settings in all_settings)


def test_the_browsers_normals_are_numpys_but_for_its_logarithm() -> None:
    found = drawn_by_the_browser([DataSettings(n=101, seed=seed) for seed in SEEDS])
    for (x, _), seed in zip(found, SEEDS, strict=True):
        expected = normals(101, seed)
        assert x.tolist() == [value + 1.0 for value in expected]
        np.testing.assert_allclose(np.random.RandomState(seed).randn(101), expected, rtol=1e-14)


def test_the_browser_starts_where_torch_starts() -> None:
    chosen = [
        TrainSettings(seed=seed, randn_before_model=before, init_w=w, init_b=b)
        for seed in SEEDS
        for before in (0, 1, 2, 3, 99, 100)
        for w, b in ((None, None), (0.0, None), (None, -2.5))
    ]
    code = "return all.map((each) => { const { w, b } = it.drawStart(each); return [w, b] })"
    found = in_node("initialisation.js", code, all=[asdict(each) for each in chosen])
    assert found == [list(draw_start(each)[:2]) for each in chosen]


ORDERS = """
    const [{ Sampler, orderOfEpoch }, { planOf }] = [await load("orders.js"), it]
    return all.map((settings) => {
      const plan = planOf(settings)
      const sampler = new Sampler(plan)
      const epochs = Array.from({ length: settings.train.epochs }, (_, epoch) => epoch)
      const alone = epochs.map((epoch) => orderOfEpoch(plan, epoch))
      return epochs.flatMap((epoch) => {
        const order = sampler.orderOf(epoch)
        if (String(order) !== String(alone[epoch])) throw new Error(`two orders of ${epoch}`)
        return [...order]
      })
    })
"""


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_the_browser_draws_the_orders_that_torch_draws(shuffle: str, drop_last: bool) -> None:
    chosen = [
        Settings(
            DataSettings(n=n),
            TrainSettings(
                batch_size=size,
                epochs=3,
                shuffle=shuffle,
                drop_last=drop_last,
                seed=seed,
                randn_before_model=before,
            ),
        )
        for seed in SEEDS
        for n, size, before in ((2, 1, 0), (7, 3, 3), (100, 30, 0), (500, 500, 1))
    ]
    found = in_node("plan.js", ORDERS, all=[sent_settings(each) for each in chosen])
    for order, each in zip(found, chosen, strict=True):
        assert order == make_batches(each.data.n, each.train).indices.tolist()


@pytest.mark.parametrize("drop_last", [False, True])
@pytest.mark.parametrize("shuffle", SHUFFLES)
def test_a_minibatch_of_a_played_run_is_that_of_torch(shuffle: str, drop_last: bool) -> None:
    train = TrainSettings(batch_size=30, epochs=5, shuffle=shuffle, drop_last=drop_last, seed=7)
    batches = make_batches(1000, train)
    steps = [0, 1, batches.steps_per_epoch - 1, batches.steps_per_epoch, len(batches) - 1]
    code = """
        const run = (await load("plan.js")).planOf(settings)
        return places.map(([epoch, j]) => [...it.minibatch(run, it.orderOfEpoch(run, epoch), j)])
    """
    places = [divmod(step, batches.steps_per_epoch) for step in steps]
    settings = sent_settings(Settings(DataSettings(n=1000), train))
    assert in_node("orders.js", code, settings=settings, places=places) == [
        batches[step].tolist() for step in steps
    ]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_browsers_learning_rates_are_the_engines(schedule: str) -> None:
    """To the last digit of lr, of which the cosines of two libraries may differ."""
    counts = [1, 2, 3, 4, 7, 10, 50, 333, 20_000]
    code = """
        return counts.map((steps) => {
          const [rates, half] = [new Float64Array(steps), steps >> 1]
          const share = it.fillRates(rates, schedule, 0.3, 0, half, 1)
          it.fillRates(rates, schedule, 0.3, half, steps, share)
          return bytes(rates)
        })
    """
    found = in_node("learning_rates.js", code, schedule=schedule, counts=counts)
    for sent, steps in zip(found, counts, strict=True):
        expected = learning_rates(TrainSettings(schedule=schedule, lr=0.3), steps)
        np.testing.assert_allclose(array_of(sent, "f8"), expected, rtol=0, atol=1e-16)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_all_parameters_have_in_common_is_the_same_to_the_last_digit(optimizer: str) -> None:
    """Of 1 - beta ** t little is left after the first steps where beta is nearly 1."""
    own = OPTIMIZERS[optimizer].hyperparameters
    near_one: dict[str, Any] = {"beta1": 0.999, "beta2": 0.999999}
    chosen = {name: value for name, value in near_one.items() if name in own}
    train = TrainSettings(optimizer=optimizer, **chosen)
    h = np.array([train.lr, *train.hyperparameters.values()], dtype=np.float64)
    code = """
        const [factors, memory] = [new Float64Array(3), Float64Array.of(1)]
        const numbers = Float64Array.from(h)
        return steps.map((t) => {
          it.OPTIMIZERS[optimizer].factors(numbers, memory, t, factors)
          return [...factors]
        })
    """
    steps = [*range(1, 400), 1000, 65_535, 65_536, 200_000]
    memory, number = np.ones(1), OPTIMIZERS.code(optimizer)
    expected = [step_factors(number, h, memory, t) for t in steps]
    found = np.array(in_node("optimizers.js", code, optimizer=optimizer, h=h, steps=steps))
    if optimizer == "nadam":  # of a power whose exponent is not whole
        np.testing.assert_allclose(found, expected, rtol=1e-13)
    else:
        assert found.tolist() == np.array(expected).tolist()


def plans(chosen: list[Settings]) -> list[dict[str, Any]]:
    code = """
        const plain = (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value)
        return all.map((settings) => JSON.parse(JSON.stringify(it.planOf(settings), plain)))
    """
    sent = [sent_settings(each) for each in chosen]
    found: list[dict[str, Any]] = in_node("plan.js", code, all=sent)
    return found


def in_python(settings: Settings) -> dict[str, Any]:
    """What the engine has of a run before it is trained."""
    data, train = make_dataset(settings.data), settings.train
    batches = make_batches(len(data), train)
    kept = int(batches.offsets[batches.steps_per_epoch])
    is_drawn_anew = train.shuffle in ("each_epoch", "replacement")
    constant = train.schedule == "constant"
    return {
        "x": data.x,
        "y": data.y,
        "loss": train.loss,
        "optimizer": train.optimizer,
        "hyperparameters": [train.lr, *map(float, train.hyperparameters.values())],
        "batch_size": train.batch_size,
        "per_epoch": batches.steps_per_epoch,
        "epochs": train.epochs,
        "kept": kept,
        "order": None if is_drawn_anew else batches.indices[:kept],
        "seeds": sampler_seeds(train).astype(np.uint32) if is_drawn_anew else None,
        "replacement": train.shuffle == "replacement",
        "rates": None if constant else np.zeros(len(batches)),  # filled in by training
        "start": draw_start(train)[:2],
        "schedule": train.schedule,
    }


def test_a_plan_says_of_a_run_what_the_engine_does() -> None:
    shapes = itertools.product(OPTIMIZERS, SHUFFLES, [False, True])
    chosen = []
    for k, (optimizer, shuffle, drop_last) in enumerate(shapes):
        own = OPTIMIZERS[optimizer].hyperparameters if k % 2 else ()
        train = TrainSettings(
            optimizer=optimizer,
            shuffle=shuffle,
            drop_last=drop_last,
            schedule=list(SCHEDULES)[k % len(SCHEDULES)],
            batch_size=30,
            epochs=4,
            **{name: OTHER_THAN_DEFAULT[name] for name in own},
        )
        chosen.append(Settings(DataSettings(n=70, noise=0.2), train))
    for plan, settings in zip(plans(chosen), chosen, strict=True):
        expected = in_python(settings)
        assert plan.keys() == expected.keys()
        for name, value in plan.items():
            if isinstance(value, list):
                np.testing.assert_allclose(value, expected[name], rtol=0, atol=1e-15, err_msg=name)
            else:
                assert value == expected[name], name


def test_what_python_refuses_the_browser_refuses() -> None:
    sizes = [(10, 11, 1, False), (1000, 1, 201, False), (1000, 3, 601, True), (10, 10, 1, True)]
    chosen, refused = [], []
    for n, size, epochs, drop_last in sizes:
        train = TrainSettings(batch_size=size, epochs=epochs, drop_last=drop_last)
        chosen.append({"data": asdict(DataSettings(n=n)), "train": asdict(train)})
        try:
            train.check_against(n)
        except ValueError:
            refused.append("RangeError")
        else:
            refused.append("")
    code = """
        return all.map((settings) => {
          try { it.planOf(settings) } catch (error) { return error.name }
          return ""
        })
    """
    assert in_node("plan.js", code, all=chosen) == refused
    assert refused == ["RangeError"] * 3 + [""]


def test_the_settings_that_are_sent_are_those_of_the_engine() -> None:
    settings = Settings()
    for sent, own in ((wire.SentData, settings.data), (wire.SentTraining, settings.train)):
        assert list(get_type_hints(sent)) == list(asdict(own))
    assert list(get_type_hints(wire.SentSettings)) == [*asdict(settings), "looks"]
