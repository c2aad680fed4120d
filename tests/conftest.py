"""A server of the dashboard, started once, and the browser to look at it with."""

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from dashboard import live_chart
from dashboard.views.dataset_and_dataloader import dataloader_view
from dashboard.views.full_batch import full_batch_view
from dashboard.views.in_order import in_order_view
from dashboard.views.playground import playground_view

ROOT = Path(__file__).parent.parent
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def start_server(command: list[str], port: int) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1):
                return process
        except OSError:
            assert process.poll() is None, "the server stopped before it was ready"
            time.sleep(0.1)
    process.terminate()
    raise AssertionError("the server was not ready within two minutes")


@contextmanager
def serve(command: list[str], port: int) -> Iterator[str]:
    """The address of a server that runs as long as the context does."""
    process = start_server(command, port)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def serve_dashboard() -> AbstractContextManager[str]:
    """The dashboard as `make run` serves it."""
    port = free_port()
    options = ["--server.headless=true", "--server.address=127.0.0.1", f"--server.port={port}"]
    return serve(["-m", "streamlit", "run", "app.py", *options], port)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with serve_dashboard() as url:
        yield url


@pytest.fixture(scope="session")
def plain_server() -> Iterator[str]:
    """app.py run as a plain Streamlit script, as by a host that does not find the ASGI app."""
    port = free_port()
    code = (
        "from streamlit.web import bootstrap; bootstrap.load_config_options({"
        f"'server_headless': True, 'server_address': '127.0.0.1', 'server_port': {port}"
        "}); bootstrap.run('app.py', False, [], {})"
    )
    with serve(["-c", code], port) as url:
        yield url


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Views as the dashboard's own server shows them, with a run to play."""
    views = (playground_view, full_batch_view, in_order_view, dataloader_view)
    monkeypatch.setattr(live_chart._server, "plotly_url", "/plotly.js")
    for view in views:
        view.cache_clear()
    yield
    for view in views:
        view.cache_clear()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium, since Playwright brings none of its own."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "no chromium on this machine: apt-get install chromium"
    return {"executable_path": path, "args": CHROMIUM_FLAGS}


@pytest.fixture
def browser_context_args() -> dict[str, Any]:
    """A laptop's window."""
    return {"viewport": {"width": 1366, "height": 768}}


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page whose scripts may make no error, and that waits for a slow machine."""
    errors: list[str] = []
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []
