"""The server: what `streamlit run app.py` runs, around the dashboard's main script.

Where a host does not find the ASGI app in this file and runs it as a plain Streamlit script, the
dashboard is the same, with Streamlit's own charts.
"""

import gc
import gzip
import hashlib
import runpy
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import plotly
import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

MAIN = Path(__file__).parent / "dashboard" / "main.py"
PLOTLY_URL = f"/plotly/{plotly.__version__}/plotly.min.js"
SCRIPT_URL = "/browser/{version}/live_chart.js"
SECURITY_HEADERS = {
    # Inline: Streamlit's page and Plotly's styles. blob: is how Streamlit loads a component.
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


@asynccontextmanager
async def warm_up(_: st.App) -> AsyncIterator[None]:
    """Before the first visitor: compile the kernels, fetch plotly.js, freeze what will stay."""
    from dashboard.frozen import freeze
    from dashboard.live_chart import script, serve_from
    from dashboard.views.openings import compute_openings

    send_small_packets_at_once()
    base = st.get_option("server.baseUrlPath").strip("/")
    prefix = f"/{base}" if base else ""
    version = hashlib.sha256(script().encode()).hexdigest()[:12]
    serve_from(prefix + PLOTLY_URL, prefix + SCRIPT_URL.format(version=version))
    compressed_plotly()
    compute_openings()
    freeze("warm-up")
    # A full collection walks what every session holds. Rarer ones brought the 95th percentile of a
    # rerun among 200 students from 648 ms to 232 ms, for 17 MB.
    gc.set_threshold(50_000, 20, 50)
    yield


def send_small_packets_at_once() -> None:
    """Set TCP_NODELAY on the listening sockets, and so on those that they accept.

    Streamlit's runner binds its socket with protocol 0, which asyncio does not take for TCP; the
    small messages of a rerun then wait up to 40 ms for the browser to acknowledge the first one.
    """
    for sock in (thing for thing in gc.get_objects() if issubclass(type(thing), socket.socket)):
        if sock.fileno() >= 0 and sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


@cache
def compressed_plotly() -> bytes:
    """plotly.js from the installed plotly package, gzipped once."""
    script = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    return gzip.compress(script.read_bytes(), compresslevel=9)


@cache
def compressed_script() -> bytes:
    """Our own script, gzipped once."""
    from dashboard.live_chart import script

    return gzip.compress(script().encode(), compresslevel=9)


def plotly_js(request: Request) -> Response:
    """plotly.js."""
    return send_script(request, compressed_plotly())


def live_chart_js(request: Request) -> Response:
    """What draws and plays in the browser."""
    return send_script(request, compressed_script())


def send_script(request: Request, body: bytes) -> Response:
    """A script whose address names its version, so that a browser may keep it for good."""
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        body = gzip.decompress(body)
    return Response(body, media_type="text/javascript", headers=headers)


class SecurityHeaders(BaseHTTPMiddleware):
    """Adds SECURITY_HEADERS to every response."""

    async def dispatch(self, request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.headers.update(SECURITY_HEADERS)
        return response


if st.runtime.exists():
    runpy.run_path(str(MAIN))
else:
    app = st.App(
        MAIN,
        lifespan=warm_up,
        routes=[Route(PLOTLY_URL, plotly_js), Route(SCRIPT_URL, live_chart_js)],
        middleware=[Middleware(SecurityHeaders)],
    )
