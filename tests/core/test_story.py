"""The way from the notebook's first run to its third: single changes, and what chance does."""

from dataclasses import fields
from itertools import pairwise, product

import numpy as np
import pytest
import torch

from minibatch_core import (
    NOTEBOOK_PRESETS,
    NOTEBOOK_PRINTS,
    DataSettings,
    TrainSettings,
    find_minimum,
    full_loss,
    make_batches,
    make_dataset,
    train_torch,
)
from minibatch_core.course.slips import (
    first_batch_again,
    fresh_draws,
    losses_on_draws,
    share_bent_downwards,
)
from minibatch_core.course.story import (
    CHANGES,
    ROUTES,
    Effect,
    ends_of_runs,
    made_first_and_last,
    notebook_runs,
    story,
)

WAYS = list(product(ROUTES, CHANGES))


def differing(one: TrainSettings, other: TrainSettings) -> list[str]:
    names = [entry.name for entry in fields(TrainSettings)]
    return [name for name in names if getattr(one, name) != getattr(other, name)]


def test_the_changes_are_what_the_first_and_the_third_run_differ_in() -> None:
    first, _, third = (preset.train for preset in NOTEBOOK_PRESETS.values())
    assert sorted(differing(first, third)) == sorted(CHANGES)


@pytest.mark.parametrize(("route", "first"), WAYS)
def test_the_way_leads_from_the_first_run_to_the_third_by_single_changes(
    route: str, first: str
) -> None:
    stages = story(100, 42, route, first)
    presets = [preset.train for preset in NOTEBOOK_PRESETS.values()]
    assert (stages[0].train, stages[-1].train) == (presets[0], presets[2])
    assert (presets[1] in [stage.train for stage in stages]) == (route == "through")
    for before, after in pairwise(stages):
        (changed,) = differing(before.train, after.train)
        assert (after.changed, after.before) == (changed, getattr(before.train, changed))
    if route == "straight":
        assert stages[1].changed == first


@pytest.mark.parametrize(("route", "first"), WAYS)
def test_the_notebooks_runs_on_the_way_end_where_the_notebook_prints(
    route: str, first: str
) -> None:
    named = [stage for stage in story(100, 42, route, first) if stage.preset is not None]
    assert len(named) == (3 if route == "through" else 2)
    for stage in named:
        run = train_torch(make_dataset(), stage.train, "cpu")
        printed = NOTEBOOK_PRINTS[str(stage.preset)][-1]
        assert (f"{run.w[-1]:.4f}", f"{run.b[-1]:.4f}") == (
            f"{printed.w:.4f}",
            f"{printed.b:.4f}",
        )


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("n", [10, 61])
def test_pytorch_ends_every_run_on_the_way_where_we_do(n: int, route: str) -> None:
    data = make_dataset(DataSettings(n=n, noise=0.5, seed=3))
    for stage in story(n, 7, route, "shuffle"):
        theirs = train_torch(data, stage.train, "cpu", "float64")
        ours = ends_of_runs(data, stage.train, 2)[0]
        np.testing.assert_allclose(ours, [theirs.w[-1], theirs.b[-1]], rtol=1e-9)


@pytest.mark.parametrize("n", [2, 10, 25, 30, 61, 10_000])
def test_with_any_number_of_points_the_way_has_single_changes(n: int) -> None:
    for route, first in WAYS:
        stages = story(n, 1, route, first)
        assert stages[0].train.batch_size == n
        assert stages[-1].train == notebook_runs(n, 1)["dataloader"]
        for before, after in pairwise(stages):
            after.train.check_against(n)
            assert differing(before.train, after.train) == [after.changed]


@pytest.mark.parametrize(("name", "value"), [("route", "back"), ("first", "lr_decay")])
def test_a_way_that_is_none_is_told(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{name} should be one of .*, but got '{value}'"):
        story(100, **{name: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_made_first_and_last(change: str) -> None:
    (start, alone), (missing, end) = made_first_and_last(100, change)
    runs = notebook_runs(100)
    assert (start, end) == (runs["full_batch"], runs["dataloader"])
    assert differing(start, alone) == differing(missing, end) == [change]
    assert story(100, 42, "straight", change)[1].train == alone


def test_an_effect_is_that_of_runs_trained_one_by_one_with_pytorchs_own_draws() -> None:
    """Another way: autograd and Adam from torch's global generator, without our engine."""
    data, seeds = make_dataset(), 4
    x, y = (torch.tensor(each).float().reshape(-1, 1) for each in (data.x, data.y))

    def end(seed: int, shuffle: bool) -> float:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            torch.randn(1), torch.randn(1)
            model = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Sigmoid())
            points = torch.utils.data.TensorDataset(x, y)
            loader = torch.utils.data.DataLoader(points, batch_size=50, shuffle=shuffle)
            optimizer = torch.optim.Adam(model.parameters(), lr=0.5)
            for _ in range(100):
                for features, labels in loader:
                    optimizer.zero_grad()
                    torch.nn.functional.mse_loss(model(features), labels).backward()
                    optimizer.step()
            with torch.no_grad():
                return torch.nn.functional.mse_loss(model(x), y).item()

    theirs = [end(seed, True) - end(seed, False) for seed in range(42, 42 + seeds)]
    _, pair = made_first_and_last(100, "shuffle")
    before, after = (
        full_loss(data, *np.ascontiguousarray(ends_of_runs(data, run, seeds).T)) for run in pair
    )
    np.testing.assert_allclose(after - before, theirs, atol=2e-6)


def test_the_error_of_an_effect_is_how_its_mean_scatters() -> None:
    draws = np.random.default_rng(3).normal(0.3, 2.0, (4000, 50))
    effects = [Effect(each) for each in draws]
    assert np.std([each.mean for each in effects]) == pytest.approx(
        np.mean([each.error for each in effects]), rel=0.05
    )
    assert np.mean([Effect(each - 0.3).is_clear for each in draws]) < 0.01


def test_few_seeds_make_nothing_clear_and_rounding_is_nothing() -> None:
    assert not Effect(np.array([1.0, 1.1, 0.9])).is_clear
    assert Effect(np.linspace(0.9, 1.1, 20)).is_clear
    assert Effect(np.full(20, 1e-15)).is_nothing
    assert not Effect(np.full(20, 1e-15)).is_clear


# What the slips' numbers are.


def test_mse_is_bent_downwards_where_torch_finds_it_so_and_bce_nowhere() -> None:
    data = make_dataset(DataSettings(n=61, noise=0.3, seed=9))
    x, y = torch.tensor(data.x), torch.tensor(data.y)

    def mse(at: torch.Tensor) -> torch.Tensor:
        return torch.mean((torch.sigmoid(at[0] * x + at[1]) - y) ** 2)

    places = [torch.tensor([w, b]) for w in range(-4, 7) for b in range(-6, 5)]
    bent = [
        torch.linalg.eigvalsh(torch.autograd.functional.hessian(mse, at.double()))[0] < -1e-12
        for at in places
    ]
    assert share_bent_downwards(data, "mse") == pytest.approx(np.mean(bent))
    assert share_bent_downwards(data, "bce") == 0.0


def test_the_cell_without_a_seed_prints_other_batches_when_it_is_run_again() -> None:
    points = torch.utils.data.TensorDataset(torch.arange(61))
    with torch.random.fork_rng():
        torch.manual_seed(5)
        torch.nn.Linear(1, 1)
        printed = [
            next(iter(torch.utils.data.DataLoader(points, batch_size=20, shuffle=True)))[0]
            for _ in range(2)
        ]
    settings = TrainSettings(batch_size=20, shuffle="each_epoch", seed=5)
    first, again = first_batch_again(61, settings)
    assert first.tolist() == printed[0].tolist()
    assert again.tolist() == printed[1].tolist()
    assert first.tolist() == make_batches(61, settings)[0].tolist()


def test_fresh_draws_hold_none_of_the_points_and_have_the_loss_of_the_source() -> None:
    settings = DataSettings(n=100, noise=0.2, seed=4)
    draws = fresh_draws(settings)
    assert not any(np.isin(draw.x, make_dataset(settings).x).any() for draw in draws)
    assert len({float(draw.x[0]) for draw in draws}) == len(draws)
    losses = losses_on_draws(draws, 2.0, -1.5, "mse")
    error = losses.std(ddof=1) / np.sqrt(len(losses))
    generator = np.random.default_rng(1)
    x = generator.normal(1.0, 1.0, 2_000_000)
    flips = generator.random(len(x)) < np.where(np.abs(x - 1.0) < 1.0, 0.2, 0.05)
    expected = np.mean((1.0 / (1.0 + np.exp(1.5 - 2.0 * x)) - ((x > 1.0) != flips)) ** 2)
    assert abs(losses.mean() - expected) < 4.0 * error
    assert error < 0.01


@pytest.mark.parametrize(
    ("data", "loss"),
    [
        (DataSettings(n=5, noise=0.3, seed=2), "mse"),
        (DataSettings(n=100, noise=0.1, seed=17), "mse"),
        (DataSettings(n=61, noise=0.3, seed=22), "mse"),
        (DataSettings(n=100, noise=0.1, seed=1), "bce_with_logits_on_sigmoid"),
        (DataSettings(n=100, noise=0.3, seed=3), "bce_with_logits_on_sigmoid"),
        (DataSettings(n=61, noise=0.3, seed=9), "mse"),
    ],
)
def test_a_plateau_far_out_is_no_minimum(data: DataSettings, loss: str) -> None:
    points = make_dataset(data)
    minimum = find_minimum(points, loss)
    if minimum is not None:  # then it rises all around by more than rounding
        angles = np.linspace(0.0, 2.0 * np.pi, 64)
        w, b = minimum.w + 0.5 * np.cos(angles), minimum.b + 0.5 * np.sin(angles)
        assert full_loss(points, w, b, loss).min() > minimum.loss + 1e-9
