"""How responses leave the server: compressed once, kept for good, and the page with our files."""

import gzip
import re
from html.parser import HTMLParser
from urllib.parse import urljoin

import brotli
import pytest
from httpx2 import Response as Received
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from dashboard.server import assets
from dashboard.server.delivery import FOR_GOOD, SECURITY_HEADERS, Delivery
from dashboard.server.undocumented import INDEX_PAGE

IMMUTABLE = {"Cache-Control": "public, immutable, max-age=31536000"}
SCRIPT = "const answer = 42;\n" * 1000


class Upstream:
    """What stands behind the delivery: a few responses, and how often each was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        self.asked.append(path)
        await self._answer(path)(scope, receive, send)

    def _answer(self, path: str) -> Response:
        if path.replace("//", "/") == "/static/js/index.js":
            return Response(SCRIPT, media_type="text/javascript", headers=IMMUTABLE)
        if path == "/static/media/font.woff2":
            return Response(b"\0" * 9000, media_type="font/woff2", headers=IMMUTABLE)
        if path != "/" and path.endswith("/"):
            return RedirectResponse(path.rstrip("/") + "?a=1", 301)
        if path == "/media/run.csv":
            return PlainTextResponse("step,loss\n" * 1000)
        if path == "/missing.js":
            return PlainTextResponse("Not Found", 404)
        return Response(INDEX_PAGE.read_bytes(), media_type="text/html")


@pytest.fixture
def upstream() -> Upstream:
    return Upstream()


@pytest.fixture
def client(upstream: Upstream) -> TestClient:
    compressing = GZipMiddleware(upstream)  # as Streamlit does, each response anew
    return TestClient(Delivery(compressing), follow_redirects=False)


def raw(client: TestClient, path: str, encoding: str) -> tuple[Received, bytes]:
    with client.stream("GET", path, headers={"Accept-Encoding": encoding}) as response:
        return response, b"".join(response.iter_raw())


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.0, gzip;q=0.5", "gzip"),
        ("gzip;q=0.9, BR;q=0.8", "br"),
        ("*", "br"),
        ("identity", ""),
        ("", ""),
    ],
)
def test_a_script_is_sent_as_the_browser_takes_it(
    client: TestClient, accepted: str, sent: str
) -> None:
    response, body = raw(client, "/static/js/index.js", accepted)
    read = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}[sent]
    assert read(body) == SCRIPT.encode()
    assert response.headers.get("content-encoding", "") == sent
    assert response.headers["content-length"] == str(len(body))
    assert response.headers["cache-control"] == FOR_GOOD
    assert response.headers["vary"] == "Accept-Encoding"


def test_what_stays_the_same_is_asked_for_and_compressed_once(
    client: TestClient, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    compressed = []

    def compress(body: bytes, encoding: str) -> bytes:
        compressed.append(encoding)
        return body

    monkeypatch.setattr("dashboard.server.delivery._compress", compress)
    for _ in range(5):
        raw(client, "/static/js/index.js", "br")
    assert upstream.asked == ["/static/js/index.js"]
    assert compressed == ["br"]


@pytest.mark.parametrize(
    "path",
    ["//static/js/index.js", "/static//js/index.js", "/a/_stcore/bidi-components/b/c.js"],
)
def test_no_other_spelling_and_no_page_is_kept(upstream: Upstream, path: str) -> None:
    delivery = Delivery(upstream)
    response, _body = raw(TestClient(delivery), path, "br")
    assert response.headers.get("cache-control") != FOR_GOOD
    assert delivery.kept == {}


def test_what_is_compressed_already_is_not_compressed_again(client: TestClient) -> None:
    response, body = raw(client, "/static/media/font.woff2", "br")
    assert "content-encoding" not in response.headers
    assert len(body) == 9000


def test_what_may_change_passes_as_it_comes(client: TestClient, upstream: Upstream) -> None:
    for _ in range(2):
        response, _body = raw(client, "/media/run.csv", "br")
        assert "content-encoding" not in response.headers  # Streamlit knows no brotli
        assert "cache-control" not in response.headers
    compressed, _body = raw(client, "/media/run.csv", "gzip")
    assert compressed.headers["content-encoding"] == "gzip"
    assert client.get("/missing.js").status_code == 404
    assert upstream.asked == [*["/media/run.csv"] * 3, "/missing.js"]


def test_every_response_has_the_security_headers(client: TestClient) -> None:
    for path in ("/", "/static/js/index.js", "/media/run.csv", "/missing.js", "/compare/"):
        headers = client.get(path).headers
        assert {name: headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS


def test_only_the_head_of_a_script_is_sent_where_only_that_is_asked_for(client: TestClient) -> None:
    raw(client, "/static/js/index.js", "br")
    response = client.head("/static/js/index.js")
    assert response.status_code == 200
    assert response.content == b""


@pytest.mark.parametrize("path", ["/compare/", "/foo/sweep/"])
def test_a_redirect_leads_to_the_same_page_under_every_path(client: TestClient, path: str) -> None:
    seen = f"https://school.example/~/+{path}"  # by a browser, before a proxy strips /~/+
    location = client.get(path).headers["location"]
    assert urljoin(seen, location) == f"{seen.rstrip('/')}?a=1"


class Links(HTMLParser):
    """Every address in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag
        self.found += [value or "" for name, value in attrs if name in ("src", "href")]


@pytest.mark.parametrize("path", ["/", "/compare", "/foo/sweep"])
def test_a_page_asks_for_our_files_and_every_address_in_it_is_relative(
    client: TestClient, path: str
) -> None:
    response, body = raw(client, path, "gzip")
    page = gzip.decompress(body).decode()
    assert response.headers["content-encoding"] == "gzip"
    links = Links()
    links.feed(page)
    ours = [link for link in links.found if "bidi-components" in link]
    names = {link.rsplit("/", 1)[1] for link in ours}
    assert {"connection.js", "live_chart.js", "player.css", "plotly.min.js"} <= names
    assert all(link.startswith("./") for link in links.found)
    assert "<title>Minibatch</title>" in page


def test_our_modules_are_those_that_the_page_asks_for() -> None:
    imported = set()
    for module in assets.BROWSER.glob("*.js"):
        imported |= set(re.findall(r'(?:from|import\(?) ?"\./(\w+\.js)"', module.read_text()))
    assert imported <= {file.name for file in assets.BROWSER.iterdir()}
    assert "player_marks.js" in imported
