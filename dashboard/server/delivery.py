"""How responses leave: compressed once, kept by browsers for good, and safe to embed.

Streamlit serves its own scripts as they lie on the disk, 3.3 MB for a first visit, and tells why:
compressing them anew for each visitor costs more than it saves. Here each is compressed once.
"""

import asyncio
import gzip
import posixpath
import re
from dataclasses import dataclass, field
from html import escape

import brotli
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.server import assets
from dashboard.server.undocumented import COMPONENT_PATH, MEDIA, TITLE

__all__ = ["Delivery"]

SECURITY_HEADERS = {
    # Inline: Streamlit's page and Plotly's styles. blob: is how Streamlit loads a component.
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}

FOR_GOOD = "public, max-age=31536000, immutable"
"""What a file whose address names its version says to browsers."""

SMALLEST = 500
"""Bytes; what is smaller is not worth compressing."""

ENCODINGS = ("br", "gzip")
"""What can be sent, best first."""

BROTLI_QUALITY = 9
"""A tenth of the time of the best, 11, for a twelfth more bytes."""

NOTHING_LOADS = (
    "document.body.prepend('The scripts of the dashboard did not load. Check the address of this "
    "page; if it is right, reload it: a browser extension or a filter of the network may block "
    "them.')"
)
"""What the page does where not even connection.js loads, as under an address a level too deep."""

NOT_AT_ONCE = (
    *("connection", "go_to", "page", "page_address", "page_controls", "page_values", "shell"),
)
"""Of our files, the one that every page asks for itself, and those that few or none ever need."""

TEXT = re.compile(r"text/|application/(javascript|json|manifest)|image/svg|font/ttf")


@dataclass(frozen=True, slots=True)
class _Kept:
    """A response that is the same for all visitors, and its body in each encoding asked for."""

    start: Message
    body: bytes
    encoded: dict[str, bytes] = field(default_factory=dict)


class Delivery:
    """ASGI middleware around Streamlit's own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.kept: dict[str, _Kept] = {}
        self.lock = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what is kept, or pass the request on and see what comes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path, encoding = scope["path"], _best_encoding(scope)
        kept = self.kept.get(path)
        if kept is None or scope["method"] != "GET":
            answer = _Answer(path, scope["method"], send)
            await self.app(_uncompressed(scope), receive, answer.send)
            kept = answer.kept
            if kept is None:
                return
            if answer.for_good:
                self.kept[path] = kept
        await self._send(kept, encoding, send)

    async def _send(self, kept: _Kept, encoding: str, send: Send) -> None:
        body, headers = kept.body, MutableHeaders(raw=[*kept.start["headers"]])
        if encoding and len(body) >= SMALLEST and TEXT.match(headers.get("content-type", "")):
            async with self.lock:  # a hall that arrives at once waits for one to be compressed
                if encoding not in kept.encoded:
                    kept.encoded[encoding] = await asyncio.to_thread(_compress, body, encoding)
            body = kept.encoded[encoding]
            headers["content-encoding"] = encoding
        headers["content-length"] = str(len(body))
        headers["vary"] = "Accept-Encoding"
        await send({**kept.start, "headers": headers.raw})
        await send({"type": "http.response.body", "body": body})


class _Answer:
    """What comes back from Streamlit: passed on as it comes, or held to be compressed."""

    def __init__(self, path: str, method: str, send: Send) -> None:
        self.path, self.method, self._send = path, method, send
        self.kept: _Kept | None = None
        self.for_good = False
        self._start: Message | None = None
        self._parts: list[bytes] = []

    async def send(self, message: Message) -> None:
        """Take a message of Streamlit's."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=[*message["headers"]])
            self._improve(headers, message["status"])
            message = {**message, "headers": headers.raw}
            if self._is_held(headers, message["status"]):
                self._start = message
                return
        elif self._start is not None:
            self._parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                self._finish(self._start, b"".join(self._parts))
            return
        await self._send(message)

    def _improve(self, headers: MutableHeaders, status: int) -> None:
        headers.update(SECURITY_HEADERS)
        # Streamlit's page answers every address that is nothing else, and a file many spellings.
        is_file = (
            status == 200 and not _is_page(headers) and posixpath.normpath(self.path) == self.path
        )
        self.for_good = is_file and (
            "immutable" in headers.get("cache-control", "") or f"/{COMPONENT_PATH}/" in self.path
        )
        if self.for_good:
            headers["cache-control"] = FOR_GOOD
        if location := headers.get("location"):
            headers["location"] = _relative(location, self.path)

    def _is_held(self, headers: Headers, status: int) -> bool:
        plain = "content-encoding" not in headers and "content-range" not in headers
        wanted = self.for_good or _is_page(headers)
        return self.method == "GET" and status == 200 and plain and wanted

    def _finish(self, start: Message, body: bytes) -> None:
        headers = MutableHeaders(raw=[*start["headers"]])
        for name in ("content-length", "etag", "last-modified", "accept-ranges"):
            del headers[name]
        if not self.for_good:
            body = _with_our_head(body)
        self.kept = _Kept({**start, "headers": headers.raw}, body)


def _is_page(headers: Headers) -> bool:
    return headers.get("content-type", "").startswith("text/html")


def _relative(location: str, path: str) -> str:
    """Streamlit's way from /page/ to /page, for a browser that sees another path than we do.

    >>> _relative("/sweep?bs_sweep=5", "/sweep/")
    '../sweep?bs_sweep=5'
    """
    page = path.rstrip("/")
    if location.split("?", maxsplit=1)[0] != page:
        return location
    return "../" * (len(path) - len(page)) + location.removeprefix(page.rpartition("/")[0] + "/")


def _with_our_head(page: bytes) -> bytes:
    """Streamlit's page, which asks for our files at once and says when it can't work."""
    names = sorted(file.name for file in assets.BROWSER.iterdir() if file.stem not in NOT_AT_ONCE)
    modules = [assets.address_of(name) for name in names if name.endswith(".js")]
    styles = [assets.address_of(name) for name in names if name.endswith(".css")]
    plotly = f"{COMPONENT_PATH}/{assets.plotly_address()}"
    watch = assets.address_of("connection.js")
    lines = [
        "<title>Minibatch</title>",
        f'<script type="module" src="./{watch}" onerror="{escape(NOTHING_LOADS)}"></script>',
        *(f'<link rel="modulepreload" href="./{address}" />' for address in modules),
        *(f'<link rel="preload" as="style" href="./{address}" />' for address in styles),
        f'<link rel="preload" as="script" href="./{plotly}" />',
    ]
    return page.replace(TITLE, "\n    ".join(lines).encode())


def _uncompressed(scope: Scope) -> Scope:
    """A request as of a browser that takes nothing compressed, so that we compress; no download."""
    if MEDIA in scope["path"]:
        return scope
    headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    return {**scope, "headers": headers}


def _best_encoding(scope: Scope) -> str:
    """brotli where the browser takes it, else gzip, else nothing."""
    taken = {}
    for part in Headers(scope=scope).get("accept-encoding", "").lower().split(","):
        name, _, weight = part.partition(";")
        taken[name.strip()] = not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight)
    return next((each for each in ENCODINGS if taken.get(each, taken.get("*", False))), "")


def _compress(body: bytes, encoding: str) -> bytes:
    if encoding == "br":
        return brotli.compress(body, quality=BROTLI_QUALITY)
    return gzip.compress(body, compresslevel=9)
