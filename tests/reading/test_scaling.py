"""Standardised x, and the w and b that say the same of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minibatch_core import Dataset, Scale, make_dataset, predict, standardise

NUMBERS = st.floats(-1e3, 1e3, allow_subnormal=False)


def points(*x: float) -> Dataset:
    return Dataset(np.array(x), np.array([i % 2 for i in range(len(x))], dtype=np.float64))


def test_standardised_points_have_mean_0_and_sd_1_and_their_classes() -> None:
    data, scale = standardise(points(162.0, 171.0, 180.0, 195.0))
    assert scale == Scale(177.0, float(np.std([162.0, 171.0, 180.0, 195.0])))
    assert abs(data.x.mean()) < 1e-15
    assert abs(data.x.std() - 1.0) < 1e-15
    assert data.y.tolist() == [0.0, 1.0, 0.0, 1.0]
    assert (data.x == (np.array([162.0, 171.0, 180.0, 195.0]) - scale.mean) / scale.sd).all()


@given(st.lists(NUMBERS, min_size=2, max_size=30), st.floats(-5.0, 5.0), st.floats(-5.0, 5.0))
def test_w_and_b_of_either_scale_give_the_same_outputs(x: list[float], w: float, b: float) -> None:
    if max(x) - min(x) < 1.0:
        x = [0.0, 1.0, *x]
    data = points(*x)
    standard, scale = standardise(data)
    there = scale.from_standard(w, b)
    expected = predict(standard.x, w, b)
    assert np.abs(predict(data.x, *there) - expected).max() < 1e-12
    assert np.abs(predict(standard.x, *scale.to_standard(*there)) - expected).max() < 1e-12


def test_a_whole_path_of_w_and_b_changes_its_scale() -> None:
    scale = Scale(100.0, 20.0)
    w, b = scale.from_standard(np.array([2.0, 4.0]), np.array([0.0, 1.0]))
    assert (w.tolist(), b.tolist()) == ([0.1, 0.2], [-10.0, -19.0])


def test_the_notebooks_points_are_standardised_too() -> None:
    _, scale = standardise(make_dataset())
    assert 0.8 < scale.mean < 1.2
    assert 0.7 < scale.sd < 1.1


@pytest.mark.parametrize(
    ("x", "says"),
    [
        ((0.1, 0.1, 0.1), "x should not be the same everywhere, but got 0.1"),
        ((-1e200, 1e200), "x should be between"),
        ((0.0, 1e-200), "x should be between"),
    ],
)
def test_what_can_not_be_standardised_is_said(x: tuple[float, ...], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        standardise(points(*x))


def test_a_scale_without_a_width_is_none() -> None:
    with pytest.raises(ValueError, match="sd above 0, but got 1 and 0"):
        Scale(1.0, 0.0)
