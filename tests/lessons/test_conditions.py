"""What a lesson asks of a run holds where it should, and what is said where it does not."""

from collections.abc import Set
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from dashboard.lessons.conditions import PLAYED, Student, condition, unmet, write
from dashboard.lessons.measures import MEASURES, measured
from dashboard.shell.lesson_files import settings_of
from dashboard.shell.registry import PAGES
from minibatch_core import DataSettings, Settings, TrainSettings, make_dataset, train_torch

OF_PAGE = settings_of()["playground"]


def student(before: dict[str, Any] | None = None, **values: Any) -> Student:
    """A student of the Playground whose controls have these values."""
    opening = {key: PAGES["playground"].defaults[key] for key in OF_PAGE}
    now = opening | values
    run = Settings(
        DataSettings(n=now["n"], noise=now["noise"], seed=now["dseed"]),
        TrainSettings(
            optimizer=now["opt"], lr=now["lr"], batch_size=now["bs"], epochs=now["ep"],
            shuffle=now["shuf"], loss=now["loss"],
        ),
    )  # fmt: skip
    return Student(now, opening | (before or {}), run)


@pytest.mark.parametrize(
    ("text", "values", "holds"),
    [
        ("bs at most 10", {"bs": 10}, True),
        ("bs at most 10", {"bs": 11}, False),
        ("bs at least 10", {"bs": 10}, True),
        ("bs below 10", {"bs": 10}, False),
        ("bs above 10", {"bs": 11}, True),
        ("lr is 0.1", {"lr": 0.1}, True),
        ("lr is not 0.1", {"lr": 0.1}, False),
        ("lr is 0.1", {"lr": 0.1004}, False),
        ("opt is AdamW", {"opt": "adamw"}, True),
        ("shuf is Each epoch and bs is 10", {"shuf": "each_epoch", "bs": 10}, True),
        ("shuf is Each epoch and bs is 10", {"shuf": "each_epoch", "bs": 5}, False),
        ("bs changed", {"bs": 5}, True),
        ("bs changed", {}, False),
        ("bs not changed", {}, True),
        ("w0 is not changed", None, None),
        ("bs is n", {"bs": 100}, True),
        ("steps per epoch is 4", {}, True),
        ("steps is 200", {}, True),
        ("last batch is 10", {"bs": 30}, True),
        ("examples is 5000", {"bs": 30}, True),
        ("final loss below first loss", {}, True),
        ("final loss is 0.09", {}, True),
        ("final loss is 0.0927", {}, True),
        ("final loss is 0.0928", {}, False),
        ("diverges is no", {}, True),
        ("period is steps per epoch", {"bs": 10, "opt": "sgd", "lr": 2.0}, True),
        ("period is 10", {"bs": 10, "opt": "sgd", "lr": 2.0}, True),
        ("period is 10", {"bs": 10, "opt": "sgd", "lr": 2.0, "shuf": "each_epoch"}, False),
        ("period below 1000", {"bs": 100}, False),  # all the data: there is none
        ("swing is 0", {"bs": 100}, True),
    ],
)
def test_a_condition_holds_where_it_should(
    text: str, values: dict[str, Any] | None, holds: bool | None
) -> None:
    if values is None:
        with pytest.raises(ValueError, match="w0 should be a number"):
            condition(text, OF_PAGE)
        return
    claims = condition(text, OF_PAGE)
    seen = student(**values)
    assert (not unmet(claims, seen, OF_PAGE)) == holds
    assert all(claim.holds(seen) for claim in claims) == holds


@pytest.mark.parametrize(
    ("text", "values", "says"),
    [
        ("bs at most 10", {}, "*Batch size B*: 25; it should be at most 10."),
        ("bs changed", {}, "*Batch size B* is still 25."),
        ("lr not changed", {"lr": 1.0}, "*Learning rate* is 1; leave it at 0.05."),
        ("opt is SGD", {}, "*Optimizer*: Adam; it should be SGD."),
        ("opt is not Adam", {}, "*Optimizer*: Adam; it should be not Adam."),
        ("final loss below 0.05", {}, "*Final loss*: 0.0927; it should be below 0.05."),
        ("period below steps", {"bs": 100}, "*Period*: –; it should be below steps (50)."),
        ("diverges is yes", {}, "*Diverges*: no; it should be yes."),
    ],
)
def test_what_does_not_hold_is_said(text: str, values: dict[str, Any], says: str) -> None:
    assert unmet(condition(text, OF_PAGE), student(**values), OF_PAGE) == [says]


@pytest.mark.parametrize(
    ("deeds", "values", "left"),
    [
        ((), {"bs": 1}, ["The run has not been played: press ▶."]),
        ({PLAYED}, {}, ["*Batch size B*: 25; it should be 1."]),
        ({PLAYED}, {"bs": 1}, []),
    ],
)
def test_a_deed_is_asked_for_beside_what_is_set(
    deeds: Set[str], values: dict[str, Any], left: list[str]
) -> None:
    claims = condition("played and bs is 1", OF_PAGE)
    seen = replace(student(**values), deeds=frozenset(deeds))
    assert unmet(claims, seen, OF_PAGE) == left


@pytest.mark.parametrize("loss", ["mse", "bce"])
def test_the_numbers_of_a_run_are_those_of_pytorch(loss: str) -> None:
    data_settings = DataSettings(n=50, noise=0.2, seed=4)
    train = TrainSettings(
        optimizer="sgd", lr=1.0, batch_size=8, epochs=6, shuffle="each_epoch", loss=loss, seed=3
    )
    settings, data = Settings(data_settings, train), make_dataset(data_settings)
    run = train_torch(data, train)
    x, y = (torch.tensor(np.asarray(each), dtype=torch.float64) for each in (data.x, data.y))

    def of_all(w: float, b: float, x: torch.Tensor = x, y: torch.Tensor = y) -> float:
        p = torch.sigmoid(w * x + b)
        criterion = torch.nn.MSELoss() if loss == "mse" else torch.nn.BCELoss()
        return float(criterion(p, y))

    seen = {name: measured(settings, name) for name in MEASURES}
    w, b = float(run.w[-1]), float(run.b[-1])
    late = [of_all(float(v), float(c)) for v, c in zip(run.w[-10:], run.b[-10:], strict=True)]
    assert seen["first loss"] == pytest.approx(of_all(float(run.w[0]), float(run.b[0])), abs=1e-6)
    assert seen["final loss"] == pytest.approx(of_all(w, b), abs=1e-6)
    assert seen["late loss"] == pytest.approx(np.mean(late), abs=1e-6)  # 42 steps
    assert (seen["w"], seen["b"]) == pytest.approx((w, b), abs=1e-6)
    assert seen["swing"] == pytest.approx(float(np.ptp(run.batch_loss[-7:])), abs=1e-6)
    right = float((((w * x + b) > 0) == (y > 0.5)).double().mean())
    assert seen["accuracy"] == pytest.approx(right)
    counts = [seen[name] for name in ("steps", "steps per epoch", "last batch", "examples")]
    assert counts == [42, 7, 2, 300]
    assert seen["diverges"] is False
    assert isinstance(seen["minimum loss"], float)
    assert seen["minimum loss"] < min(of_all(w, b), *late)
    grid = [of_all(w, b) for w in np.linspace(0, 9, 40) for b in np.linspace(-9, 0, 40)]
    assert seen["minimum loss"] < min(grid)


def test_a_run_that_diverges_has_looked_at_the_points_of_its_own_steps_alone() -> None:
    train = TrainSettings(
        optimizer="momentum", momentum=1.0, weight_decay=3.0, lr=40.0, loss="bce", epochs=60
    )
    seen = {name: measured(Settings(train=train), name) for name in ("steps", "examples")}
    assert measured(Settings(train=train), "diverges") is True
    assert isinstance(seen["steps"], int)
    assert 0 < seen["steps"] < 240
    assert seen["examples"] == 25 * seen["steps"]


def test_a_run_below_the_stable_limit_comes_to_the_minimum_and_one_above_does_not() -> None:
    train = TrainSettings(optimizer="sgd", lr=1.0, batch_size=100, epochs=1000, loss="bce")
    settings = Settings(train=train)
    limit = measured(settings, "stable limit")
    lowest = measured(settings, "minimum loss")
    assert isinstance(limit, float)
    ends = [
        measured(replace(settings, train=replace(train, lr=share * limit)), "final loss")
        for share in (0.9, 1.2)
    ]
    assert ends[0] == pytest.approx(lowest, rel=1e-6)
    assert ends[1] > 1.001 * lowest  # type: ignore[operator]


def test_values_are_written_as_on_screen() -> None:
    assert write("period", None, OF_PAGE) == "–"
    assert write("accuracy", 0.9, OF_PAGE) == "90.0%"
    assert write("bs", 1000, OF_PAGE) == "1,000"
    assert write("w0", None, OF_PAGE) == "empty"
