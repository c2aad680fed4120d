"""The minimum of a loss: exact to the last digits, as Newton's method has it with more of them."""

import numpy as np
import pytest

from minibatch_core import Dataset, DataSettings, Minimum, find_minimum, make_dataset
from minibatch_core.losses import LOSSES

SETS = [
    DataSettings(n=n, noise=noise, seed=seed)
    for n in (10, 61, 100)
    for noise in (0.1, 0.3, 0.5)
    for seed in (3, 4, 5)
]


def refined(data: Dataset, minimum: Minimum, loss: str) -> tuple[float, float]:
    """How far w and b are from where Newton's method ends with 64 binary digits."""
    x, y = data.x.astype(np.longdouble), data.y.astype(np.longdouble)
    w, b = np.longdouble(minimum.w), np.longdouble(minimum.b)
    for _ in range(6):
        p = 1.0 / (1.0 + np.exp(-(w * x + b)))
        steep = p * (1.0 - p)
        bend = steep * (1.0 - 2.0 * p)
        again = 1.0 / (1.0 + np.exp(-p))
        slope, curvature = {
            "mse": (2.0 * (p - y) * steep, 2.0 * (steep * steep + (p - y) * bend)),
            "bce": (p - y, steep),
            "bce_with_logits_on_sigmoid": (
                (again - y) * steep,
                again * (1.0 - again) * steep * steep + (again - y) * bend,
            ),
        }[loss]
        g_w, g_b = (slope * x).mean(), slope.mean()
        ww, wb, bb = (curvature * x * x).mean(), (curvature * x).mean(), curvature.mean()
        determinant = ww * bb - wb * wb
        w = w - (bb * g_w - wb * g_b) / determinant
        b = b - (ww * g_b - wb * g_w) / determinant
    return float(w - minimum.w), float(b - minimum.b)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_minimum_is_exact(loss: str) -> None:
    found = [(data, find_minimum(data, loss)) for data in map(make_dataset, SETS)]
    minima = [(data, minimum) for data, minimum in found if minimum is not None]
    assert len(minima) > 3
    for data, minimum in minima:
        assert refined(data, minimum, loss) == pytest.approx((0.0, 0.0), abs=1e-11)


def test_it_is_sharpest_in_a_direction_of_length_1_towards_larger_w() -> None:
    for data in map(make_dataset, SETS):
        minimum = find_minimum(data, "bce")
        if minimum is None:
            continue
        along = np.array(minimum.sharpest)
        assert along[0] >= 0.0
        assert np.hypot(*along) == pytest.approx(1.0)
        assert along @ minimum.hessian @ along == pytest.approx(minimum.sharpness)
