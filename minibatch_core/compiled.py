"""The decorator of every compiled function here: Numba, without the GIL, kept on disk if it can be.

Numba's own cache raises an error where it can't write or finds a damaged file, looks for changes in
the file of the outermost function alone, and runs what anyone has put into its folder. The cache
here stops no start: what can't be kept, read or trusted is compiled anew, and the log says so. A
kernel is compiled anew where its code, a number in it, or a kernel that it calls has changed, and
for no other change.
"""

import errno
import hashlib
import logging
import os
import pickle
import stat
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numba
import numpy as np
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

__all__ = ["by_code", "compiled"]

COMPILER = (sys.version, *(version(package) for package in ("numba", "llvmlite", "numpy")))


def compiled(function: Callable[..., Any]) -> Any:
    """Compile `function` at its first call: float64 as written (no fastmath), GIL released.

    A kernel becomes part of one that calls it: otherwise a step, which goes through several, would
    take twice as long.
    """
    kernel: Any = numba.njit(nogil=True, error_model="numpy", forceinline=True)(function)
    kernel._cache = _KernelCache(function)
    return kernel


def by_code(kernels: Sequence[Callable[..., Any]]) -> Any:
    """One kernel that takes a number first, and calls with the rest the kernel that has it.

    Records give their kernels' numbers, and refuse names that are none: the last one is called for
    any number beyond.
    """
    *others, last = kernels
    chosen = _whatever(last)
    for number in range(len(others) - 1, -1, -1):
        chosen = _either(number, others[number], chosen)
    return chosen


def _whatever(kernel: Callable[..., Any]) -> Any:
    @compiled
    def whatever(code, *arguments):
        return kernel(*arguments)

    return whatever


def _either(number: int, kernel: Callable[..., Any], others: Callable[..., Any]) -> Any:
    @compiled
    def either(code, *arguments):
        if code == number:
            return kernel(*arguments)
        return others(code, *arguments)

    return either


class _KernelCache(NullCache):
    """The compiled forms of a function, each in a file: one for each signature and processor."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.folders = _folders()

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """What was compiled for a signature in an earlier process, or None."""
        target_context.refresh()  # as Numba's own cache does
        name = self._name(sig, target_context.codegen())
        for folder in self.folders:
            kept = _read(folder, name)
            if kept is not None:
                # Whole, and written by this user or by root.
                return CompileResult._rebuild(target_context, *pickle.loads(kept))  # noqa: S301
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled for a signature in the first folder that takes it."""
        if data.library.has_dynamic_globals:  # addresses of this process
            return
        name, kept = self._name(sig, data.codegen), dumps(data._reduce())
        problems = []
        for folder in self.folders:
            try:
                _write(folder, name, kept)
            except OSError as error:
                problems.append(f"{folder} ({error.strerror})")
            else:
                return
        _warn(
            f"Compiled kernels can't be kept in {' or '.join(problems)}, so every start compiles "
            "them anew, which takes some ten seconds. Make room there, or make the folder yours "
            "alone to write, or set NUMBA_CACHE_DIR to one that is."
        )

    def _name(self, sig: Any, codegen: Any) -> str:
        form = repr((str(sig), codegen.magic_tuple(), made_of(self.function)))
        name = f"{self.function.__module__}.{self.function.__name__}"
        return f"{name}-{hashlib.sha256(form.encode()).hexdigest()[:16]}.kernel"


def made_of(function: Callable[..., Any]) -> str:
    """A digest of all that a kernel is compiled from: code, constants, the kernels it calls.

    Raises TypeError where the kernel refers to something whose changes can't be seen.
    """
    digest = hashlib.sha256()
    _take_in(function.__code__, function, digest.update)
    return digest.hexdigest()


def _take_in(code: CodeType, function: Callable[..., Any], update: Callable[[bytes], None]) -> None:
    update(code.co_code)
    cells = (cell.cell_contents for cell in function.__closure__ or ())
    known = {**function.__globals__, **dict(zip(function.__code__.co_freevars, cells, strict=True))}
    for name in (*code.co_names, *code.co_freevars):
        update(name.encode())
        value: Any = known.get(name)  # of a builtin or an attribute the name says all
        if isinstance(value, np.ndarray):
            update(repr((value.dtype, value.shape)).encode() + value.tobytes())
        elif hasattr(value, "py_func"):
            update(made_of(value.py_func).encode())
        elif isinstance(value, None | bool | int | float | ModuleType):
            update(repr(value).encode())
        else:
            raise TypeError(f"a kernel should refer to numbers, arrays, kernels, not {value!r}")
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            _take_in(constant, function, update)
        elif constant != function.__doc__:
            update(repr(constant).encode())


def _folders() -> list[Path]:
    """Where kernels are kept: where NUMBA_CACHE_DIR says, else beside the sources or at home.

    Each folder is named after what compiles them.
    """
    source, chosen = Path(__file__).parent, os.environ.get("NUMBA_CACHE_DIR")
    name = f"kernels-{hashlib.sha256(repr(COMPILER).encode()).hexdigest()[:16]}"
    if chosen:
        return [Path(chosen) / "minibatch" / name]
    folders = [source / "__pycache__" / name]
    with suppress(RuntimeError):  # a user without a home
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folders.append(Path(home) / "minibatch" / name)
    return folders


def _read(folder: Path, name: str) -> bytes | None:
    """What `_write` has written, or None where there is nothing, or nothing to be trusted."""
    try:
        with (folder / name).open("rb") as file:
            if not (_is_own(folder.stat()) and _is_own(os.fstat(file.fileno()))):
                return None
            whole = file.read()
    except OSError:
        return None
    seal, kept = whole[:32], whole[32:]
    if seal != _seal(name, kept):
        _warn(f"Compiled kernels in {folder} are damaged. They are compiled anew and replaced.")
        return None
    return kept


def _write(folder: Path, name: str, kept: bytes) -> None:
    """Write a file at one stroke, or raise an OSError and leave nothing behind."""
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not _is_own(folder.stat()):
        raise PermissionError(errno.EPERM, "others may write there")
    descriptor, unfinished = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_seal(name, kept) + kept)
        Path(unfinished).chmod(0o644)
        Path(unfinished).replace(folder / name)
    finally:
        Path(unfinished).unlink(missing_ok=True)


def _seal(name: str, kept: bytes) -> bytes:
    """32 bytes that show whether a file is whole, and has the name that it was written under."""
    return hashlib.sha256(name.encode() + kept).digest()


def _is_own(status: os.stat_result) -> bool:
    """Whether only this user and root can have written a file or folder: it holds code."""
    if sys.platform == "win32":  # where modes say nothing, and these folders are a user's own
        return True
    others_may_write = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return status.st_uid in (0, os.getuid()) and not others_may_write


@cache
def _warn(sentence: str) -> None:
    """Log a sentence, once a process: it is the same for every kernel."""
    logging.getLogger(__name__).warning(sentence)
