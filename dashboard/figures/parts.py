"""What figures are made of: axes, lines, and traces made short enough to draw."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from tsdownsample import MinMaxDownsampler

from minibatch_core.arrays import Floats

__all__ = [
    "ALONG",
    "FEWEST_FOR_BANDS",
    "LEGEND_ABOVE",
    "MIDDLE",
    "MOST_DRAWN",
    "Figure",
    "axis",
    "hovered",
    "in_the_middle",
    "line",
    "log_axis",
    "shortened",
    "thinned",
    "upright",
    "without_legend",
]

Figure = dict[str, Any]

ALONG = ",.6~r"
"""How a hover writes what is counted along a run, in d3's words: 200,000, and not 2e+5."""

MIDDLE = (0.1, 0.9)
"""Between these quantiles lie about four of five runs, ..."""

FEWEST_FOR_BANDS = 10
"""... of fewer runs than so many it can't be said where."""

ROUNDING = 1e-9
"""Of powers of ten: where an axis spans just two of them, the browser finds the same ticks."""

MOST_DRAWN = 800
"""Points of a trace that are drawn: about as many as a chart has pixels, every spike among them."""


def in_the_middle(count: int) -> int:
    """How many of so many numbers lie between the quantiles of MIDDLE, which NumPy interpolates.

    >>> [in_the_middle(count) for count in (10, 11, 12, 50)]
    [8, 9, 8, 40]
    """
    return count - 2 * -(-(count - 1) // 10)


def thinned(*traces: NDArray[Any], most: int = MOST_DRAWN) -> NDArray[np.int32]:
    """The steps to draw of traces that share their steps: first, last, and every bin's extremes.

    A trace may be any array of numbers, a column or every other value of another one as well. It
    is looked at to the digits that are drawn, so that what comes back to a place is back there.

    >>> spike = np.zeros(100_000)
    >>> spike[54_321] = 1.0
    >>> 54_321 in thinned(spike)
    True

    Source: tsdownsample's MinMaxDownsampler.
    """
    length = len(traces[0])
    if length <= most:
        return np.arange(length, dtype=np.int32)
    share = 2 * (most // (2 * len(traces)))
    drawn = [shortened(np.asarray(trace, dtype=np.float64)) for trace in traces]
    whole = [np.ascontiguousarray(trace, dtype=np.float64) for trace in drawn]
    kept = [MinMaxDownsampler().downsample(trace, n_out=share) for trace in whole]
    return np.unique(np.concatenate([*kept, [0, length - 1]])).astype(np.int32)


def shortened(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Values to draw as float32, half the bytes on the way to the browser, if that can hold them.

    >>> shortened(np.array([0.5])).dtype, shortened(np.array([0.5, 1e300])).dtype
    (dtype('float32'), dtype('float64'))
    """
    if np.max(np.abs(values), initial=0.0, where=~np.isnan(values)) > np.finfo(np.float32).max:
        return values
    return values.astype(np.float32, copy=False)


def hovered(*several: NDArray[Any], digits: int = 4) -> str:
    """How a hover writes such numbers, in d3's words: powers of ten only where zeros are too many.

    >>> hovered(np.array([0.00002, 74_000.0])), hovered(np.array([1e80]), digits=3)
    (',.4~r', ',.3~g')
    """
    values = np.concatenate([np.ravel(each) for each in several]).astype(np.float64)
    sizes = np.abs(values[np.isfinite(values) & (values != 0.0)])
    is_plain = sizes.min(initial=1.0) > 1e-9 and sizes.max(initial=1.0) < 1e9
    return f",.{digits}~{'r' if is_plain else 'g'}"


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis of a figure's layout."""
    plain = {"exponentformat": "power", "minexponent": 6}  # 20000, not 2e+4
    return {"title": {"text": title, "standoff": 4}, "zeroline": False, **plain, **more}


def log_axis(title: str, values: NDArray[Any], **more: Any) -> dict[str, Any]:
    """A logarithmic axis for these values, with some three to nine ticks whatever they span."""
    drawn = np.asarray(values, dtype=np.float64)
    drawn = drawn[np.isfinite(drawn) & (drawn > 0.0)]
    ticks: dict[str, Any] = {}
    if len(drawn):
        low, high = float(np.log10(drawn.min())), float(np.log10(drawn.max()))
        span = high - low - ROUNDING
        if span > 2.0:
            ticks = {"dtick": int(np.ceil(span / 6.0))}
        elif span > 0.6:  # below, plotly's own ticks are evenly spaced
            powers = range(int(np.floor(low + ROUNDING)), int(np.ceil(high - ROUNDING)) + 1)
            digits = [f"{digit}e{power}" for power in powers for digit in (1, 2, 5)]
            ticks = {"tickvals": [float(text) for text in digits]}
    return axis(title, type="log", minexponent=3, **ticks, **more)


def line(x: NDArray[Any], y: Floats, colour: str, width: float, name: str) -> dict[str, Any]:
    """A line of a figure over steps, which hovering reads."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x if x.dtype == np.int32 else shortened(x),
        "y": shortened(y),
        "line": {"color": colour, "width": width},
        "hovertemplate": "step %{x:,d}: %{y:.4f}<extra>" + name + "</extra>",
    }


def upright(
    x: NDArray[Any], low: Floats, high: Floats, colour: str, name: str, is_log: bool = False
) -> dict[str, Any]:
    """An upright line at each x, from one value to another; none below 0 on a log axis."""
    low, high = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    has_ends = np.isfinite(low) & np.isfinite(high) & ((low > 0.0) | (not is_log))
    gaps = np.full(int(has_ends.sum()), np.nan)
    across = np.repeat(np.asarray(x, dtype=np.float64)[has_ends], 3)
    ends = np.column_stack([low[has_ends], high[has_ends], gaps]).ravel()
    bars = line(across, ends, colour, 1.4, name=name)
    return {**bars, "hoverinfo": "skip", "hovertemplate": None, "showlegend": False}


LEGEND_ABOVE = {
    "orientation": "h",
    "x": 1,
    "xanchor": "right",
    "y": 1,
    "yanchor": "bottom",
    "tracegroupgap": 0,
}


def without_legend(figure: Figure) -> Figure:
    """A figure beside one whose legend serves both."""
    return {**figure, "layout": {**figure["layout"], "showlegend": False}}
