"""theme.js: the colours that figures name."""

from typing import Any

import pytest

from dashboard.figures.palette import PALETTE, Theme, coloured
from tests.support.in_node import in_node

FIGURE: dict[str, Any] = {
    "data": [
        {
            "name": "$5 a step, $nothing and $constructor",
            "line": {"color": "$full", "width": 2, "dash": None},
            "marker": {"color": ["$class0", "#ffffff", "$class1"]},
            "x": [1, 2],
        },
        {"name": "$constructor", "showlegend": False},
    ],
    "layout": {"shapes": [{"fillcolor": "$minibatch"}], "title": "full"},
}


@pytest.mark.parametrize("theme", PALETTE)
def test_a_figure_gets_the_same_colours_in_javascript_as_in_python(theme: Theme) -> None:
    code = "return it.coloured(figure, colours)"
    found = in_node("theme.js", code, figure=FIGURE, colours=PALETTE[theme])
    assert found == coloured(FIGURE, theme)
    assert found["data"][0]["line"]["color"] == PALETTE[theme]["full"]
    assert found["data"][0]["marker"]["color"][1] == "#ffffff"
    assert found["data"][1]["name"] == "$constructor"


def test_arrays_of_numbers_stay_the_same_arrays() -> None:
    code = """
        const [x, rows] = [new Float64Array(2), [new Float32Array(2), new Float32Array(2)]]
        const made = it.coloured({ x, rows, colour: "$w" }, colours)
        return [made.x === x, made.rows === rows, made.colour]
    """
    found = in_node("theme.js", code, colours=PALETTE["dark"])
    assert found == [True, True, PALETTE["dark"]["w"]]


def test_both_themes_have_the_same_colours() -> None:
    assert PALETTE["light"].keys() == PALETTE["dark"].keys()
