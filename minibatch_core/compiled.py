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
import math
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
from types import CodeType
from typing import Any

import numba
import numpy as np
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

__all__ = ["by_code", "compiled", "part"]

COMPILER = (sys.version, *(version(package) for package in ("numba", "llvmlite", "numpy")))
OPTIONS: Any = {"nogil": True, "error_model": "numpy"}


def compiled(function: Callable[..., Any]) -> Any:
    """Compile `function` at its first call: float64 as written (no fastmath), GIL released.

    A kernel becomes part of one that calls it: otherwise a step, which goes through several, would
    take twice as long.
    """
    kernel: Any = numba.njit(**OPTIONS)(function)
    kernel._cache = _KernelCache(function)
    return kernel


def part(function: Callable[..., Any]) -> Any:
    """A piece of kernels: compiled in each that calls it, and so never called while one runs."""
    return numba.njit(inline="always", **OPTIONS)(function)


def by_code(parts: Sequence[Any]) -> Any:
    """One part that takes a number first, and goes on with the part that has it.

    Records give their parts' numbers, and refuse names that are none: the last one is taken for any
    number beyond. It is written as source: a function of functions could only choose between two.
    """
    code = parts[0].py_func.__code__
    arguments = ", ".join(code.co_varnames[: code.co_argcount])
    known = {f"part_{number}": each for number, each in enumerate(parts)}
    *others, last = known
    lines = [
        f"def chosen(code, {arguments}):",
        *(f"    if code == {n}: return {name}({arguments})" for n, name in enumerate(others)),
        f"    return {last}({arguments})",
    ]
    scope: dict[str, Any] = {**known, "__name__": __name__}
    exec("\n".join(lines), scope)  # noqa: S102
    return compiled(scope["chosen"])


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
        chosen = sorted(each for each in os.environ.items() if each[0].startswith("NUMBA_OPT"))
        form = repr((str(sig), codegen.magic_tuple(), OPTIONS, chosen, made_of(self.function)))
        name = f"{self.function.__module__}.{self.function.__name__}"
        return f"{name}-{hashlib.sha256(form.encode()).hexdigest()[:16]}.kernel"


def made_of(function: Callable[..., Any]) -> str:
    """A digest of all that a kernel is compiled from: code, constants, the kernels it calls.

    Raises TypeError where the kernel refers to something whose changes can't be seen.
    """
    return hashlib.sha256(repr(_parts(function.__code__, function)).encode()).hexdigest()


def _parts(code: CodeType, function: Callable[..., Any]) -> tuple[Any, ...]:
    cells = (cell.cell_contents for cell in function.__closure__ or ())
    known = {**function.__globals__, **dict(zip(function.__code__.co_freevars, cells, strict=True))}
    shape = (code.co_argcount, code.co_flags, code.co_varnames, code.co_cellvars)
    names = [(name, _told(known.get(name))) for name in (*code.co_names, *code.co_freevars)]
    documented = function.__doc__ is not None and code is function.__code__
    constants = [
        _parts(constant, function) if isinstance(constant, CodeType) else repr(constant)
        for constant in code.co_consts[int(documented) :]  # the docstring comes first
    ]
    return code.co_code, shape, repr(function.__defaults__), names, constants


def _told(value: Any) -> Any:
    """What a kernel takes from a name: None of a builtin or an attribute, whose name says all."""
    if isinstance(value, np.ndarray):
        return str(value.dtype), value.shape, value.tobytes()
    if hasattr(value, "py_func"):
        return made_of(value.py_func)
    if value in (math, np):
        return value.__name__
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    raise TypeError(f"a kernel should refer to numbers, arrays, kernels, not {value!r}")


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
