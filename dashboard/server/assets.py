"""The files that the browser loads: our own modules, and plotly.js cut down to what we draw.

Streamlit serves them, as it serves the files of any component, below the address of the page: under
a path, behind a proxy that strips one, and in a plain Streamlit script alike. The name of a folder
holds its version, so that a browser may keep what it has loaded.
"""

import atexit
import hashlib
import logging
import shutil
import tempfile
from functools import cache
from pathlib import Path

from dashboard.server.plotly_bundle import full_bundle, trimmed
from dashboard.server.undocumented import COMPONENT_PATH, register_folder

__all__ = [
    "BROWSER",
    "address_of",
    "clear_away",
    "component",
    "plotly",
    "plotly_address",
    "register",
]

BROWSER = Path(__file__).parent.parent / "browser"
"""Our own modules and styles."""

COMPONENTS = ("live_chart", "foretell", "lead", "go_to", "shell", "share", "undo")
"""Our components; the module of each has its name."""

FILES = "files"

_log = logging.getLogger(__name__)


def register() -> None:
    """Have our files served; called before each component, since /tmp may be swept clean."""
    if not plotly().exists():
        plotly.cache_clear()
    register_folder(plotly().parent, _plotly_name(), FILES)
    register_folder(BROWSER, _our_name(), *COMPONENTS)


def clear_away() -> None:
    """Remove the plotly.js that this process has cut."""
    if plotly() != full_bundle():
        shutil.rmtree(plotly().parent, ignore_errors=True)


def component(name: str) -> str:
    """What Streamlit calls one of our components."""
    return f"{_our_name()}.{name}"


def plotly_address() -> str:
    """Where plotly.js is, seen from the folder of our own modules."""
    return f"{_plotly_name()}.{FILES}/{plotly().name}"


def address_of(module: str) -> str:
    """Where one of our own modules is, below the address of the dashboard."""
    return f"{COMPONENT_PATH}/{component(COMPONENTS[0])}/{module}"


@cache
def _our_name() -> str:
    return _versioned("minibatch", *sorted(BROWSER.iterdir()))


@cache
def _plotly_name() -> str:
    return _versioned("plotly", plotly())


def _versioned(name: str, *files: Path) -> str:
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files))
    return f"{name}-{digest.hexdigest()[:12]}"


@cache
def plotly() -> Path:
    """plotly.js with what we draw, or the package's own where it can't be cut or written."""
    full = full_bundle()
    try:
        text = trimmed(full.read_text(encoding="utf-8"))
        folder = Path(tempfile.mkdtemp(prefix="minibatch-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)  # where no server says it ends
        (folder / full.name).write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        _log.warning("All of plotly.js is served, four times as large as what is drawn: %s", error)
        return full
    return folder / full.name
