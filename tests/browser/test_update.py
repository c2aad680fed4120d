"""The update in numbers: what an optimizer remembers is Python's, and every line can be checked."""

import math
import random
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dashboard.charts.run import trained
from minibatch_core import DataSettings, Settings, TrainSettings, make_dataset
from minibatch_core.engine.learning_rates import learning_rates
from minibatch_core.engine.training import train_with_states
from minibatch_core.losses import LOSSES
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.schedules import SCHEDULES
from minibatch_core.settings.train import SHUFFLES
from tests.support.autograd import by_autograd
from tests.support.hyperparameters import OTHER_THAN_DEFAULT
from tests.support.in_node import RUN, in_node
from tests.support.opened import run_of

DATA = DataSettings(n=61, noise=0.2)


def variants(optimizer: str) -> list[Settings]:
    """Runs of 501 steps: every loss, schedule, order, hyperparameter; and all of these at once."""
    plain = TrainSettings(optimizer=optimizer, batch_size=30, epochs=167, seed=7)
    other = {name: OTHER_THAN_DEFAULT[name] for name in OPTIMIZERS[optimizer].hyperparameters}
    runs = [
        *(replace(plain, loss=loss) for loss in LOSSES),
        *(replace(plain, schedule=schedule) for schedule in SCHEDULES),
        *(replace(plain, shuffle=shuffle) for shuffle in SHUFFLES),
        *(replace(plain, **{name: value}) for name, value in other.items()),
        replace(plain, **other, loss="bce", schedule="one_cycle", shuffle="each_epoch"),
    ]
    return [Settings(DATA, run) for run in runs]


def in_browser(runs: list[Settings], code: str, **given: Any) -> Any:
    """What the code returns of each run, which knows `run` and its number `k`."""
    whole = f"""
        const {{ Replay }} = await load("replay.js")
        const all = []
        for (const [k, sent] of runs.entries()) {{
          {RUN}
          all.push(await (async () => {{ {code} }})())
        }}
        return all
    """
    return in_node("steps.js", whole, runs=[run_of(run) for run in runs], **given)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_an_optimizer_remembers_is_what_python_remembers(optimizer: str) -> None:
    runs = variants(optimizer)
    code = """
        const replay = new Replay(run)
        return Array.from({ length: run.last }, (_, step) => {
          replay.reach(step + 1)
          return [[...replay.descent.now.w], [...replay.descent.now.b]]
        })
    """
    for found, settings in zip(in_browser(runs, code), runs, strict=True):
        _, states = train_with_states(make_dataset(DATA), settings.train)
        assert len(states) == 501
        scale = np.abs(states).max(axis=0)
        assert (np.abs(np.array(found) - states) <= 1e-12 * scale).all(), settings


# ---- the lines


def any_settings(optimizer: str, draw: random.Random) -> Settings:
    """Settings as a student may come upon them, few of them sensible."""
    n = draw.choice([10, 61, 100])
    ranges = {
        "eps": (1e-10, 1e-2),
        "weight_decay": (1e-3, 1.0),
        "initial_accumulator_value": (1e-3, 10.0),
        "lr_decay": (1e-4, 1.0),
    }
    chosen: dict[str, Any] = {}
    for name, default in OPTIMIZERS[optimizer].hyperparameters.items():
        if draw.random() < 0.5:
            continue
        if isinstance(default, bool):
            chosen[name] = True
        elif name in ranges:
            low, high = map(math.log, ranges[name])
            chosen[name] = math.exp(draw.uniform(low, high))
        else:
            chosen[name] = round(draw.uniform(0.01, 0.999), 3)
    train = TrainSettings(
        optimizer=optimizer,
        lr=10.0 ** draw.uniform(-4.0, 1.0),
        loss=draw.choice(list(LOSSES)),
        schedule=draw.choice(list(SCHEDULES)),
        shuffle=draw.choice(list(SHUFFLES)),
        drop_last=draw.random() < 0.3,
        batch_size=draw.choice([1, 2, 3, 7, n - 1, n]),
        epochs=draw.randint(2, 30),
        init_w=draw.choice([None, 0.0, -3.5]),
        seed=draw.randint(0, 99),
        **chosen,
    )
    data = DataSettings(n=n, noise=draw.choice([0.0, 0.2, 0.5]), seed=draw.randint(0, 99))
    return Settings(data, train)


UPDATES = """
    const [{ updateOf }, replay] = [await load("update.js"), new Replay(run)]
    return steps[k].map((step) => {
      replay.reach(step)
      return updateOf(run, it.stateAt(run, step), replay.descent.now)
    })
"""


def float32(value: float) -> float:
    return float(np.float32(value))


def calculated(text: str, **names: float) -> float:
    """What a calculator makes of a formula."""
    for sign, meaning in {
        "−": "-",
        "·": "*",
        "²": "**2",
        "^": "**",
        "√": "sqrt",
        "θ": "theta",
    }.items():
        text = text.replace(sign, meaning)
    known = {"sqrt": math.sqrt, "max": max, "float32": float32, **names}
    return float(eval(text, {"__builtins__": {}}, known))  # noqa: S307


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def sides(text: str) -> list[str]:
    """What is calculated, and the result; the result alone where nothing is to be calculated."""
    return text.replace("\u00a0", " ").split(" = ")


def assert_each_line_can_be_checked(update: dict[str, Any]) -> None:
    """Both sides agree to the last digit of the right one, which the next lines go on from."""
    *lines, last = update["lines"]
    for line in lines:
        numbers = line["numbers"]
        for text in [numbers] if isinstance(numbers, str) else numbers.values():
            *left, right = sides(text)
            for each in left:
                assert f"{calculated(each):.{update['digits'] - 1}e}" == (
                    f"{number(right):.{update['digits'] - 1}e}"
                ), text
    for name, text in last["numbers"].items():
        what, right = sides(text)
        assert right == update["next"][name]
        assert f"{calculated(what):.{significant(right) - 1}e}" == (
            f"{number(right):.{significant(right) - 1}e}"
        ), text


def significant(text: str) -> int:
    """How many digits a number is written with, zeros at its start not counted."""
    digits = re.sub(r"\D", "", text.split("e", maxsplit=1)[0])
    return len(digits.lstrip("0")) or 6


def assert_lines_are_the_optimizers(
    settings: Settings, step: int, update: dict[str, Any], states: np.ndarray
) -> None:
    """The formulas give what is shown also where nothing is rounded, with torch's own gradient."""
    shown = trained(settings)
    record, batches = OPTIMIZERS[settings.train.optimizer], shown.run.batches
    w, b = float(shown.run.w[step]), float(shown.run.b[step])
    rates = learning_rates(settings.train, len(batches))
    points = batches[step].tolist()
    gradient = by_autograd(shown.data, points, settings.train.loss, w, b)[1:]
    before = states[step - 1] if step else np.zeros((2, 3))
    for name, theta, g, state in zip("wb", (w, b), gradient, before, strict=True):
        names = {
            **settings.train.hyperparameters,
            **dict(zip(record.state, map(float, state), strict=False)),
            **({record.memory: mu_product(settings.train, step)} if record.memory else {}),
            "lr": float(rates[step]),
            "t": step + 1,
            "theta": theta,
            "g": g,
        }
        for line in update["lines"]:
            numbers = line["numbers"]
            found = number(sides(numbers if isinstance(numbers, str) else numbers[name])[-1])
            left, formula = re.split(" [←=] ", line["formula"])
            left = left.replace("θ", "theta")
            if re.search("point|schedule", formula) is None:
                names[left] = calculated(formula, **names)
            off = 6e-6 if left == "theta_next" else 2e-6  # half of the sixth digit, or less
            assert found == pytest.approx(names[left], rel=off, abs=1e-12), (line, settings)


def mu_product(settings: TrainSettings, steps: int) -> float:
    """The product of NAdam's mu, in torch's float32."""
    product = np.float32(1.0)
    beta1, decay = (settings.hyperparameters[name] for name in ("beta1", "momentum_decay"))
    for t in range(1, steps + 1):
        product *= np.float32(beta1 * (1.0 - 0.5 * 0.96 ** (t * decay)))
    return float(product)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_lines_end_at_the_runs_own_next_values_and_can_be_checked(optimizer: str) -> None:
    draw = random.Random(optimizer)
    runs = [any_settings(optimizer, draw) for _ in range(30)]
    lengths = [len(trained(settings).run) for settings in runs]
    steps = [
        sorted({0, min(1, length - 1), draw.randrange(length), draw.randrange(length), length - 1})
        for length in lengths
    ]
    near = 0
    for settings, at, updates in zip(
        runs, steps, in_browser(runs, UPDATES, steps=steps), strict=True
    ):
        run, states = train_with_states(make_dataset(settings.data), settings.train)
        is_near = all(
            number(update["own"][name])
            == float(f"{values[step + 1]:.{significant(update['own'][name]) - 1}e}")
            for step, update in zip(at, updates, strict=True)
            for name, values in (("w", run.w), ("b", run.b))
        )
        near += is_near
        for step, update in zip(at, updates, strict=True):
            for name in "wb":
                text = update["next"][name]
                assert text == update["own"][name], settings
                assert significant(text) >= 6
            assert_each_line_can_be_checked(update)
            if is_near:
                assert_lines_are_the_optimizers(settings, step, update, states)
    assert near >= 27  # the others amplify rounding, and part from Python's


def test_a_step_that_enlarges_rounding_is_told_from_one_that_does_not() -> None:
    """Centred by almost the gradient itself: the divisor is what rounding leaves of its square."""
    train = TrainSettings(
        optimizer="rmsprop", alpha=1e-6, centered=True, eps=0.0, lr=1e-4, batch_size=30, epochs=300
    )
    settings, step = Settings(DATA, train), 1
    ((update,),) = in_browser([settings], UPDATES, steps=[[step]])
    assert update["next"] != update["own"]
    run, states = train_with_states(make_dataset(DATA), train)
    points = run.batches[step].tolist()
    g = by_autograd(make_dataset(DATA), points, "mse", run.w[step], run.b[step])[2]
    h = np.array([train.lr, *train.hyperparameters.values()], dtype=float)
    take = OPTIMIZERS["rmsprop"].step
    ends = [
        take(h, (train.lr, 0.0, 0.0), states[step - 1, 1].copy(), step + 1, run.b[step], g * factor)
        for factor in 1.0 + 2.2e-16 * np.arange(-20, 21)
    ]
    rounding = 2.2e-16 * 40 * abs(run.b[step + 1])
    assert max(ends) - min(ends) > 1e6 * rounding


def test_every_symbol_of_a_formula_is_explained() -> None:
    draw = random.Random(5)
    runs = [any_settings(optimizer, draw) for optimizer in OPTIMIZERS for _ in range(5)]
    for settings, updates in zip(
        runs, in_browser(runs, UPDATES, steps=[[0, 1]] * len(runs)), strict=True
    ):
        for update in updates:
            explained = dict(update["symbols"])
            assert all(re.search(r"^[A-Zbe].*\.$", words) for words in explained.values())
            lines = [line["formula"].replace("²", "") for line in update["lines"]]
            formulas = " ".join(line for line in lines if not line.startswith(("g =", "lr =")))
            names = set(re.findall(r"[a-zA-Zθ]\w*|[←^]", formulas)) - {"max", "float32"}
            assert names <= explained.keys(), settings


def test_conditions_leave_out_what_does_not_happen() -> None:
    plain = TrainSettings(epochs=3)
    runs = [
        Settings(train=train)
        for train in (
            plain,
            replace(plain, amsgrad=True, weight_decay=0.1, schedule="cosine"),
            replace(plain, optimizer="adamw"),
            replace(plain, optimizer="momentum", dampening=0.2),
            replace(plain, batch_size=3, drop_last=True),
            replace(plain, batch_size=1),
        )
    ]
    found = in_browser(runs, UPDATES, steps=[[0, 2]] * len(runs))
    texts = [[[line["formula"] for line in update["lines"]] for update in each] for each in found]
    adam, full, adamw, momentum, three, one = texts
    assert adam[1][0] == "g = the mean of the gradients of the minibatch's 25 points"
    assert not any(re.search("weight_decay|max|schedule", line) for line in adam[1])
    assert full[1][1:3] == [
        "lr = the schedule's learning rate at this step",
        "g ← g + weight_decay · θ",
    ]
    assert "max_exp_avg_sq ← max(max_exp_avg_sq, exp_avg_sq)" in full[1]
    assert adamw[1][1] == "θ ← θ − lr · weight_decay · θ"
    assert momentum[0][1] == "momentum_buffer ← g"
    assert momentum[1][1] == "momentum_buffer ← momentum · momentum_buffer + (1 − dampening) · g"
    assert three[1][0] == "g = the mean of the gradients of the minibatch's 3 points"
    assert found[4][1]["lines"][0]["numbers"]["w"].count(" + ") == 2
    assert one[1][0] == "g = the gradient of the minibatch's one point"


# ---- going through a run


def test_going_back_is_short_and_leads_to_the_same() -> None:
    train = TrainSettings(optimizer="nadam", batch_size=30, epochs=1000, shuffle="each_epoch")
    settings = Settings(DATA, train)
    code = """
        const direct = new Replay(run)
        const replay = new Replay(run)
        replay.reach(run.last - 1)
        return steps.map((step) => {
          if (direct.step > step) direct.descent.goOnFrom(direct.copies[0])
          direct.copies.length = 1
          direct.reach(step)
          let taken = 0
          const goOn = replay.goOn
          replay.goOn = () => { taken += 1; goOn.call(replay) }
          replay.reach(step)
          replay.goOn = goOn
          const [one, other] = [direct, replay].map((each) => JSON.stringify(each.descent.now))
          return [one === other, taken, replay.every]
        })
    """
    steps = [2990, 5, 1500, 1501, 999, 0, 2990]
    (found,) = in_browser([settings], code, steps=steps)
    for is_same, taken, every in found:
        assert is_same
        assert taken <= every < 1500


def test_a_long_way_is_gone_in_pieces() -> None:
    settings = Settings(DATA, TrainSettings(batch_size=1, epochs=300, shuffle="each_epoch"))
    code = """
        const [replay, direct] = [new Replay(run), new Replay(run)]
        let pieces = 1
        while (!replay.reach(run.last - 1, 0)) pieces += 1 // the time is always up
        direct.reach(run.last - 1)
        const [one, other] = [direct, replay].map((each) => JSON.stringify(each.descent.now))
        return [pieces, one === other]
    """
    ((pieces, is_same),) = in_browser([settings], code)
    assert pieces > 5
    assert is_same
