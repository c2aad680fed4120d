"""Boards as they are seen: their runs trained and drawn by the browser's modules, in Node.js."""

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np

from dashboard.charts.wire import SentLooks
from tests.support.in_node import TRAINED, in_node

FILL = f"""
    {TRAINED}
    const {{ decode }} = await load("wire.js")
    const {{ summaryOf }} = await load("summary.js")
    const plain = (_, value) => (ArrayBuffer.isView(value) ? [...value] : value)
    return Promise.all(payloads.map(async (payload) => {{
      const {{ view }} = await decode(Uint8Array.from(Buffer.from(payload, "base64")))
      if (looks) view.player.settings.looks = looks
      const board = filled(view, trainedIn(view))
      const {{ text: summary }} = summaryOf(board.player)
      return JSON.parse(JSON.stringify({{ ...board, summary }}, plain))
    }}))
"""


def filled(payload: bytes, looks: SentLooks | None = None) -> dict[str, Any]:
    """A board with its run in it, and the `summary` of the run; the hand may hold other looks."""
    (found,) = all_filled([payload], looks)
    return found


def all_filled(payloads: Sequence[bytes], looks: SentLooks | None = None) -> list[dict[str, Any]]:
    """Several at once."""
    sent = [base64.b64encode(payload).decode() for payload in payloads]
    found: list[dict[str, Any]] = in_node("run_charts.js", FILL, payloads=sent, looks=looks)
    for view in found:
        for chart in view["charts"]:
            for trace in chart["data"] or []:
                for name in {"x", "y", "z"} & trace.keys():  # JSON has null for what is not finite
                    trace[name] = np.array(trace[name], dtype=np.float64)
    return found


def charts_of(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The charts of a board by their names."""
    return {chart["name"]: chart for chart in view["charts"]}
