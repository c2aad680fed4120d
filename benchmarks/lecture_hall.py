"""A lecture hall: many students move the dashboard's controls, each in a session of their own.

    python -m benchmarks.lecture_hall                               # starts app.py, 200 students
    python -m benchmarks.lecture_hall --students 20 --seconds 30 --controls bs,lr,opt --json
    python -m benchmarks.lecture_hall --replicas 2                  # of app.py, behind nginx
    python -m benchmarks.lecture_hall --whole                       # no fragments: the whole script
    python -m benchmarks.lecture_hall --url http://127.0.0.1:8501   # a server that runs already

A student speaks Streamlit's own protocol, as the browser does: one websocket; a request to rerun
the script, or a fragment, that reports every widget's value and which large messages need not be
sent again; then messages up to script_finished. Students arrive evenly over the ramp. From then on
each moves a control every few seconds; one who still waits for an answer when the next move is due
makes it right after. So fewer moves than students * seconds / every mean that the server fell
behind; a student whose first view takes longer than --seconds makes none, and none at all is an
error.

Latency is from the request to its script_finished, on one machine: no network, no drawing. Server
CPU is that of the whole run, shared among all reruns, first views included. Kinds of widgets that
FIELDS lacks are not reported and stay as the app draws them.
"""

import argparse
import asyncio
import contextlib
import json
import math
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NumberInput_pb2 import NumberInput
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin, Subprotocol

from tests.conftest import free_port, start_dashboard, stopping
from tests.support.proxy import behind_nginx

HOST = "127.0.0.1"
PATIENCE = 60.0
"""Seconds to wait until the server has let a student in, or has answered."""

SUBPROTOCOLS = [Subprotocol("streamlit"), Subprotocol("PLACEHOLDER_AUTH_TOKEN")]
SUCCESS = {ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY}
MOVABLE = {"number_input", "selectbox", "slider"}
FIELDS = {
    "checkbox": "bool_value",
    "number_input": "double_value",
    "radio": "string_value",
    "selectbox": "string_value",
    "slider": "double_array_value",
    "text_area": "string_value",
    "text_input": "string_value",
}
"""The widgets whose values a student reports, and the field of WidgetState that takes each."""


class Drawn(NamedTuple):
    """What is at a place of the page; `proto` if it is a widget of FIELDS or an exception."""

    kind: str
    proto: Any
    fragment_id: str


Dated = tuple[Drawn, int]
"""What was drawn, and how many runs had finished before."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the students do, and when, in seconds."""

    url: str
    controls: list[str]
    students: int
    ramp: float
    every: float
    seconds: float
    whole: bool = False


@dataclass(slots=True)
class Tally:
    """What happened to all the students."""

    interrupted: int = 0
    first_views: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def drawn_by(delta: Delta) -> Drawn:
    """What a delta draws."""
    kind = delta.new_element.WhichOneof("type") or "block"
    cares = kind in FIELDS or kind == "exception"
    return Drawn(kind, getattr(delta.new_element, kind) if cares else None, delta.fragment_id)


def shown_value(kind: str, widget: Any) -> Any:
    """The value that a newly drawn widget shows: what the app has set, or else the default."""
    of_options = kind in {"radio", "selectbox"} or (kind == "slider" and len(widget.options) > 0)
    name = "default"
    if widget.set_value:
        name = "raw_value" if of_options else "value"
    if kind not in {"checkbox", "slider"} and not widget.HasField(name):
        return None
    value = getattr(widget, name)
    if of_options and name == "default":
        pick = widget.options.__getitem__
        return [pick(int(index)) for index in value] if kind == "slider" else pick(value)
    return list(value) if kind == "slider" else value


def reported(kind: str, widget: Any, value: Any) -> WidgetState:
    """A widget's value as a request reports it."""
    name = FIELDS[kind]
    if kind == "slider" and widget.options:
        name = "string_array_value"
    elif kind == "number_input" and widget.data_type == NumberInput.INT and value is not None:
        name, value = "int_value", int(value)
    state = WidgetState(id=widget.id)
    if isinstance(value, list):
        getattr(state, name).data.extend(value)
    elif value is not None:
        setattr(state, name, value)
    return state


def any_value(kind: str, widget: Any, value: Any, rng: random.Random) -> Any:
    """A value that the widget allows; for a number, between half and twice the present one."""
    if kind == "selectbox":
        return rng.choice(widget.options)
    if kind == "slider" and widget.options:
        stops = sorted(rng.sample(range(len(widget.options)), len(value)))
        return [widget.options[stop] for stop in stops]
    if kind == "slider":
        steps = math.floor((widget.max - widget.min) / widget.step + 1e-9)
        return sorted(widget.min + widget.step * rng.randint(0, steps) for _ in value)
    low, high = sorted((value / 2, value * 2))
    low = max(low, widget.min) if widget.has_min else low
    high = min(high, widget.max) if widget.has_max else high
    if widget.data_type == NumberInput.INT:
        return rng.randint(math.ceil(low), math.floor(high))
    return min(max(float(f"{rng.uniform(low, high):.3g}"), low), high)


def kept(entries: dict[Any, Dated], oldest: int, fragments: Container[str]) -> dict[Any, Dated]:
    """The entries that are not older; where fragments ran, also those outside of them."""
    return {
        key: (drawn, run)
        for key, (drawn, run) in entries.items()
        if run >= oldest or (fragments and drawn.fragment_id not in fragments)
    }


class Student:
    """One session, as a browser holds it."""

    socket: ClientConnection

    def __init__(self, number: int, plan: Plan, tally: Tally) -> None:
        self.plan, self.tally = plan, tally
        self.arrival = plan.ramp * number / plan.students
        self.rng = random.Random(number)
        self.page_hash = ""
        self.page: dict[tuple[int, ...], Dated] = {}
        self.values: dict[str, Any] = {}
        self.cache: dict[str, Dated] = {}
        self.runs = self.cached_runs = 0
        self.started = False

    async def attend(self) -> None:
        """Arrive, look, and move controls until it is time to leave."""
        await asyncio.sleep(self.arrival)
        arrived = time.perf_counter()
        due = arrived + self.rng.uniform(0, self.plan.every)
        try:
            async with self.connection() as self.socket:
                self.tally.first_views.append((await self.rerun())[0])
                while (due := max(due, time.perf_counter())) < arrived + self.plan.seconds:
                    await asyncio.sleep(due - time.perf_counter())
                    fragment_id = self.move()
                    latency, size = await self.rerun("" if self.plan.whole else fragment_id)
                    self.tally.latencies.append(latency)
                    self.tally.sizes.append(size)
                    due += self.plan.every
        except (OSError, WebSocketException, LookupError) as error:
            self.tally.errors.append(f"{type(error).__name__}: {error}")

    def connection(self) -> connect:
        """A connection like the browser's; with `host` no redirect can lead elsewhere."""
        return connect(
            f"{self.plan.url.replace('http', 'ws', 1)}/_stcore/stream",
            host=HOST,
            origin=Origin(self.plan.url),
            subprotocols=SUBPROTOCOLS,
            compression=None,
            proxy=None,
            open_timeout=PATIENCE,
            ping_interval=None,
            max_size=None,
            max_queue=None,
        )

    def widgets(self) -> list[Drawn]:
        """The widgets on the page."""
        return [drawn for drawn, _ in self.page.values() if drawn.kind in FIELDS]

    def is_movable(self, kind: str, widget: Any) -> bool:
        """Whether it is a control that was asked for, and one whose change reruns the script."""
        idle = widget.disabled or widget.form_id or widget.ignore_rerun
        key = widget.id.split("-", 2)[-1]  # an id is $$ID-<hash>-<key>
        return kind in MOVABLE and not idle and any(name in key for name in self.plan.controls)

    def move(self) -> str:
        """Move one of the controls to another value; return the id of its fragment."""
        moves = []
        for kind, widget, fragment_id in self.widgets():
            value = self.values[widget.id]
            if self.is_movable(kind, widget) and value is not None:
                picks = (any_value(kind, widget, value, self.rng) for _ in range(20))
                moves += [(widget.id, pick, fragment_id) for pick in picks if pick != value][:1]
        if not moves:
            raise LookupError(f"no control to move among {', '.join(self.plan.controls)}")
        widget_id, pick, fragment_id = self.rng.choice(moves)
        self.values[widget_id] = pick
        return fragment_id

    async def rerun(self, fragment_id: str = "") -> tuple[float, int]:
        """Ask for a rerun and read its messages; return the seconds and bytes it took."""
        request = ClientState(page_script_hash=self.page_hash, fragment_id=fragment_id)
        request.cached_message_hashes.extend(self.cache)
        for kind, widget, _ in self.widgets():
            request.widget_states.widgets.append(reported(kind, widget, self.values[widget.id]))
        self.started, size, sent = False, 0, time.perf_counter()
        await self.socket.send(BackMsg(rerun_script=request).SerializeToString())
        async with asyncio.timeout(PATIENCE):
            async for frame in self.socket:
                size += len(frame)
                if self.read(ForwardMsg.FromString(frame)):
                    return time.perf_counter() - sent, size
        raise ConnectionError("the server closed the socket")

    def read(self, message: ForwardMsg) -> bool:
        """Take in a message; return whether it ends the run that was asked for."""
        match message.WhichOneof("type"):
            case "new_session":
                self.started = True
                self.page_hash = message.new_session.page_script_hash
                self.cached_runs = message.new_session.config.max_cached_message_age
            case "navigation":
                self.page_hash = message.navigation.page_script_hash
            case "delta" | "ref_hash":
                self.draw(message)
            case "script_finished":
                return self.started and self.finish(message)
        return False

    def draw(self, message: ForwardMsg) -> None:
        """Put what a message draws on the page; a large one may be referred to from now on."""
        known = message.ref_hash
        drawn = self.cache[known][0] if known else drawn_by(message.delta)
        if known or message.metadata.cacheable:
            self.cache[known or message.hash] = drawn, self.runs
        self.page[tuple(message.metadata.delta_path)] = drawn, self.runs
        kind, proto, _ = drawn
        if kind == "exception":
            self.tally.errors.append(f"{proto.type}: {proto.message}")
        elif kind in FIELDS and (proto.set_value or proto.id not in self.values):
            self.values[proto.id] = shown_value(kind, proto)

    def finish(self, message: ForwardMsg) -> bool:
        """End a run and forget what it no longer uses; an interrupted one will start over."""
        status, fragments = message.script_finished, message.metadata.run.fragment_ids
        if status == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self.tally.interrupted += 1
            return False
        if status not in SUCCESS:
            self.tally.errors.append(ForwardMsg.ScriptFinishedStatus.Name(status))
        self.page = kept(self.page, self.runs, fragments)
        self.runs += 1
        self.cache = kept(self.cache, self.runs - self.cached_runs, fragments)
        self.values = {widget.id: self.values[widget.id] for _, widget, _ in self.widgets()}
        return True


class Meter:
    """The memory and CPU time of the servers, with all that they started."""

    def __init__(self, *servers: psutil.Process) -> None:
        self.servers = servers
        self.peak_mb = self.cpu_seconds = 0.0
        self.sample()
        self.idle_mb, self.cpu_before = self.peak_mb, self.cpu_seconds

    def sample(self) -> None:
        """Look once; a process may end meanwhile."""
        with contextlib.suppress(psutil.NoSuchProcess):
            family = [one for server in self.servers for one in (server, *server.children(True))]
            self.peak_mb = max(self.peak_mb, sum(one.memory_info().rss for one in family) / 1e6)
            self.cpu_seconds = sum(sum(one.cpu_times()[:4]) for one in family)

    async def watch(self) -> None:
        """Look twice a second, for good."""
        while True:
            self.sample()
            await asyncio.sleep(0.5)


async def hold(plan: Plan, meter: Meter) -> Tally:
    """Let all the students attend."""
    tally = Tally()
    watching = asyncio.create_task(meter.watch())
    students = [Student(number, plan, tally) for number in range(plan.students)]
    await asyncio.gather(*(student.attend() for student in students))
    watching.cancel()
    meter.sample()
    if not tally.latencies:
        tally.errors.append("no student made a move: there is no latency to report")
    return tally


def results(plan: Plan, tally: Tally, meter: Meter) -> dict[str, float | None]:
    """What was measured, by name; None for what there is no measurement of."""
    latencies = sorted(1e3 * latency for latency in tally.latencies) or [math.nan]
    first_views = sorted(1e3 * latency for latency in tally.first_views) or [math.nan]
    cpu_seconds = meter.cpu_seconds - meter.cpu_before
    reruns = len(tally.first_views) + len(tally.latencies)
    measured = {
        "students": plan.students,
        "first_views": len(tally.first_views),
        "first_view_median_ms": statistics.median(first_views),
        "first_view_p95_ms": percentile_95(first_views),
        "first_view_max_ms": first_views[-1],
        "moves": len(tally.latencies),
        "errors": len(tally.errors),
        "interrupted_runs": tally.interrupted,
        "latency_median_ms": statistics.median(latencies),
        "latency_p95_ms": percentile_95(latencies),
        "latency_max_ms": latencies[-1],
        "received_per_rerun_median_bytes": statistics.median(tally.sizes or [math.nan]),
        "memory_idle_MB": meter.idle_mb,
        "memory_peak_MB": meter.peak_mb,
        "server_cpu_s": cpu_seconds,
        "server_cpu_per_rerun_ms": 1e3 * cpu_seconds / (reruns or math.nan),
        "generator_cpu_s": time.process_time(),
    }
    return {name: None if math.isnan(one) else round(one, 2) for name, one in measured.items()}


def percentile_95(ordered: list[float]) -> float:
    """What 95 % do not exceed, of values in order."""
    return ordered[math.ceil(0.95 * len(ordered)) - 1]


Served = tuple[str, list[psutil.Process]]
"""The address of the dashboard, and the processes that serve it."""


@contextlib.contextmanager
def dashboard(replicas: int) -> Iterator[Served]:
    """The dashboard's server, or two replicas behind nginx, stopped at the end."""
    with contextlib.ExitStack() as running:
        ports = [free_port() for _ in range(replicas)]
        servers = [start_dashboard(port) for port in ports]
        for server in servers:
            running.enter_context(stopping(server))
        url = f"http://{HOST}:{ports[0]}"
        if replicas > 1:
            folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
            url = running.enter_context(behind_nginx(folder, free_port(), *ports))
        yield url, [psutil.Process(server.pid) for server in servers]


def running(url: str) -> Served:
    """A server that runs already: its address without the last slash, and its process."""
    parts = urlsplit(url)
    if (parts.scheme, parts.hostname) != ("http", HOST) or parts.username is not None:
        raise SystemExit(f"--url should begin with http://{HOST}, but got {url}")
    for one in psutil.net_connections("tcp"):
        if one.status == psutil.CONN_LISTEN and one.laddr.port == (parts.port or 80) and one.pid:
            return url.rstrip("/"), [psutil.Process(one.pid)]
    raise SystemExit(f"no process of yours listens at {url}")


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--ramp", type=float, default=20, help="seconds over which they arrive")
    parser.add_argument("--every", type=float, default=5, help="seconds from move to move")
    parser.add_argument("--seconds", type=float, default=60, help="how long each student stays")
    parser.add_argument("--controls", default="bs,lr", help="parts of the keys to move")
    parser.add_argument("--replicas", type=int, choices=(1, 2), default=1, help="behind nginx if 2")
    parser.add_argument("--whole", action="store_true", help="moves run the whole script")
    parser.add_argument("--url", help=f"a running server, http://{HOST}:PORT")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


def main() -> int:
    """Hold the lecture and print what was measured; return 1 if there was any error."""
    args = arguments()
    server = contextlib.nullcontext(running(args.url)) if args.url else dashboard(args.replicas)
    with server as (url, processes):
        controls = args.controls.split(",")
        plan = Plan(url, controls, args.students, args.ramp, args.every, args.seconds, args.whole)
        meter = Meter(*processes)
        tally = asyncio.run(hold(plan, meter))
    measured = results(plan, tally, meter)
    if args.json:
        print(json.dumps({**measured, "first_errors": tally.errors[:5]}, indent=2))
    else:
        for name, value in measured.items():
            print(f"{name.replace('_', ' '):<34}{'-' if value is None else f'{value:,}':>14}")
    for error in tally.errors[:5]:
        print("error:", error, file=sys.stderr)
    return 1 if tally.errors else 0


if __name__ == "__main__":
    sys.exit(main())
