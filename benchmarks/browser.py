"""The dashboard in headless Chromium, for the benchmarks that time what a user sees."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from playwright.sync_api import Browser, Page, sync_playwright

from scripts.browser import system_browser
from tests.conftest import CHROMIUM_FLAGS, serve_dashboard


def parser(description: str | None) -> argparse.ArgumentParser:
    """A command line that takes the address of a server that runs already."""
    options = argparse.ArgumentParser(description=(description or "").splitlines()[0])
    options.add_argument("--url", help="a running server, http://127.0.0.1:PORT")
    return options


@contextmanager
def open_browser(url: str | None) -> Iterator[tuple[Browser, str]]:
    """A browser and the dashboard's address; without a `url` app.py is started."""
    server = nullcontext(url) if url else serve_dashboard()
    with server as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=system_browser(), args=CHROMIUM_FLAGS)
        yield browser, address
        browser.close()


@contextmanager
def open_page(url: str | None) -> Iterator[tuple[Page, str]]:
    """A page of a laptop's size and the dashboard's address."""
    with open_browser(url) as (browser, address):
        # Waiting for an expression evaluates a string, which the page's policy forbids.
        yield browser.new_page(viewport={"width": 1366, "height": 768}, bypass_csp=True), address
