"""What we touch of Streamlit without a word in its documentation: each fails when it changes."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from streamlit import config
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.components.v2.manifest_scanner import ComponentManifest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.forward_msg_cache import populate_hash_if_needed
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.testing.v1 import AppTest
from streamlit.web.server.starlette import starlette_routes

from dashboard.server import undocumented


def test_a_folder_is_served_as_that_of_its_components(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = BidiComponentManager()
    monkeypatch.setattr(undocumented, "get_bidi_component_manager", lambda: manager)
    for _ in range(2):
        undocumented.register_folder(tmp_path, "ours-1", "chart", "link")
    assert manager.get_component_path("ours-1.chart") == str(tmp_path)
    assert manager.get_component_path("ours-1.link") == str(tmp_path)


def test_a_visitor_who_comes_meanwhile_finds_all_components(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_begun, has_come = Event(), Event()

    class OneByOne:
        def __init__(self) -> None:
            self.roots: dict[str, Path] = {}

        def get_component_asset_root(self, name: str) -> Path | None:
            return self.roots.get(name)

        def register_from_manifest(self, manifest: ComponentManifest, root: Path) -> None:
            for each in manifest.components:
                self.roots[f"{manifest.name}.{each.name}"] = root / str(each.asset_dir)
                has_begun.set()
                has_come.wait(0.2)

    manager = OneByOne()
    monkeypatch.setattr(undocumented, "get_bidi_component_manager", lambda: manager)

    def visit() -> int:
        undocumented.register_folder(tmp_path, "ours-1", "chart", "link")
        has_come.set()
        return len(manager.roots)

    with ThreadPoolExecutor() as pool:
        first = pool.submit(visit)
        assert has_begun.wait(10.0)
        assert (pool.submit(visit).result(), first.result()) == (2, 2)


def test_the_page_of_streamlit_has_the_title_that_we_change() -> None:
    page = undocumented.INDEX_PAGE.read_text()
    assert page.count("<title>Streamlit</title>") == 1


def test_streamlit_has_the_typeface_of_its_pages() -> None:
    assert undocumented.LETTERS is not None
    assert undocumented.LETTERS.read_bytes().startswith(b"wOF2")


class Session:
    """As much of a session as a rerun asks for."""

    def __init__(self, known: set[str]) -> None:
        self.known = known

    def has_fragment(self, fragment: str) -> bool:
        return fragment in self.known


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What Streamlit's own `request_rerun` is asked for: a fragment, or everything."""
    asked: list[str] = []

    def request_rerun(_: object, client_state: ClientState | None) -> None:
        asked.append("nothing" if client_state is None else client_state.fragment_id or "all")

    monkeypatch.setattr(AppSession, "request_rerun", request_rerun)
    undocumented.run_all_for_unknown_fragments.cache_clear()
    undocumented.run_all_for_unknown_fragments()
    yield asked
    undocumented.run_all_for_unknown_fragments.cache_clear()


def test_a_control_of_a_page_that_the_server_has_forgotten_runs_all(requests: list[str]) -> None:
    session = Session({"known"})
    for state in (
        ClientState(fragment_id="known"),
        ClientState(fragment_id="forgotten"),
        ClientState(fragment_id="forgotten", is_auto_rerun=True),
        ClientState(),
        None,
    ):
        AppSession.request_rerun(session, state)  # type: ignore[arg-type]
    assert requests == ["known", "all", "forgotten", "all", "nothing"]


def test_streamlit_asks_a_session_for_its_fragments_before_it_drops_a_message() -> None:
    assert callable(AppSession.has_fragment)
    assert {"fragment_id", "is_auto_rerun"} <= set(ClientState.DESCRIPTOR.fields_by_name)


def test_no_message_is_referred_to_that_a_browser_may_have_dropped() -> None:
    assert config.get_option("global.minCachedMessageSize") >= 1e9
    message = ForwardMsg()
    message.delta.new_element.markdown.body = "x" * 1_000_000
    populate_hash_if_needed(message)
    assert not message.metadata.cacheable


FRAGMENT = """
import streamlit as st
from dashboard.server.undocumented import is_run_of_fragments

@st.fragment
def part():
    st.text(f"of fragments: {is_run_of_fragments()}")

part()
"""


def test_a_run_of_fragments_is_told_from_a_run_of_all() -> None:
    test = AppTest.from_string(FRAGMENT).run()
    assert test.text[0].value == "of fragments: False"
    known = ScriptRunContext.__dataclass_fields__
    assert {"fragment_ids_this_run", "is_history_navigation"} <= set(known)
    assert not undocumented.is_run_of_fragments()  # where no script runs
    assert not undocumented.is_back_or_forward()


def test_the_address_of_components_is_that_of_streamlit() -> None:
    assert starlette_routes._ROUTE_COMPONENTS_V2.startswith(undocumented.COMPONENT_PATH)
