"""Where a loss surface is lowest: inside a box, beyond its edge, or nowhere."""

import numpy as np
import pytest
import torch

from minibatch_core import (
    Dataset,
    DataSettings,
    draw_minibatches,
    find_minimum,
    full_loss,
    loss_surface,
    make_dataset,
)
from minibatch_core.engine.batches import sample_minibatches
from minibatch_core.losses import LOSSES
from minibatch_core.theory.lowest import limit_far_out, low_places, lowest_point, lowest_possible
from minibatch_core.theory.separability import has_minimum, is_separable
from tests.support.autograd import torch_loss

BOX = ((-4.0, 6.0), (-6.0, 4.0))
UGLY = [(10, 0.5, 4), (61, 0.5, 60), (61, 0.3, 10), (100, 0.1, 5), (300, 0.15, 40), (20, 0.05, 20)]
"""N, noise and batch size."""


def minibatches(n: int, noise: float, size: int, count: int) -> list[Dataset]:
    data = make_dataset(DataSettings(n=n, noise=noise, seed=n + size))
    batches = sample_minibatches(n, size, count, True, 7)
    return [Dataset(data.x[batch], data.y[batch]) for batch in batches]


def lowest_seen(data: Dataset, loss: str) -> tuple[float, float]:
    """The lowest loss in the box and outside, by looking at many (w, b), steep sigmoids too."""
    fine = np.linspace(-1.0, 1.0, 121)
    inside = loss_surface(data, 1.0 + 5.0 * fine, -1.0 + 5.0 * fine, loss).min()
    x = np.sort(data.x)
    at = np.concatenate([x - 1e-3, x, x + 1e-3, (x[1:] + x[:-1]) / 2.0])
    steep = np.geomspace(0.5, 3000.0, 50)
    w = np.outer(np.concatenate([steep, -steep]), np.ones(len(at))).ravel()
    b = -w * np.tile(at, 2 * len(steep))
    steep_losses = full_loss(data, w, b, loss)
    outside = (w < -4.0) | (w > 6.0) | (b < -6.0) | (b > 4.0)
    wide = [(reach * fine[fine != 0], reach * fine[fine != 0]) for reach in (12.0, 40.0, 120.0)]
    inside = min(inside, steep_losses[~outside].min(initial=np.inf))
    beyond = steep_losses[outside].min()
    for w_grid, b_grid in wide:
        surface = loss_surface(data, w_grid, b_grid, loss)
        is_in = np.outer((w_grid >= -4.0) & (w_grid <= 6.0), (b_grid >= -6.0) & (b_grid <= 4.0))
        inside, beyond = min(inside, surface[is_in].min()), min(beyond, surface[~is_in].min())
    return float(inside), float(beyond)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(("n", "noise", "size"), UGLY)
def test_nothing_seen_contradicts_where_the_loss_is_lowest(
    n: int, noise: float, size: int, loss: str
) -> None:
    for data in minibatches(n, noise, size, 12):
        found = lowest_point(data, *BOX, loss)
        inside, beyond = lowest_seen(data, loss)
        limit = limit_far_out(data, loss)[0]
        if found.place == "nowhere":  # as w and b grow
            assert is_separable(data)
        elif found.place == "inside":
            assert found.loss <= min(inside, beyond) + 1e-12
            assert found.loss < limit
        elif found.place == "local":
            assert min(inside, beyond, limit) < found.loss
        elif found.place == "beyond":
            assert beyond < min(inside, limit) + 1e-9
        else:
            assert limit <= min(inside, beyond) + 1e-9


@pytest.mark.parametrize("loss", ["mse", "bce"])
def test_at_the_lowest_point_torch_finds_no_slope_and_a_bowl(loss: str) -> None:
    data = make_dataset(DataSettings(noise=0.4, seed=2))
    found = lowest_point(data, (-10.0, 10.0), (-10.0, 10.0), loss)
    assert found.place == "inside"
    x, y = torch.tensor(data.x), torch.tensor(data.y)

    def of_all(at: torch.Tensor) -> torch.Tensor:
        return torch_loss(loss, at[0] * x + at[1], y)

    at = torch.tensor([found.w, found.b], dtype=torch.float64)
    assert torch.autograd.functional.jacobian(of_all, at).abs().max() < 1e-7
    assert torch.linalg.eigvalsh(torch.autograd.functional.hessian(of_all, at)).min() > 0.0
    assert of_all(at).item() == pytest.approx(found.loss, rel=1e-12)


def test_a_minimum_between_the_cells_of_a_diagonal_valley_is_inside() -> None:
    data = make_dataset(DataSettings(n=60, noise=0.15, seed=5))
    w_grid, b_grid = np.linspace(*BOX[0], 21), np.linspace(*BOX[1], 21)
    surface = loss_surface(data, w_grid, b_grid)
    i, j = np.unravel_index(np.argmin(surface), surface.shape)
    assert b_grid[j] == -6.0  # the lowest cell lies on the edge
    found = lowest_point(data, *BOX)
    assert (found.place, round(found.w, 3), round(found.b, 3)) == ("inside", 4.604, -4.94)
    assert found.loss < surface[i, j]


def test_the_lowest_cell_of_points_that_some_x_divides_is_no_minimum() -> None:
    data = make_dataset()
    points = draw_minibatches(100, 3, 12, True, 3)[9]
    grid = np.linspace(*BOX[0], 21), np.linspace(*BOX[1], 21)
    surface = loss_surface(data, *grid, "mse", points)
    i, j = np.unravel_index(np.argmin(surface), surface.shape)
    assert 0 < i < 20
    assert 0 < j < 20  # inside the grid
    for loss in LOSSES:
        assert lowest_point(Dataset(data.x[points], data.y[points]), *BOX, loss).place == "nowhere"


@pytest.mark.parametrize("loss", ["mse", "bce_with_logits_on_sigmoid"])
@pytest.mark.parametrize("size", [2, 7, 60])
def test_the_limit_far_out_is_the_lowest_that_steep_sigmoids_come_to(size: int, loss: str) -> None:
    for data in minibatches(61, 0.5, size, 10):
        limit, sigmoids = limit_far_out(data, loss)
        side, at = sigmoids[0]
        found = full_loss(data, np.array([side * 1e7]), np.array([-side * 1e7 * at]), loss)[0]
        assert found == pytest.approx(limit, abs=1e-6)
        x = np.sort(data.x)
        every = np.concatenate([[x[0] - 1.0], (x[1:] + x[:-1]) / 2.0, [x[-1] + 1.0]])
        both = [full_loss(data, np.full(len(every), w), -w * every, loss) for w in (1e7, -1e7)]
        assert np.min(both) >= limit - 1e-12


def test_law_12_mse_may_have_no_minimum_where_bce_has_one() -> None:
    """Without a minimum of the BCE there is none of the MSE either, but not the other way round."""
    data = make_dataset()
    batches = sample_minibatches(100, 10, 300)
    with_bce = has_minimum(data, batches)
    everywhere = (-60.0, 60.0)
    of_mse = np.array(
        [
            lowest_point(Dataset(data.x[batch], data.y[batch]), everywhere, everywhere).place
            for batch in batches
        ]
    )
    assert ((of_mse == "nowhere") == ~with_bce).all()
    assert 0.2 < np.mean(of_mse[with_bce] == "far") < 0.8


@pytest.mark.parametrize(
    ("settings", "loss", "local"),
    [
        (DataSettings(n=20, noise=0.5, seed=3), "mse", (2.4846, -1.4197)),
        (DataSettings(n=60, noise=0.5, seed=7), "bce_with_logits_on_sigmoid", (2.469, -3.953)),
    ],
)
def test_a_local_minimum_is_not_lowest_where_the_loss_is_lower_far_out(
    settings: DataSettings, loss: str, local: tuple[float, float]
) -> None:
    data = make_dataset(settings)
    w, b = (np.array([value]) for value in local)
    away = np.array([0.1, -0.1, 0.0, 0.0])
    here = full_loss(data, w, b, loss)[0]
    assert (full_loss(data, w + away, b + away[::-1], loss) > here).all()
    assert limit_far_out(data, loss)[0] < here
    found = lowest_point(data, *BOX, loss)
    assert found.place == "local"
    assert (found.w, found.b) == pytest.approx(local, abs=1e-3)


def minimum_from(data: Dataset, w: float, b: float) -> tuple[float, float, float] | None:
    """Where torch's L-BFGS comes to from here, if that is a minimum in the box."""
    at = torch.tensor([w, b], dtype=torch.float64, requires_grad=True)
    x, y = torch.tensor(data.x), torch.tensor(data.y)
    descent = torch.optim.LBFGS(
        [at],
        max_iter=300,
        tolerance_grad=1e-12,
        tolerance_change=1e-16,
        line_search_fn="strong_wolfe",
    )

    def of_all(where: torch.Tensor) -> torch.Tensor:
        return torch_loss("mse", where[0] * x + where[1], y)

    def closure() -> torch.Tensor:
        descent.zero_grad()
        loss = of_all(at)
        loss.backward()
        return loss

    descent.step(closure)
    end = at.detach()
    curvature = torch.linalg.eigvalsh(torch.autograd.functional.hessian(of_all, end)).min()
    slope = torch.autograd.functional.jacobian(of_all, end).abs().max()
    (w_from, w_to), (b_from, b_to) = BOX
    if slope > 1e-8 or curvature < 1e-5:
        return None
    if not (w_from <= end[0] <= w_to and b_from <= end[1] <= b_to):
        return None
    return end[0].item(), end[1].item(), of_all(end).item()


@pytest.mark.parametrize(("n", "noise", "size"), [(100, 0.1, 10), (61, 0.5, 60), (10, 0.3, 10)])
def test_the_lowest_minimum_that_torch_comes_to_in_the_box_is_found(
    n: int, noise: float, size: int
) -> None:
    w_grid, b_grid = np.linspace(*BOX[0], 81), np.linspace(*BOX[1], 81)
    places = set()
    for data in minibatches(n, noise, size, 15):
        if is_separable(data):
            continue
        cells = low_places(loss_surface(data, w_grid, b_grid))
        ends = [minimum_from(data, w_grid[i], b_grid[j]) for i, j in cells]
        minima = [end for end in ends if end is not None]
        found = lowest_point(data, *BOX)
        places.add(found.place)
        if minima:
            assert found.is_in_sight
            assert found.loss <= min(loss for _, _, loss in minima) + 1e-9
        if found.is_in_sight:
            polished = minimum_from(data, found.w, found.b)
            assert polished == pytest.approx((found.w, found.b, found.loss), abs=1e-5)
    assert places & {"inside", "local"}


def test_a_minimum_counts_as_lowest_only_if_no_steep_sigmoid_is_lower() -> None:
    claimed = local = 0
    for seed in range(60):
        data = make_dataset(DataSettings(n=(10, 45, 100)[seed % 3], noise=0.3, seed=seed))
        minimum = find_minimum(data)
        if minimum is None:
            continue
        x = np.sort(data.x)
        at = np.concatenate([[x[0] - 1.0], (x[1:] + x[:-1]) / 2.0, [x[-1] + 1.0]])
        steep = [
            full_loss(data, np.full(len(at), w), -w * at).min()
            for size in (50.0, 1e3, 1e5)
            for w in (size, -size)
        ]
        claimed += minimum.is_lowest
        local += not minimum.is_lowest
        assert minimum.is_lowest == (minimum.loss <= min(steep)), seed
    assert claimed > 10
    assert local > 3


@pytest.mark.parametrize("loss", LOSSES)
def test_a_larger_multiple_of_a_w_and_b_that_divide_the_classes_has_a_lower_loss(loss: str) -> None:
    data = make_dataset(DataSettings(noise=0.0))
    multiples = np.array([1.0, 1.5, 2.0, 4.0, 8.0])
    falling = full_loss(data, multiples, -multiples, loss)  # the boundary stays at x = 1
    assert (np.diff(falling) < 0.0).all()
    larger = full_loss(data, np.array([1.0, 2.0]), np.array([-1.0, 3.0]), loss)
    assert larger[1] > larger[0]  # both are larger, but the boundary moved


@pytest.mark.parametrize("n", [1000, 3000, 8000, 10_000])
@pytest.mark.parametrize("seed", [1, 42])
def test_of_thousands_of_points_no_steep_sigmoid_is_lower_than_what_was_found(
    n: int, seed: int
) -> None:
    data = make_dataset(DataSettings(n=n, seed=seed))
    limit, sigmoids = limit_far_out(data, "mse")
    side, part = sigmoids[0]
    w = side * np.repeat(np.geomspace(100.0, 20_000.0, 24), 21)
    at = np.tile(part + np.linspace(-0.02, 0.02, 21), 24)
    seen = float(full_loss(data, w, -w * at).min())
    assert lowest_possible(data) < seen + 1e-7
    if lowest_point(data, *BOX).place == "far":
        assert seen > limit - 1e-12


def test_a_minimum_between_thousands_of_points_may_be_almost_a_step() -> None:
    data = make_dataset(DataSettings(n=10_000))
    limit, _ = limit_far_out(data, "mse")
    logits = 977.81 * torch.tensor(data.x) - 978.37
    loss = float(torch_loss("mse", logits, torch.tensor(data.y)))
    assert loss < limit - 1e-5
    assert lowest_point(data, *BOX).place == "beyond"
    assert lowest_possible(data) == pytest.approx(loss, abs=1e-8)
