"""Stability: how the chosen run ends, and why, is said as it is, whatever the loss."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st
from numpy.typing import NDArray

from dashboard.shell.layout import Shown
from dashboard.shell.registry import PAGES
from minibatch_core import (
    Dataset,
    DataSettings,
    Settings,
    TrainSettings,
    find_minimum,
    largest_stable_lr,
    make_dataset,
    train,
)
from minibatch_core.losses import LOSSES
from pages.stability import idea
from tests.support.computed import computed, shown
from tests.support.opened import boards, open_page

PAGE = PAGES["stability"]


def settings_of(
    lr: float, loss: str, momentum: float = 0.0, epochs: int = 50, **data: float
) -> Settings:
    points = DataSettings(**data)  # type: ignore[arg-type]
    training = TrainSettings(
        loss=loss,
        optimizer="momentum",
        momentum=momentum,
        lr=lr,
        batch_size=points.n,
        epochs=epochs,
        seed=PAGE.settings.train.seed,
    )
    return Settings(points, training)


def end_said(page: Shown) -> str:
    return " ".join(word for word in page.words if word.startswith("**The chosen run**"))


def p_of(data: Dataset, w: float, b: float) -> NDArray[np.float64]:
    z = np.clip(w * data.x + b, -700.0, 700.0)
    return np.asarray(1.0 / (1.0 + np.exp(-z)))


def slopes(data: Dataset, w: float, b: float, loss: str) -> NDArray[np.float64]:
    """The derivative of each point's loss with respect to its logit."""
    p, y = p_of(data, w, b), data.y
    if loss == "bce":
        return np.asarray(p - y)
    if loss == "mse":
        return np.asarray(2.0 * (p - y) * p * (1.0 - p))
    return np.asarray((1.0 / (1.0 + np.exp(-p)) - y) * p * (1.0 - p))


def loss_there(data: Dataset, w: float, b: float, loss: str) -> float:
    p, y = p_of(data, w, b), data.y
    if loss == "mse":
        return float(((p - y) ** 2).mean())
    z = w * data.x + b if loss == "bce" else p
    return float((np.logaddexp(0.0, z) - y * z).mean())


@st.composite
def asked(draw: st.DrawFn) -> Settings:
    n = draw(st.sampled_from([2, 10, 61, 100, 300]))
    return settings_of(
        draw(st.sampled_from([0.0, 1e-9, 1e-4, 0.5, 5.0, 11.0, 20.0, 50.0, 200.0, 1000.0])),
        draw(st.sampled_from([*LOSSES])),
        draw(st.sampled_from([0.0, 0.0, 0.5, 0.9, 0.995, 1.0])),
        draw(st.sampled_from([1, 2, 10, 50, 400])),
        n=n,
        noise=draw(st.sampled_from([0.0, 0.1, 0.5])),
        seed=draw(st.integers(1, 6)),
    )


def check_distances(
    said: str, end: str, path: NDArray[np.float64], far: NDArray[np.float64]
) -> None:
    """The distances that are told are those of the steps they are told of."""
    last = np.abs(path[-1] - path[-2]).max()
    late = far[len(far) // 2 :]
    if end == "a cycle of":
        (steps,) = map(int, re.findall(r"cycle of (\d+) steps", said))
        assert steps > 1
        np.testing.assert_allclose(path[-1], path[-1 - steps], rtol=1e-5, atol=1e-5)
        assert (
            np.abs(path[-1] - path[-1 - steps]).max() < 0.01 * np.ptp(path[-steps:], axis=0).max()
        )
        late = far[-steps:]
    if end == "comes closer":
        assert (np.diff(late) < 0.0).all()
        late = far[-1:]
    if end == "hardly moves":
        assert last < 1e-6 * (1.0 + np.abs(path[-1]).max())
        late = far[-1:]
    if end == "moves slowly":
        assert last < 1e-3 * far[-1]
        late = far[-1:]
    if end == "It ends":
        assert len(path) <= 4
        late = far[-1:]
    away = said.partition(" away from the minimum.")[0].split(" ")
    ends_at = [late.min(), late.max()] if away[-2] == "to" else [late.max()]
    told = away[-3::2] if away[-2] == "to" else away[-1:]
    assert [float(each.replace(",", "")) for each in told] == pytest.approx(ends_at, rel=0.06)


@trials(max_examples=80)
@given(asked())
def test_how_the_chosen_run_ends_is_said_as_it_is(settings: Settings) -> None:
    data, training = make_dataset(settings.data), settings.train
    page, minimum = shown("stability", settings), find_minimum(data, training.loss)
    said = end_said(page)
    if minimum is None:
        assert not said
        return
    run = train(data, training)
    path = np.column_stack([run.w, run.b])
    w, b = path[-1]
    far = np.hypot(run.w - minimum.w, run.b - minimum.b)
    last = np.abs(path[-1] - path[-2]).max()
    slope = slopes(data, w, b, training.loss)
    gradient = np.hypot((slope * data.x).mean(), slope.mean())
    ends = (
        "does not move", "It comes to rest at the minimum", "it is at the minimum", "a cycle of",
        "still moves", "comes closer", "hardly moves", "moves slowly", "It ends",
    )  # fmt: skip
    end = next(each for each in ends if each in said)
    if end == "does not move":
        assert len(np.unique(path, axis=0)) == 1
        return
    limit = largest_stable_lr(minimum.sharpness, training.momentum or 0.0)
    assert ("cannot stay at the minimum" in said) == (
        training.lr > limit and end in ("it is at the minimum", "comes closer")
    )
    if end in ("It comes to rest at the minimum", "it is at the minimum"):
        assert (training.lr > limit) == (end == "it is at the minimum")
        assert far[-1] < 1e-3
        assert last < 1e-5
        return
    expected = loss_there(data, w, b, training.loss)
    (loss, compared) = re.findall(r"the loss is ([\d.,]+), (as|while it is [\d.,]+) at", said)[0]
    assert float(loss.replace(",", "")) == pytest.approx(expected, abs=6e-5)
    lowest = loss if compared == "as" else compared.removeprefix("while it is ")
    assert float(lowest.replace(",", "")) == pytest.approx(minimum.loss, abs=6e-5)
    assert compared == "as" or lowest != loss
    check_distances(said, end, path, far)
    p = p_of(data, w, b)
    saturated = int((np.minimum(p, 1.0 - p) < 0.01).sum())
    if "saturated" in said:
        assert f"at {saturated:,} of the {len(data):,} points" in said
        assert saturated > 0.9 * len(data)
    if "gradient is almost 0" in said:
        assert gradient < 1e-3
    if "steps are tiny" in said:
        assert training.lr * gradient < 1e-6 * (1.0 + np.abs(path[-1]).max())
    is_stuck = end != "a cycle of"
    assert ("saturated" in said) == (is_stuck and gradient < 1e-3 and saturated > 0.9 * len(data))
    assert end != "hardly moves" or "gradient is almost 0" in said or "steps are tiny" in said


@pytest.mark.parametrize(
    ("lr", "loss"), [(200.0, "mse"), (1000.0, "mse"), (1000.0, "bce_with_logits_on_sigmoid")]
)
def test_a_run_whose_sigmoid_saturates_is_not_said_to_jump_to_and_fro(lr: float, loss: str) -> None:
    settings = settings_of(lr, loss, noise=0.3, seed=4)  # where all losses have a minimum
    run = train(make_dataset(settings.data), settings.train)
    assert np.abs(np.diff(run.w[-20:])).max() < 1e-3
    said = end_said(shown("stability", settings))
    assert "the sigmoid is saturated: at 100 of the 100 points" in said
    assert "may stop far away, where the loss is high" in idea(loss).replace("\n", " ")


def test_only_of_a_convex_loss_it_is_said_that_far_away_the_gradient_leads_back() -> None:
    data = make_dataset(DataSettings(noise=0.3, seed=3))
    for loss, record in LOSSES.items():
        text = idea(loss).replace("\n", " ")
        assert ("leads back" in text) == record.is_convex
        assert ("saturated" in text) != record.is_convex
        angles = np.linspace(0.0, 2.0 * np.pi, 60)
        far = 1e4 * np.column_stack([np.cos(angles), np.sin(angles)])
        along = []
        for w, b in far:
            slope = slopes(data, w, b, loss)
            along.append(-((slope * data.x).mean() * w + slope.mean() * b) / 1e4)
        assert (max(along) < -1e-3) == record.is_convex


@pytest.mark.parametrize(("noise", "n"), [(0.1, 100), (0.5, 20), (0.3, 61)])
@pytest.mark.parametrize("loss", [*LOSSES])
def test_dots_are_spoken_of_where_some_are_drawn(noise: float, n: int, loss: str) -> None:
    page = shown("stability", settings_of(1.0, loss, n=n, noise=noise, seed=3))
    charts = {chart.name: chart for chart in page.board.charts}
    if "limits" in charts:
        (found,) = [each for each in charts["limits"].figure["data"] if each["name"] == "found"]
        assert ("Dots:" in charts["limits"].note) == found["showlegend"]
        assert np.isfinite(found["y"]).any() == found["showlegend"]
        assert len(found["x"]) == len(found["y"])


@pytest.mark.parametrize(
    ("loss", "lr", "data", "kind"),
    [
        ("mse", 60.0, {}, "At its end it still comes closer"),
        ("bce_with_logits_on_sigmoid", 1.01, {"noise": 0.5, "seed": 3}, "it is at the minimum"),
    ],
)
def test_past_the_limit_a_run_that_is_close_is_said_to_leave_again(
    loss: str, lr: float, data: dict[str, float], kind: str
) -> None:
    points = make_dataset(DataSettings(**data))  # type: ignore[arg-type]
    minimum = find_minimum(points, loss)
    assert minimum is not None
    if kind == "it is at the minimum":
        lr *= largest_stable_lr(minimum.sharpness)
    settings = settings_of(lr, loss, epochs=1000, **data)
    said = end_said(shown("stability", settings))
    assert kind in said
    assert "But it cannot stay at the minimum" in said
    run = train(points, settings.train)
    w, b, near = run.w[-1], run.b[-1], np.hypot(run.w[-1] - minimum.w, run.b[-1] - minimum.b)
    for _ in range(5000):
        slope = slopes(points, w, b, loss)
        w, b = w - lr * (slope * points.x).mean(), b - lr * slope.mean()
    assert np.hypot(w - minimum.w, b - minimum.b) > 10.0 * near


def test_with_a_momentum_of_1_no_learning_rate_is_said_to_be_stable() -> None:
    page = shown(PAGE.name, settings_of(lr=10.0, loss="bce", momentum=1.0))
    assert page.board.metrics["Largest stable lr"] == "–"
    assert "stable one" not in end_said(page)
    (distances,) = [chart for chart in page.board.charts if chart.name == "distances"]
    lines = [trace for trace in distances.figure["data"] if trace["showlegend"]]
    assert [trace["name"] for trace in lines] == ["the chosen lr"]
    assert [len(trace["x"]) > 0 for trace in distances.figure["data"]] == [False, False, True]
    assert "%" not in distances.note


@pytest.mark.parametrize("times", [0.9996, 0.99999, 1.00001, 1.0004])
def test_next_to_the_limit_the_page_says_on_which_side_a_rate_is(times: float) -> None:
    minimum = find_minimum(make_dataset(), "bce")
    assert minimum is not None
    limit = largest_stable_lr(minimum.sharpness)
    said = end_said(shown("stability", settings_of(times * limit, "bce")))
    ((side, told),) = re.findall(r"just (above|below) the largest stable one \(([\d.]+)\)", said)
    assert (side == "above") == (times > 1.0)
    assert (float(told) < times * limit) == (times > 1.0)
    assert float(told) == pytest.approx(limit, rel=5e-4)


def test_the_surface_of_a_page_that_plays_no_run_is_sent_whole() -> None:
    (board,) = boards(open_page("stability"))
    (surface,) = [chart for chart in board["charts"] if chart["name"] == "surface"]
    assert np.isfinite(np.asarray(surface["data"][0]["z"])).all()
    assert len(surface["data"]) > 1


def far_after(steps: int, settings: Settings) -> NDArray[np.float64]:
    """How far gradient descent is from the minimum, step by step."""
    data, chosen = make_dataset(settings.data), settings.train
    minimum, start = find_minimum(data, chosen.loss), train(data, chosen)
    assert minimum is not None
    at, velocity, far = np.array([start.w[0], start.b[0]]), np.zeros(2), []
    for _ in range(steps):
        slope = slopes(data, at[0], at[1], chosen.loss)
        velocity = (chosen.momentum or 0.0) * velocity + [(slope * data.x).mean(), slope.mean()]
        at = at - chosen.lr * velocity
        far.append(np.hypot(at[0] - minimum.w, at[1] - minimum.b))
    return np.array(far)


@pytest.mark.parametrize(
    ("lr", "momentum", "epochs"),
    [(10.0, 0.0, 5), (10.0, 0.0, 10), (1.0, 0.9, 20), (1.0, 0.99, 300), (1.0, 0.995, 50)],
)
def test_of_a_run_below_the_limit_it_is_told_how_it_ends_with_more_epochs(
    lr: float, momentum: float, epochs: int
) -> None:
    asked = settings_of(lr, "bce", momentum, epochs)
    said = end_said(shown("stability", asked))
    ((more, there),) = re.findall(r"[Ww]ith ([\d,]+) epochs it ([a-z].*?[a-z])\.(?: |$)", said)
    far = far_after(int(more.replace(",", "")), asked)
    assert ("It needs more steps" in said) == (there == "comes to rest at the minimum")
    if there == "comes to rest at the minimum":
        assert far[-1] < 1e-3
    else:
        (away,) = re.findall(r"ends at most ([\d.]+) away from the minimum", there)
        assert far[len(far) // 2 :].max() == pytest.approx(float(away), rel=0.06)
        assert far[len(far) // 2 :].max() < 0.5 * far[epochs // 2 : epochs].max()


@pytest.mark.parametrize(
    ("n", "noise", "seed", "loss", "lr", "momentum", "epochs", "start"),
    [
        (100, 0.35, 52, "bce", 8.84, 0.9, 30, 22),
        (37, 0.35, 31, "bce", 7.0, 0.97, 40, 42),
        (13, 0.05, 45, "bce", 11.7, 0.9, 100, 47),
        (61, 0.5, 342, "mse", 14.8, 0.9, 10, 89),
    ],
)
def test_of_a_run_that_never_comes_to_rest_it_is_not_said_that_it_needs_more_steps(
    n: int, noise: float, seed: int, loss: str, lr: float, momentum: float, epochs: int, start: int
) -> None:
    asked = settings_of(lr, loss, momentum, epochs, n=n, noise=noise, seed=seed)
    asked = replace(asked, train=replace(asked.train, seed=start))
    said = end_said(shown("stability", asked))
    far = far_after(5000, asked)
    assert far[-1000:].max() > 0.05
    assert "needs more steps" not in said
    assert "of others it does not say whether they come to it" in said


@pytest.mark.parametrize(
    ("n", "noise", "seed", "loss", "lr", "start"),
    [
        (13, 0.35, 22, "bce", 4.85, 76),
        (250, 0.35, 241, "bce", 4.09, 94),
        (37, 0.5, 21, "mse", 9.88, 53),
    ],
)
def test_a_swing_that_shrinks_is_no_cycle(
    n: int, noise: float, seed: int, loss: str, lr: float, start: int
) -> None:
    asked = settings_of(lr, loss, epochs=100, n=n, noise=noise, seed=seed)
    asked = replace(asked, train=replace(asked.train, seed=start))
    assert "cycle" not in end_said(shown("stability", asked))
    far = far_after(100, asked)
    assert far[-1] < 0.95 * far[-2] < 0.95**2 * far[-3]


@pytest.mark.parametrize("epochs", [300, 1000])
def test_of_one_that_stays_away_it_is_told_what_law_10_is_about(epochs: int) -> None:
    said = end_said(shown("stability", settings_of(20.3, "bce", 0.9, epochs)))
    assert "away from the minimum" in said
    assert "is about runs that start close to the minimum: of others it does not say" in said
    assert "needs more" not in said


@pytest.mark.parametrize(
    ("n", "noise", "seed", "loss"),
    [
        (20, 0.5, 3, "mse"),
        (61, 0.5, 3, "mse"),
        (60, 0.5, 7, "bce_with_logits_on_sigmoid"),
        (100, 0.1, 1, "bce"),
    ],
)
def test_a_cross_at_a_local_minimum_is_called_that(
    n: int, noise: float, seed: int, loss: str
) -> None:
    page = shown("stability", settings_of(5.0, loss, n=n, noise=noise, seed=seed))
    minimum = find_minimum(make_dataset(DataSettings(n=n, noise=noise, seed=seed)), loss)
    (surface,) = [chart for chart in page.board.charts if chart.name == "surface"]
    (cross,) = [trace for trace in surface.figure["data"] if trace.get("meta") == "minimum"]
    name = cross["hovertemplate"].partition("<br>")[0]
    assert minimum is not None
    assert name == ("lowest point" if minimum.is_lowest else "local minimum")
    assert ("a local one" in (page.warning or "")) == (name == "local minimum")


@pytest.mark.parametrize("momentum", [0.0, 0.99, 1.0])
def test_no_run_is_said_to_come_to_rest_at_a_momentum_of_1(momentum: float) -> None:
    training = replace(PAGE.settings.train, momentum=momentum)
    lab = computed("stability", replace(PAGE.settings, train=training))
    (note,) = [chart.note for chart in lab.board.charts if chart.name == "limits"]
    assert ("With a momentum of 1 no run comes to rest there." in note) == (momentum == 1.0)
