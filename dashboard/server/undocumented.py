"""Every touch of what Streamlit does not document; the tests of this module watch each one."""

import threading
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import get_script_run_ctx

__all__ = [
    "COMPONENT_PATH",
    "INDEX_PAGE",
    "LETTERS",
    "MEDIA",
    "TITLE",
    "is_back_or_forward",
    "is_run_of_fragments",
    "register_folder",
    "run_all_for_unknown_fragments",
]

COMPONENT_PATH = "_stcore/bidi-components"
"""Where, below the app's address, Streamlit serves the folders of components."""

INDEX_PAGE = Path(st.__file__).parent / "static" / "index.html"
"""The page that every address answers with."""

LETTERS = next(INDEX_PAGE.parent.glob("static/media/SourceSansVF-Upright*.woff2"), None)
"""The file of the typeface that its pages are set in."""

TITLE = b"<title>Streamlit</title>"
"""The line of that page which ours takes the place of."""

MEDIA = "/media/"
"""Where Streamlit serves downloads, which it compresses itself."""

_REGISTERING = threading.Lock()


def register_folder(folder: Path, package: str, *components: str) -> None:
    """Have Streamlit serve a folder as that of these components of a package.

    Streamlit finds such folders in the manifests of installed packages; the dashboard is not
    installed, so it hands over a manifest. A process has one manager, a test one of its own. Of two
    visitors who come at once one waits, until all components are known.
    """
    manager = get_bidi_component_manager()
    with _REGISTERING:
        if manager.get_component_asset_root(f"{package}.{components[0]}") != _resolved(folder):
            served = [ComponentConfig(name, asset_dir=folder.name) for name in components]
            manager.register_from_manifest(ComponentManifest(package, "1", served), folder.parent)


@cache
def _resolved(folder: Path) -> Path:
    return folder.resolve()


def is_run_of_fragments() -> bool:
    """Whether this run is one of fragments, not of the whole script."""
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and bool(context.fragment_ids_this_run)


def is_back_or_forward() -> bool:
    """Whether the browser has asked for this run with a step through its history."""
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and context.is_history_navigation


@cache
def run_all_for_unknown_fragments() -> None:
    """Answer a control whose fragment a session does not know with a run of the whole script.

    Streamlit drops such a message. After a restart of the server, or two minutes away, no session
    knows any fragment of the page that a browser still shows, and its controls would be dead.
    """
    request_rerun = AppSession.request_rerun

    def request(session: AppSession, client_state: ClientState | None) -> None:
        if client_state is not None and not client_state.is_auto_rerun:
            fragment = client_state.fragment_id
            if fragment and not session.has_fragment(fragment):
                client_state.fragment_id = ""
        request_rerun(session, client_state)

    AppSession.request_rerun = request  # type: ignore[assignment, method-assign]
