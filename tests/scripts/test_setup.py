"""Setting up: which Python, which torch, which browser, and what is said where one can't be had."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from scripts import browser, install, typescript
from tests.conftest import ROOT, free_port

README = (ROOT / "README.md").read_text(encoding="utf-8")
REQUIREMENTS = (ROOT / "requirements.txt").read_text(encoding="utf-8")

# A command that passes for another Python than it is, and only tells what it would make.
PYTHON = """#!/bin/sh
case $1 in
  -m) echo "$0 $*" ;;
  -c) code=$2; shift 2
      exec {python} -c '
import sys
sys.version_info = ({version}, 0, "final", 0)
sys.modules.update(dict.fromkeys("{lacks}".split()))
exec(sys.argv.pop(1))' "$code" "$@" ;;
esac
"""
# What pyenv puts on the path for a Python that is installed but not chosen.
SHIM = """#!/bin/sh
echo "pyenv: command not found" >&2
exit 127
"""

Commands = Callable[..., Path]


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """Puts a script on the path, where there is nothing else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("PYTHON", raising=False)

    def add(name: str, script: str) -> Path:
        path = folder / name
        path.write_text(script)
        path.chmod(0o755)
        return path

    return add


def python(version: str, lacks: str = "") -> str:
    return PYTHON.format(python=sys.executable, version=version.replace(".", ","), lacks=lacks)


def make_venv(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(ROOT / "scripts" / "make_venv.sh"), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_python3_is_taken_if_it_fits(commands: Commands, tmp_path: Path) -> None:
    chosen = commands("python3", python("3.11"))
    commands("python3.14", python("3.14"))
    assert make_venv(tmp_path / "venv").stdout.splitlines() == [
        f"Making {tmp_path / 'venv'} with python3",
        f"{chosen} -m venv --clear {tmp_path / 'venv'}",
    ]


def test_the_newest_that_fits_is_taken_if_python3_does_not(
    commands: Commands, tmp_path: Path
) -> None:
    commands("python3", python("3.15"))
    commands("python3.14", SHIM)
    commands("python3.13", python("3.13", lacks="ensurepip"))
    commands("python3.12", python("3.12"))
    commands("python3.11", python("3.11"))
    assert "with python3.12\n" in make_venv(tmp_path / "venv").stdout


def test_a_python_can_be_named(
    commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands("python3", python("3.13"))
    commands("mine", python("3.11"))
    monkeypatch.setenv("PYTHON", "mine")
    assert "with mine\n" in make_venv(tmp_path / "venv").stdout


def test_where_no_python_fits_one_sentence_says_what_there_is_and_what_to_do(
    commands: Commands, tmp_path: Path
) -> None:
    commands("python3", python("3.9"))
    commands("python3.14", SHIM)
    commands("python3.12", python("3.12", lacks="ensurepip"))
    done = make_venv(tmp_path / "venv")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "There is no Python from 3.11 to 3.14 with venv here (found: python3 is Python 3.9, "
        "python3.12 has no venv); install one, on Debian or Ubuntu with: apt-get install python3 "
        "python3-venv; or name one: make PYTHON=...\n"
    )


def test_where_there_is_no_python_at_all_the_sentence_says_so(
    commands: Commands, tmp_path: Path
) -> None:
    commands("python3.13", SHIM)
    assert "(found: none)" in make_venv(tmp_path / "venv").stderr


def test_an_environment_that_fits_is_kept(commands: Commands, tmp_path: Path) -> None:
    commands("python3", python("3.13"))
    here = tmp_path / "venv" / "bin" / "python"
    here.parent.mkdir(parents=True)
    commands("python", python("3.12")).rename(here)
    assert make_venv(tmp_path / "venv").stdout == ""


@pytest.mark.parametrize("flaw", [python("3.10"), python("3.12", lacks="pip")])
def test_an_environment_that_does_not_fit_is_made_anew(
    flaw: str, commands: Commands, tmp_path: Path
) -> None:
    commands("python3", python("3.13"))
    here = tmp_path / "venv" / "bin" / "python"
    here.parent.mkdir(parents=True)
    commands("python", flaw).rename(here)
    assert "with python3\n" in make_venv(tmp_path / "venv").stdout


def would_run(target: str, venv: Path) -> str:
    """The commands of a target, none of them run."""
    command = ["make", "-n", "-C", str(ROOT), target, f"VENV={venv}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_make_run_installs_only_what_the_dashboard_needs(tmp_path: Path) -> None:
    commands = would_run("run", tmp_path)
    assert "install.py requirements.txt" in commands
    assert "requirements-dev.txt" not in commands
    assert "browser.py" not in commands


def test_make_test_installs_its_tools_and_a_browser(tmp_path: Path) -> None:
    commands = would_run("test", tmp_path)
    assert "install.py requirements-dev.txt" in commands
    assert "browser.py" in commands


def test_what_is_set_up_is_set_up_again_only_where_its_python_is_gone(tmp_path: Path) -> None:
    here = tmp_path / "bin" / "python"
    here.parent.mkdir()
    here.symlink_to(sys.executable)
    (tmp_path / "run-ready").touch()
    assert "install.py" not in would_run("run", tmp_path)
    here.unlink()
    here.symlink_to(tmp_path / "gone")
    assert "make_venv.sh" in would_run("run", tmp_path)


@pytest.fixture
def linux_without_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(install, "installed", lambda _: "")
    monkeypatch.setattr(install, "has_nvidia_gpu", lambda: False)
    monkeypatch.setattr(install, "answers", lambda _: True)


@pytest.mark.usefixtures("linux_without_torch")
def test_without_an_nvidia_gpu_torch_is_the_cpu_build() -> None:
    use_folder, what = install.choose_torch(REQUIREMENTS)
    assert use_folder
    assert "torch is the CPU build" in what


@pytest.mark.usefixtures("linux_without_torch")
@pytest.mark.parametrize(
    ("part", "instead", "reason"),
    [
        ("has_nvidia_gpu", lambda: True, "since there is an NVIDIA GPU"),
        ("answers", lambda _: False, "since https://download.pytorch.org/whl/cpu/torch/ can't be"),
        ("installed", lambda _: re.findall("torch==(.+)", REQUIREMENTS)[0] + "+cpu", ""),
    ],
)
def test_pytorchs_folder_is_left_out_where_it_is_of_no_use(
    part: str, instead: Callable[..., Any], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, part, instead)
    use_folder, what = install.choose_torch(REQUIREMENTS)
    assert not use_folder
    assert reason in what


@pytest.mark.usefixtures("linux_without_torch")
def test_pytorchs_folder_is_left_out_where_pypis_build_has_no_cuda(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert not install.choose_torch(REQUIREMENTS)[0]


@pytest.mark.parametrize(("listed", "has_gpu"), [("exit 0", True), ("exit 9", False)])
def test_a_gpu_is_one_that_nvidias_driver_finds(
    listed: str, has_gpu: bool, commands: Commands
) -> None:
    assert not install.has_nvidia_gpu()
    commands("nvidia-smi", f"#!/bin/sh\n{listed}\n")
    assert install.has_nvidia_gpu() is has_gpu


class Server(BaseHTTPRequestHandler):
    """Has every page but /none."""

    def do_HEAD(self) -> None:
        self.send_response(404 if self.path == "/none" else 200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_address_is_within_reach_if_it_answers(address: str) -> None:
    assert install.answers(address)
    assert not install.answers(f"{address}/none")
    assert not install.answers(f"http://127.0.0.1:{free_port()}")


def test_an_address_that_keeps_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "PROBE_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        start = time.monotonic()
        assert not install.answers(f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert time.monotonic() - start < 2


def installed_lines(monkeypatch: pytest.MonkeyPatch, name: str) -> list[str]:
    """Every line that a run of the script gives pip, from all files."""
    lines: list[str] = []

    def read(file: Path) -> None:
        for line in file.read_text().splitlines():
            if line.startswith("-r "):
                read(file.parent / line.removeprefix("-r "))
            else:
                lines.append(line)

    def pip(*arguments: str) -> subprocess.CompletedProcess[str]:
        if arguments[0] == "-r":
            read(Path(arguments[1]))
        return subprocess.CompletedProcess(arguments, 0, stderr="")

    monkeypatch.setattr(install, "pip", pip)
    install.main(name)
    return lines


@pytest.mark.parametrize("use_folder", [True, False])
def test_pip_gets_all_requirements_and_pytorchs_folder_only_if_it_is_of_use(
    use_folder: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "choose_torch", lambda _: (use_folder, ""))
    lines = installed_lines(monkeypatch, "requirements-dev.txt")
    first, *pins = REQUIREMENTS.splitlines()
    assert set(pins) < set(lines)
    assert (first in lines) is use_folder


def test_without_a_network_one_sentence_says_so(tmp_path: Path) -> None:
    """What pip says then is pip's to change, so that it is asked."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    environment["PIP_CONFIG_FILE"] = os.devnull
    index = f"http://127.0.0.1:{free_port()}/simple"
    pip = [sys.executable, "-m", "pip", "download", "-q", "--retries=1", f"--index-url={index}"]
    done = subprocess.run(
        [*pip, f"--dest={tmp_path}", "streamlit"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode != 0
    assert install.trouble("requirements.txt", done.stderr) == (
        "requirements.txt could not be installed, since pip reaches no package index: check the "
        "network (pip config list shows the index and the proxy that pip is set to), then try "
        "again."
    )


def test_where_pip_fails_the_sentence_is_all_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failed = subprocess.CompletedProcess([], 1, stderr="ERROR: No space left on device\n")
    monkeypatch.setattr(install, "choose_torch", lambda _: (False, ""))
    monkeypatch.setattr(install, "pip", lambda *_: failed)
    with pytest.raises(SystemExit) as stop:
        install.main("requirements.txt")
    assert stop.value.code == "requirements.txt could not be installed: No space left on device"


def test_any_other_trouble_is_told_in_pips_last_words() -> None:
    said = "WARNING: old\nERROR: Could not find it\nERROR: No space left on device\n\nnotice\n"
    assert install.trouble("requirements.txt", said) == (
        "requirements.txt could not be installed: No space left on device"
    )
    assert install.trouble("requirements.txt", "").endswith("pip gave no reason")


def test_requirements_begin_with_pytorchs_folder_and_pin_all_else() -> None:
    first, *others = REQUIREMENTS.splitlines()
    assert first == "--find-links https://download.pytorch.org/whl/cpu/torch/"
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", line) for line in others)


def test_no_other_file_tells_a_host_what_to_install() -> None:
    """Streamlit Community Cloud takes most of these before requirements.txt, and only one file.

    A pyproject.toml comes after it, unless it is poetry's: ours says what the engine alone needs.
    """
    others = ["uv.lock", "Pipfile", "Pipfile.lock", "environment.yml", "environment.yaml"]
    others += ["conda.yml", "conda-lock.yml", "poetry.lock", "pdm.lock", "setup.py", "setup.cfg"]
    assert [name for name in others if (ROOT / name).exists()] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert [each.split(">=")[0] for each in project["project"]["dependencies"]] == [
        *("torch", "numpy", "numba", "nbformat", "torchinfo")
    ]
    assert "poetry" not in project["tool"]


def test_the_versions_of_python_are_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">=3.11,<3.15"
    script = (ROOT / "scripts" / "make_venv.sh").read_text(encoding="utf-8")
    assert "(3, 11) <= sys.version_info[:2] <= (3, 14)" in script
    assert "no Python from 3.11 to 3.14 with venv" in script
    assert "a Python from 3.11 to 3.14" in " ".join(README.split())


def test_continuous_integration_runs_the_tests_as_the_readme_does() -> None:
    section = README.partition("## Run it")[2].partition("\n## ")[0]
    assert re.search(r"^make test\b", section, re.MULTILINE)
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").endswith("\nmake test\n")


def test_a_browser_of_the_machine_is_taken(commands: Commands) -> None:
    assert browser.system_browser() is None
    chrome = commands("google-chrome", "#!/bin/sh\n")
    assert browser.system_browser() == str(chrome)
    browser.main()  # installs nothing: there is nothing on the path to install with


def test_ubuntus_snap_is_not_taken_for_a_browser(commands: Commands, tmp_path: Path) -> None:
    commands("chromium-browser", '#!/bin/sh\nexec /snap/bin/chromium "$@"\n')
    commands("snap", "")
    (tmp_path / "bin" / "chromium").symlink_to(tmp_path / "bin" / "snap")
    assert browser.system_browser() is None


SUCCEEDS = "#!/bin/sh\n"
FAILS = "#!/bin/sh\nexit 1\n"


@pytest.mark.parametrize(
    ("user", "there", "command"),
    [
        (0, {"true": SUCCEEDS, "apt-get": SUCCEEDS, "apt-cache": SUCCEEDS}, "apt-get install"),
        (0, {"true": SUCCEEDS, "apt-get": SUCCEEDS, "apt-cache": FAILS}, "--only-shell --with"),
        (1, {"sudo": SUCCEEDS, "apt-get": SUCCEEDS, "apt-cache": SUCCEEDS}, "sudo -n apt-get inst"),
        (1, {"sudo": FAILS, "apt-get": SUCCEEDS, "apt-cache": SUCCEEDS}, "install chromium"),
        (1, {"apt-get": SUCCEEDS, "apt-cache": SUCCEEDS}, "playwright install chromium"),
        (0, {"true": SUCCEEDS}, "playwright install chromium"),
    ],
    ids=["root", "Ubuntu", "sudo", "sudo asks", "no sudo", "no apt-get"],
)
def test_chromium_comes_with_apt_get_where_it_may_and_else_with_playwright(
    user: int,
    there: dict[str, str],
    command: str,
    commands: Commands,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    for name, script in there.items():
        commands(name, script)
    assert command in " ".join(browser.how_to_install())


def test_where_chromium_cannot_be_installed_one_sentence_says_why_and_what_to_do(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fails = "#!/bin/sh\necho 'Error: no such host' >&2\nexit 1\n"
    monkeypatch.setattr(browser, "PLAYWRIGHT", [str(commands("playwright", fails))])
    with pytest.raises(SystemExit) as stop:
        browser.main()
    assert stop.value.code == (
        "Chromium could not be installed (Error: no such host): check the network, or install "
        "Chromium or Chrome yourself, then try again."
    )
    assert "Installing it: " in capsys.readouterr().out


def npm_that(returncode: int, stderr: str = "") -> Callable[..., subprocess.CompletedProcess[str]]:
    def npm(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, returncode, "", stderr)

    return npm


def test_where_npm_brings_no_typescript_one_sentence_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typescript, "FOLDER", tmp_path / "typescript")
    monkeypatch.setattr(typescript, "npm", npm_that(0))
    typescript.install()
    monkeypatch.setattr(typescript, "npm", npm_that(1, "npm error code ENOTFOUND\nnpm error ...\n"))
    with pytest.raises(SystemExit) as stop:
        typescript.install()
    assert stop.value.code == (
        f"TypeScript {typescript.VERSION} could not be installed (npm error code ENOTFOUND): check "
        "the network (npm config list shows the registry that npm is set to), then try again."
    )


def test_typescript_that_is_there_is_not_brought_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(typescript, "PACKAGE", tmp_path)
    assert typescript.installed() == ""
    (tmp_path / "package.json").write_text('{"version": "7.0.2"}')
    assert typescript.installed() == "7.0.2"
