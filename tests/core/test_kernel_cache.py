"""The kernels on disk: whatever becomes of them, a start goes on and computes the same."""

import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from minibatch_core.compiled import _is_own, _seal, compiled, made_of
from minibatch_core.losses import LOSSES
from tests.conftest import ROOT

SOURCES = ROOT / "minibatch_core"
POINTS = [(c, z, y) for c in range(len(LOSSES)) for z in (-3.5, 0.0, 40.0) for y in (0.0, 1.0)]

PROGRAM = f"""
import ctypes, json, os, pathlib, resource, sys, types
package = types.ModuleType("minibatch_core")  # without the rest, which takes seconds to import
package.__path__ = [sys.argv[1]]
sys.modules["minibatch_core"] = package
BEFORE
from minibatch_core.losses import loss_and_slope
losses = [loss_and_slope(code, z, y) for code, z, y in {POINTS}]
compiled = sum(loss_and_slope.stats.cache_misses.values())
print(json.dumps({{"losses": losses, "compiled": compiled}}))
"""
"""What a process does that starts: it calls a kernel, and says whether it had to be compiled."""

AS_ANYONE = "ctypes.CDLL(None).capset((ctypes.c_uint32 * 2)(0x20080522), (ctypes.c_uint32 * 6)())"
"""Gives up what lets root write everywhere: permissions then count for it as well."""


@dataclass(frozen=True)
class Start:
    """What came of a process: what the kernel computed, how often it was compiled, and the log."""

    losses: list[list[float]]
    compiled: int
    log: list[str]


def start(before: str = "", sources: Path = SOURCES, **env: str | Path) -> Start:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("BEFORE", before), str(sources)],
        env={**kept, **{name: str(value) for name, value in env.items()}},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return Start(**json.loads(done.stdout), log=done.stderr.splitlines())


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def kernel(folder: Path) -> Path:
    """The kernel that the process calls; those that it calls itself are kept beside it."""
    (path,) = folder.rglob("minibatch_core.losses.loss_and_slope-*")
    return path


def is_whole(path: Path) -> bool:
    whole = path.read_bytes()
    return whole[:32] == _seal(path.name, whole[32:])


@cache
def expected() -> list[list[float]]:
    """What the kernel computes where nothing can be kept."""
    return start(NUMBA_CACHE_DIR=os.devnull).losses


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("warm")
    first = start(NUMBA_CACHE_DIR=folder)
    assert first == Start(expected(), 1, [])
    return folder


@pytest.fixture
def kept(warm: Path, tmp_path: Path) -> Path:
    """A folder of this case alone, with the kernel in it."""
    return Path(shutil.copytree(warm, tmp_path / "kept"))


def test_a_kernel_that_was_kept_is_not_compiled_again(kept: Path) -> None:
    assert start(NUMBA_CACHE_DIR=kept) == Start(expected(), 0, [])


# Damaged.


def flipped(whole: bytes, at: int) -> bytes:
    changed = bytearray(whole)
    changed[at] ^= 1
    return bytes(changed)


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: b"\x80\x05garbage" * 1000,
        lambda whole: whole[: len(whole) // 2],
        lambda whole: whole[:20],
        lambda whole: whole + b"\0",
        lambda whole: flipped(whole, 0),
        lambda whole: flipped(whole, len(whole) // 2),  # in the machine code
        lambda whole: _seal("another.kernel", whole[32:]) + whole[32:],
    ],
    ids=["empty", "garbage", "half", "stub", "longer", "first bit", "one bit", "another's"],
)
def test_a_damaged_kernel_is_compiled_anew_and_replaced(
    kept: Path, damage: Callable[[bytes], bytes]
) -> None:
    path = kernel(kept)
    path.write_bytes(damage(path.read_bytes()))
    again = start(NUMBA_CACHE_DIR=kept)
    assert (again.losses, again.compiled) == (expected(), 1)
    (line,) = again.log
    assert line == (
        f"Compiled kernels in {path.parent} are damaged. They are compiled anew and replaced."
    )
    assert kernel(kept) == path
    assert is_whole(path)


def test_a_kernel_that_is_a_folder_is_told_in_a_line(kept: Path) -> None:
    path = kernel(kept)
    path.unlink()
    path.mkdir()
    assert_told(start(NUMBA_CACHE_DIR=kept), "Is a directory")


# Not to be written.


def assert_told(started: Start, why: str) -> None:
    """The kernel was compiled, and one line of the log says what is wrong and how to mend it."""
    assert (started.losses, started.compiled) == (expected(), 1)
    (line,) = started.log
    assert line.startswith("Compiled kernels can't be kept in ")
    assert f"({why})" in line
    assert line.endswith("or set NUMBA_CACHE_DIR to one that is.")


@pytest.mark.parametrize("most", [0, 4096])
def test_where_no_more_can_be_written_nothing_is_left_behind(tmp_path: Path, most: int) -> None:
    full = f"resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))"
    assert_told(start(before=full, NUMBA_CACHE_DIR=tmp_path), "File too large")
    assert files(tmp_path) == []


def test_a_damaged_kernel_on_a_full_disk_is_told_and_compiled(kept: Path) -> None:
    path = kernel(kept)
    path.write_bytes(b"garbage")
    full = "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))"
    again = start(before=full, NUMBA_CACHE_DIR=kept)
    assert (again.losses, again.compiled) == (expected(), 1)
    assert [line.split(" in ")[0] for line in again.log] == [
        "Compiled kernels",
        "Compiled kernels can't be kept",
    ]


def test_a_file_in_place_of_the_folder_is_told(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert_told(start(NUMBA_CACHE_DIR=file), "Not a directory")


def test_a_folder_that_is_read_only_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    started = start(before=AS_ANYONE, NUMBA_CACHE_DIR=tmp_path)
    assert_told(started, "Permission denied")


def test_kernels_in_a_folder_that_is_read_only_are_used(kept: Path) -> None:
    path = kernel(kept)
    path.parent.chmod(0o555)
    started = start(before=AS_ANYONE, NUMBA_CACHE_DIR=kept)
    assert started == Start(expected(), 0, [])


@pytest.fixture
def closed_project(tmp_path: Path) -> Path:
    """A copy of the sources beside which nothing can be kept, not even by root."""
    sources = Path(
        shutil.copytree(SOURCES, tmp_path / "core", ignore=shutil.ignore_patterns("__pycache__"))
    )
    (sources / "__pycache__").touch()
    return sources


@pytest.mark.parametrize("variable", ["HOME", "XDG_CACHE_HOME"])
def test_beside_closed_sources_kernels_are_kept_at_home(
    closed_project: Path, tmp_path: Path, variable: str
) -> None:
    home: dict[str, Any] = {variable: tmp_path / "home"}
    assert start(sources=closed_project, **home) == Start(expected(), 1, [])
    assert start(sources=closed_project, **home) == Start(expected(), 0, [])
    path = kernel(tmp_path / "home")
    assert path.parent.parent.name == "minibatch"


def test_without_any_folder_it_is_told(closed_project: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.touch()
    assert_told(start(sources=closed_project, HOME=home), "Not a directory")


def test_without_a_home_it_is_told(closed_project: Path) -> None:
    homeless = "pathlib.Path.home = lambda: pathlib.Path('~nobody-of-that-name').expanduser()"
    assert_told(start(before=homeless, sources=closed_project), "Not a directory")


# Not to be trusted.


class Planted:
    """Code in place of a kernel: what is unpickled of it makes a file."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.trace,)


def plant(path: Path, trace: Path) -> None:
    code = pickle.dumps(Planted(trace))
    path.write_bytes(_seal(path.name, code) + code)


def test_code_in_a_folder_where_others_may_write_is_not_run(kept: Path, tmp_path: Path) -> None:
    path = kernel(kept)
    plant(path, tmp_path / "trace")
    path.parent.chmod(0o777)
    assert_told(start(NUMBA_CACHE_DIR=kept), "others may write there")
    assert not (tmp_path / "trace").exists()


def test_code_in_a_file_that_others_may_write_is_not_run(kept: Path, tmp_path: Path) -> None:
    path = kernel(kept)
    plant(path, tmp_path / "trace")
    path.chmod(0o666)
    assert start(NUMBA_CACHE_DIR=kept) == Start(expected(), 1, [])
    assert not (tmp_path / "trace").exists()
    assert is_whole(path)
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("owner", "mode", "trusted"),
    [
        (os.getuid(), 0o40755, True),
        (os.getuid(), 0o40700, True),
        (0, 0o100644, True),
        (os.getuid(), 0o40775, False),
        (os.getuid(), 0o41777, False),
        (0, 0o100666, False),
        (os.getuid() + 1, 0o40755, False),
        (os.getuid() + 1, 0o100600, False),
    ],
)
def test_only_what_this_user_or_root_has_written_is_trusted(
    owner: int, mode: int, trusted: bool
) -> None:
    assert _is_own(os.stat_result((mode, 0, 0, 1, owner, 0, 0, 0, 0, 0))) == trusted


def test_a_folder_made_under_a_loose_umask_is_trusted(tmp_path: Path) -> None:
    for how_often in (1, 0):
        started = start(before="os.umask(0)", NUMBA_CACHE_DIR=tmp_path / "new")
        assert started == Start(expected(), how_often, [])


# Not to be mixed up.


def test_processes_that_start_at_once_do_not_disturb_one_another(tmp_path: Path) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM.replace("BEFORE", ""), str(SOURCES)],
            env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
            stdout=subprocess.PIPE,
        )
        for _ in range(3)
    ]
    for process in started:
        out, _ = process.communicate(timeout=120)
        assert json.loads(out)["losses"] == expected()
    assert kernel(tmp_path) in files(tmp_path)
    assert all(is_whole(path) for path in files(tmp_path))


def test_a_changed_formula_never_meets_a_stale_kernel(tmp_path: Path) -> None:
    sources = Path(
        shutil.copytree(SOURCES, tmp_path / "core", ignore=shutil.ignore_patterns("__pycache__"))
    )
    called = sources / "losses" / "mse.py"
    as_it_was = called.read_text()
    changed = as_it_was.replace("return (p - y) * (p - y),", "return 2.0 * (p - y) * (p - y),")
    assert changed != as_it_was
    assert start(sources=sources) == Start(expected(), 1, [])
    called.write_text(changed)
    twice = start(sources=sources)
    assert twice.compiled == 1
    assert [each[0] for each in twice.losses[:6]] == [2.0 * each[0] for each in expected()[:6]]
    called.write_text("# A remark.\n" + as_it_was.replace('label="MSE"', 'label="Squares"'))
    assert start(sources=sources) == Start(expected(), 0, [])


SCALE, TABLE, WORD = 2.0, np.arange(3.0), "no number"
RECORDS = SimpleNamespace(scale=2.0)


@compiled
def _inner(x):
    return SCALE * x


@compiled
def _outer(x):
    return _inner(x) + TABLE[0]


@compiled
def _of_a_word(x):
    return x + len(WORD)


def test_a_kernel_is_made_of_its_code_its_constants_and_the_kernels_it_calls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = sys.modules[__name__]
    digests = {made_of(_outer.py_func)}
    for name, value in (
        ("SCALE", 3.0),
        ("TABLE", np.arange(4.0)),
        ("TABLE", np.arange(3)),
        ("_inner", compiled(lambda x: SCALE * x * x)),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(here, name, value)
            digests.add(made_of(_outer.py_func))
    assert len(digests) == 5
    assert made_of(_outer.py_func) in digests


@compiled
def _of_an_attribute(x):
    return x * RECORDS.scale


@pytest.mark.parametrize(
    ("kernel", "named"), [(_of_a_word, "'no"), (_of_an_attribute, "namespace")]
)
def test_a_kernel_refers_to_nothing_whose_changes_cannot_be_seen(kernel: Any, named: str) -> None:
    with pytest.raises(TypeError, match=f"refer to numbers, arrays, kernels, not {named}"):
        made_of(kernel.py_func)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (lambda x: x * 1.0 + 12.5, lambda x: x * 1.01 + 2.5),
        (lambda x: x + 1 * 23, lambda x: x + 12 * 3),
        (lambda x, y=1.0: x + y, lambda x, y=2.0: x + y),
        (lambda x: 1.0 if x > 0.0 else None, lambda x: None if x > 0.0 else 1.0),
        (lambda x, y: x - y, lambda y, x: x - y),
    ],
    ids=["floats", "whole numbers", "defaults", "branches", "arguments"],
)
def test_kernels_that_differ_are_made_of_something_else(
    one: Callable[..., Any], other: Callable[..., Any]
) -> None:
    assert made_of(one) == made_of(one)
    assert made_of(one) != made_of(other)


WHOLE = """
import numpy as np
from minibatch_core import full_loss, loss_surface, make_dataset
from minibatch_core.engine.training import _full_loss_kernel
from minibatch_core.losses.mse import surface
data, grid = make_dataset(), np.linspace(-3.0, 3.0, 7)
print(loss_surface(data, grid, grid).tolist(), full_loss(data, grid, grid).tolist())
print([sum(kernel.stats.cache_misses.values()) for kernel in (surface, _full_loss_kernel)])
"""


def test_every_kernel_is_kept(tmp_path: Path) -> None:
    """The whole package, twice: the second process compiles nothing and comes to the same."""
    printed = []
    for _ in range(2):
        env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-c", WHOLE],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            check=True,
            timeout=300,
        )
        assert done.stderr == ""
        printed.append(done.stdout.splitlines())
    (first, compiled), (again, compiled_again) = printed
    assert first == again
    assert (compiled, compiled_again) == ("[1, 1]", "[0, 0]")
