"""The browser of the tests and benchmarks: which one there is; run by itself, it brings one."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HEADLESS = "chromium-headless-shell"
"""Chromium without windows: the same engine at half the cost of a page."""

NAMES = (HEADLESS, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLAYWRIGHT = [sys.executable, "-m", "playwright", "install", "chromium", "--only-shell"]


def system_browser() -> str | None:
    """The path of a Chromium or Chrome of this machine's own; None leaves Playwright its own."""
    paths = (shutil.which(name) for name in NAMES)
    return next((path for path in paths if path and not is_snap(path)), None)


def is_snap(path: str) -> bool:
    """Whether a command is Ubuntu's snap or its wrapper: snaps can't see Playwright's profile."""
    with Path(path).open("rb") as file:
        return Path(path).resolve().name == "snap" or b"/snap/bin/" in file.read(4096)


def main() -> None:
    """Where there is no browser, install Chromium and say how, or end with what to do."""
    if system_browser():
        return
    print("The browser tests need Chromium, and there is none here.", flush=True)
    command = how_to_install()
    print("Installing it:", *command, flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        errors = re.findall(r"^(?:E|Error): .+", done.stdout + done.stderr, re.MULTILINE)
        sys.exit(
            f"Chromium could not be installed ({(errors or ['no reason given'])[-1]}): check the "
            "network, or install Chromium or Chrome yourself, then try again."
        )


def how_to_install() -> list[str]:
    """Debian's package, where apt-get may be used and knows it; else Playwright's download."""
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or not succeeds([*root, "true"]):
        return PLAYWRIGHT
    succeeds([*root, "apt-get", "update"])  # a fresh machine knows no packages yet
    if succeeds(["apt-cache", "show", HEADLESS]):
        return [*root, "apt-get", "install", "-y", "--no-install-recommends", HEADLESS]
    return [*PLAYWRIGHT, "--with-deps"]  # Ubuntu: the libraries that Chromium needs, by apt-get


def succeeds(command: list[str]) -> bool:
    """Whether a command is there and exits with 0."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    main()
