"""A server of the dashboard, started once, and the browser to look at it with."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as trials
from playwright.sync_api import Browser, BrowserContext, Page, expect

from scripts.browser import system_browser

ROOT = Path(__file__).parent.parent
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",
]

os.environ["OMP_NUM_THREADS"] = "1"  # of torch, here and in every server: workers share the cores

slow = trials(deadline=None, suppress_health_check=[*HealthCheck])
trials.register_profile("same", slow, derandomize=True, database=None)
trials.register_profile("fresh", slow, print_blob=True)
trials.load_profile("same")  # `make test` draws the same cases each time, `make search` new ones


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a browser test waits about a third of its time."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """First the tests that take longest, so that no worker has one of them left at the end."""
    items.sort(key=lambda item: "deployment" not in item.path.parts)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def start_server(command: list[str], port: int, root: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, *command], cwd=root)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if _is_ready(port):
            return process
        assert process.poll() is None, "the server stopped before it was ready"
        time.sleep(0.1)
    process.terminate()
    raise AssertionError("the server was not ready within two minutes")


def _is_ready(port: int) -> bool:
    """Whether a server listens: under whatever base path, its root or that path answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1):
            return True
    except urllib.error.HTTPError:
        return True  # another path is its own
    except OSError:
        return False


@contextmanager
def stopping(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Stop a server when the context ends."""
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def start_dashboard(port: int, *options: str, root: Path = ROOT) -> subprocess.Popen[bytes]:
    """The dashboard as `make run` serves it."""
    address = ["--server.headless=true", "--server.address=127.0.0.1", f"--server.port={port}"]
    return start_server(["-m", "streamlit", "run", "app.py", *address, *options], port, root)


@contextmanager
def serve_dashboard(*options: str) -> Iterator[str]:
    """The address of the dashboard, which runs as long as the context does."""
    port = free_port()
    with stopping(start_dashboard(port, *options)):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def serve_as_plain_script() -> Iterator[str]:
    """app.py run as a plain Streamlit script, as by a host that does not find the ASGI app."""
    port = free_port()
    code = (
        "from streamlit.web import bootstrap; bootstrap.load_config_options({"
        f"'server_headless': True, 'server_address': '127.0.0.1', 'server_port': {port}"
        "}); bootstrap.run('app.py', False, [], {})"
    )
    with stopping(start_server(["-c", code], port, ROOT)):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with serve_dashboard() as url:
        yield url


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """The browser of this machine, or else the one that Playwright downloaded."""
    return {"executable_path": system_browser(), "args": CHROMIUM_FLAGS}


@contextmanager
def _window(browser: Browser, server: str, **options: Any) -> Iterator[BrowserContext]:
    """A window that tests share, so that what was loaded and compiled for one serves the next.

    The page that stays open keeps the process in which all pages of 127.0.0.1 run.
    """
    context = browser.new_context(**options)
    context.new_page().goto(f"{server}/_stcore/health")
    yield context
    context.close()


def _cleared(window: BrowserContext) -> Iterator[BrowserContext]:
    yield window
    stays, *others = window.pages
    for page in others:
        page.close()
    stays.evaluate("localStorage.clear()")
    window.clear_cookies()


@pytest.fixture(scope="session")
def laptops_window(browser: Browser, server: str) -> Iterator[BrowserContext]:
    with _window(browser, server, viewport={"width": 1366, "height": 768}) as window:
        yield window


@pytest.fixture(scope="session")
def phones_window(browser: Browser, server: str) -> Iterator[BrowserContext]:
    size = {"width": 390, "height": 844}
    with _window(browser, server, viewport=size, has_touch=True, is_mobile=True) as window:
        yield window


@pytest.fixture
def context(laptops_window: BrowserContext) -> Iterator[BrowserContext]:
    """A laptop's window, with no page."""
    yield from _cleared(laptops_window)


@pytest.fixture
def phone(phones_window: BrowserContext) -> Iterator[Page]:
    """A page on a phone."""
    for window in _cleared(phones_window):
        yield window.new_page()


@pytest.fixture
def tablet(browser: Browser, server: str) -> Iterator[Page]:
    """A page on a tablet."""
    size = {"width": 820, "height": 1180}
    with _window(browser, server, viewport=size, has_touch=True, is_mobile=True) as window:
        yield window.new_page()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page whose scripts may make no error, and that waits for a slow machine."""
    errors: list[str] = []
    page = context.new_page()
    page.set_default_timeout(30_000)
    expect.set_options(timeout=20_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []
