"""equal.js: whether two figures are the same, so that Plotly need not draw the second."""

import pytest

from tests.support.in_node import in_node

FIGURE = """{
  data: [
    { type: "scatter", x: Float32Array.of(0, NaN, 2), y: [1, null, "2"], line: { dash: "dot" } },
  ],
  layout: { xaxis: { range: [0, 1] }, width: 300, height: undefined },
}"""


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ("", True),
        ("other.data[0].x[1] = 5", False),
        ("other.data[0].x[2] = 2.5", False),
        ("other.data[0].x = Float64Array.from(other.data[0].x)", False),
        ("other.data[0].x = other.data[0].x.subarray(1)", False),
        ("other.data[0].x = [0, NaN, 2]", False),
        ("other.data[0].y[2] = 2", False),
        ("other.data[0].y.push(3)", False),
        ("other.data[0].line = null", False),
        ("other.data[0].line = { ...other.data[0].line }", True),
        ("other.data.pop()", False),
        ("other.layout.xaxis.range[1] = 2", False),
        ("other.layout.xaxis.autorange = undefined", False),
        ("delete other.layout.height", False),
        ("delete other.layout.height; other.layout.depth = undefined", False),
    ],
)
def test_figures_are_the_same_if_all_their_parts_are(change: str, same: bool) -> None:
    code = f"""
      const [one, other] = [{FIGURE}, {FIGURE}]
      {change}
      return [it.isEqual(one, other), it.isEqual(other, one)]
    """
    assert in_node("equal.js", code) == [same, same]
