"""The decorator of every compiled function here: Numba, without the GIL, cached on disk."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

__all__ = ["compiled"]


def _cache_folder() -> Path:
    """A folder named after the sources: a changed formula never meets a stale kernel.

    Numba's own index looks at the file of the outermost function alone, so a kernel would go on
    using the old code of a formula it calls from another file.
    """
    source = Path(__file__).parent
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(source.glob("*.py")):
        digest.update(path.read_bytes())
    name = f"kernels-{digest.hexdigest()}"
    if os.access(source, os.W_OK):
        return source / "__pycache__" / name
    return Path(tempfile.gettempdir()) / f"minibatch-{name}"


_FOLDER = _cache_folder()


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` at its first call: float64 as written (no fastmath), GIL released."""
    config: Any = numba.config
    previous = config.CACHE_DIR
    config.CACHE_DIR = str(_FOLDER)
    try:
        return numba.njit(nogil=True, cache=True, error_model="numpy")(function)
    finally:
        config.CACHE_DIR = previous
