"""The dashboard's script without a browser, and what it has sent to be drawn."""

import re
import zlib
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from dashboard.charts.player import player
from dashboard.charts.run import trained
from dashboard.charts.wire import SentRun
from dashboard.shell.registry import PAGES
from dashboard.shell.session import Session
from minibatch_core import DataSettings, Run, Settings, TrainSettings

MAIN = Path(__file__).parent.parent.parent / "dashboard" / "main.py"

# AppTest looks for components in every installed package at every run: most of what a page costs.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


def open_page(name: str, **query_params: str | list[str]) -> AppTest:
    """A page as its address opens it."""
    test = AppTest.from_file(str(MAIN), default_timeout=60)
    for key, value in query_params.items():
        test.query_params[key] = value
    return go_to_page(test, name)


def go_to_page(test: AppTest, name: str) -> AppTest:
    """Another page; AppTest itself only goes to pages that are files."""
    test._page_hash = calc_hash("" if PAGES[name].is_default else name)
    test.run()
    assert not test.exception
    return test


def texts(test: AppTest) -> list[str]:
    """What the page says, without the marks of terms that it explains."""
    written = [unescape(re.sub(r"</?span[^>]*>", "", each.value)) for each in test.markdown]
    sent = [orjson.loads(each.proto.json) for each in test.get("bidi_component") if each.proto.json]
    return [*written, *(words["text"] for words in sent if "text" in words)]


def boards(test: AppTest) -> list[dict[str, Any]]:
    """Every board as the browser is sent it, its arrays in their places."""
    return [decode(sent.proto.bytes) for sent in test.get("bidi_component") if sent.proto.bytes]


def head_of(payload: bytes) -> tuple[dict[str, Any], int]:
    """The head of a board's bytes, and where its arrays begin."""
    length = int.from_bytes(payload[:8], "little")
    head = orjson.loads(zlib.decompress(payload[8 : 8 + length], wbits=-zlib.MAX_WBITS))
    return head, 8 + length + -length % 8


def decode(payload: bytes) -> dict[str, Any]:
    """A board from its bytes, as `decode` of live_chart.js does."""
    head, after = head_of(payload)
    arrays = []
    for place in head["arrays"]:
        dtype = np.dtype("<" + place["dtype"])
        size = int(np.prod(place["shape"]))
        flat = np.frombuffer(payload, dtype, size, after + place["start"])
        arrays.append(flat.reshape(place["shape"]))

    def restored(value: Any) -> Any:
        if isinstance(value, dict):
            if value.keys() == {"array"}:
                return arrays[value["array"]]
            return {key: restored(item) for key, item in value.items()}
        return [restored(item) for item in value] if isinstance(value, list) else value

    view: dict[str, Any] = restored(head["view"])
    return view


def run_of(settings: Settings) -> SentRun:
    """What the browser is sent of the run with these settings."""
    return player(settings, "viridis")


def settings_of(board: dict[str, Any]) -> Settings:
    """What the run of a board is trained with."""
    sent = board["player"]["settings"]
    return Settings(DataSettings(**sent["data"]), TrainSettings(**sent["train"]))


def run_on(test: AppTest) -> Run:
    """The run that the page plays, as the engine trains it."""
    (board,) = [board for board in boards(test) if board["player"]]
    return trained(settings_of(board)).run


def end_of_run(test: AppTest) -> dict[str, str]:
    """The steps, and w and b at the end, of the run that the page plays."""
    run = run_on(test)
    return {"Steps": f"{len(run):,}", "w": f"{run.w[-1]:.4f}", "b": f"{run.b[-1]:.4f}"}


def metrics(test: AppTest) -> dict[str, str]:
    """The numbers above the charts of a page that plays no run."""
    return {label: value for board in boards(test) for label, value in board["metrics"]}


def session(test: AppTest) -> Session:
    """What the server keeps of the visitor."""
    kept: Session = test.session_state["minibatch"]
    return kept
