"""The sigmoid of one point of the loss surface, said in numbers."""

import pytest

from tests.support.computed import shown


@pytest.mark.parametrize(
    ("w", "b", "curve", "half", "accuracy"),
    [
        (1.0, -1.0, "σ(1.00 x - 1.00)", "It is ½ at x = 1.00.", "90.0%"),
        (-1000.0, 0.0, "σ(-1,000.00 x + 0.00)", "It is ½ at x = 0.00.", "37.0%"),
        (1e-9, 1.0, "σ(1·10⁻⁹ x + 1.00)", "It is ½ at x = -1.00·10⁹.", "53.0%"),
        (0.0, -1.0, "σ(0.00 x - 1.00)", "It is flat.", "47.0%"),
        (0.0, 0.0, "σ(0.00 x + 0.00)", "It is ½ for every x, so no point is on a side of it.", "–"),
    ],
)
def test_a_point_is_told_by_its_curve_and_its_sides(
    w: float, b: float, curve: str, half: str, accuracy: str
) -> None:
    board = shown("loss_surface", point_w=w, point_b=b).board
    assert f"{curve}. {half}" in board.charts[0].note
    assert board.metrics["Its accuracy"] == accuracy
    if abs(w) == 1000.0:
        assert board.metrics["w shown"] == "-1,000.00"
