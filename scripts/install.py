"""Install a requirements file, beside requirements.txt, into the environment of this Python.

Run as `.venv/bin/python scripts/install.py requirements.txt`. That file names PyTorch's folder of
CPU builds. Where the folder is of no use it is left out: pip asks for it anew with every package,
and where it is out of reach that takes minutes.
"""

import re
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from http.client import HTTPException
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.request import Request, urlopen

ROOT = Path(__file__).parent.parent
FIND_LINKS = re.compile(r"^--find-links (\S+)\n", re.MULTILINE)
TORCH = re.compile(r"^torch==(\S+)$", re.MULTILINE)
PROBE_SECONDS = 4
UNREACHABLE = re.compile(r"connection broken|Max retries exceeded|timed out")


def main(name: str) -> None:
    """Install, or end with one sentence on why not."""
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    use_folder, what = choose_torch(requirements)
    print(f"Installing {name}{what}", flush=True)
    # Python 3.11 comes with a slow pip; where there is no newer one to be had, it will do.
    pip("--retries", "0", "--upgrade", "pip")
    with tempfile.TemporaryDirectory() as folder:
        for file in ROOT.glob("requirements*.txt"):  # they name one another
            text = file.read_text(encoding="utf-8")
            copy = text if use_folder else FIND_LINKS.sub("", text)
            (Path(folder) / file.name).write_text(copy, encoding="utf-8")
        done = pip("-r", str(Path(folder) / name))
    if done.returncode:
        sys.exit(trouble(name, done.stderr))


def pip(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`pip install`, its errors kept for `trouble`."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return subprocess.run([*command, *arguments], stderr=subprocess.PIPE, text=True, check=False)


def choose_torch(requirements: str) -> tuple[bool, str]:
    """Whether to look into PyTorch's folder of CPU builds, and what to say of torch."""
    [address] = FIND_LINKS.findall(requirements)
    [wanted] = TORCH.findall(requirements)
    if installed("torch").split("+")[0] == wanted:
        return False, ""
    if sys.platform != "linux":
        return False, "; torch is PyPI's build, which is without CUDA on this system"
    if has_nvidia_gpu():
        return False, "; torch is PyPI's build with CUDA (2.8 GB), since there is an NVIDIA GPU"
    if not answers(address):
        return False, (
            "; torch is the build that pip finds by itself, on PyPI the one with CUDA (2.8 GB), "
            f"since {address} can't be reached"
        )
    return True, f"; torch is the CPU build from {address}, since there is no NVIDIA GPU"


def installed(package: str) -> str:
    """The version that is installed, or nothing."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def has_nvidia_gpu() -> bool:
    """Whether NVIDIA's driver is here and finds a GPU."""
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, check=False)
    except OSError:
        return False
    return listed.returncode == 0


def answers(address: str) -> bool:
    """Whether an address can be fetched, found out within PROBE_SECONDS."""
    fetched: list[bool] = []

    def fetch() -> None:
        request = Request(address, method="HEAD")
        with suppress(OSError, HTTPException), urlopen(request, timeout=PROBE_SECONDS):
            fetched.append(True)

    # In a thread, since a name server may keep urlopen waiting for longer than its timeout.
    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS)
    return bool(fetched)


def trouble(name: str, said: str) -> str:
    """One sentence on why pip failed, from what it said."""
    if UNREACHABLE.search(said):
        return (
            f"{name} could not be installed, since pip reaches no package index: check the network "
            "(pip config list shows the index and the proxy that pip is set to), then try again."
        )
    lines = said.splitlines() or ["pip gave no reason"]
    reasons = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return f"{name} could not be installed: {(reasons or lines)[-1]}"


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except KeyboardInterrupt:
        sys.exit("Stopped; the same command goes on from here.")
