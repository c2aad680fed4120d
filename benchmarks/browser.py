"""The dashboard in headless Chromium, for the benchmarks that time what a user sees."""

import argparse
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from playwright.sync_api import Page, sync_playwright

from tests.conftest import CHROMIUM_FLAGS, serve_dashboard


def parser(description: str | None) -> argparse.ArgumentParser:
    """A command line that takes the address of a server that runs already."""
    options = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    options.add_argument("--url", help="a running server, http://127.0.0.1:PORT")
    return options


@contextmanager
def open_page(url: str | None) -> Iterator[tuple[Page, str]]:
    """A page of a laptop's size and the dashboard's address; without a `url` app.py is started."""
    server = nullcontext(url) if url else serve_dashboard()
    with server as address, sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        # Waiting for an expression evaluates a string, which the page's policy forbids.
        yield browser.new_page(viewport={"width": 1366, "height": 768}, bypass_csp=True), address
        browser.close()
