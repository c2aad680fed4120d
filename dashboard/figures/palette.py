"""The colours: one meaning, one colour, on every page and in both themes."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from plotly.colors import get_colorscale

from dashboard.figures.parts import Figure

__all__ = [
    "CLASS_0",
    "CLASS_1",
    "FULL",
    "MINIBATCH",
    "PALETTE",
    "RUNS",
    "SCALES",
    "B",
    "Theme",
    "W",
    "colour_stops",
    "coloured",
]

Theme = Literal["light", "dark"]

PALETTE: Mapping[Theme, Mapping[str, str]] = {
    "light": {
        "class0": "#c2410c",
        "class1": "#0369a1",
        "minibatch": "#c026a3",
        "full": "#1f2933",
        "w": "#0f766e",
        "b": "#a16207",
        "casing": "#ffffff",
        "grid": "rgba(0,0,0,0.08)",
    },
    "dark": {
        "class0": "#fb923c",
        "class1": "#5cb8f2",
        "minibatch": "#f08ad8",
        "full": "#e8eaed",
        "w": "#3fcfb8",
        "b": "#e3b341",
        "casing": "#111111",
        "grid": "rgba(255,255,255,0.10)",
    },
}
"""The colours that have a meaning, by name; `casing` is around an arrow, `grid` behind a chart."""

CLASS_0, CLASS_1 = "$class0", "$class1"

MINIBATCH, FULL = "$minibatch", "$full"

W, B = "$w", "$b"

RUNS = ("#2f7fd1", "#d55e00", "#00bb88", "#dd0044", "#e69f00", "#886688")
"""One for each kept run, to be told apart on a light and on a dark page."""

SCALES = {"viridis": "Viridis", "cividis": "Cividis", "rdylgn": "RdYlGn"}


def coloured(figure: Figure, theme: Theme = "light") -> Figure:
    """The figure with the colours of a theme in place of their names, as the browser draws it.

    >>> coloured({"data": [{"line": {"color": FULL, "width": 2}}], "layout": {}}, "dark")
    {'data': [{'line': {'color': '#e8eaed', 'width': 2}}], 'layout': {}}
    """

    def change(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: change(value) for key, value in part.items()}
        if isinstance(part, list):
            return [change(value) for value in part]
        is_name = isinstance(part, str) and part.startswith("$")
        return PALETTE[theme].get(part[1:], part) if is_name else part

    return {key: change(part) for key, part in figure.items()}


@cache
def colour_stops(scale: str) -> list[list[Any]]:
    """The [position, colour] stops of a surface scale, from the lowest loss to the highest.

    The notebook's scale is reversed, as there: low loss is green.

    >>> colour_stops("viridis")[0]
    [0.0, '#440154']
    """
    name = {"viridis": "viridis", "cividis": "cividis", "rdylgn": "rdylgn_r"}[scale]
    return [[position, colour] for position, colour in get_colorscale(name)]
