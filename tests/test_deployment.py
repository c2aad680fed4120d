"""Wherever it is put: under any path, behind a proxy, as a plain script, with the network gone."""

import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx2 as httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Locator, Page, Route, expect

from dashboard.shell.registry import PAGES
from tests.conftest import ROOT, free_port, serve_as_plain_script, serve_dashboard, start_dashboard
from tests.support.drawn import wait_for_drawn
from tests.support.proxy import Location, nginx, nginx_with

ADDRESSES = ["" if place.group == "" else name for name, place in PAGES.items()]
WITH_CHARTS = [address for address in ADDRESSES if address != "compare"]  # it opens with none
STRIPPED = "/~/+/"
README = (ROOT / "README.md").read_text()
SAYS_WITHIN = 10_000


def charts(page: Page | FrameLocator) -> Locator:
    return page.locator(".live-chart-plot .main-svg")


def the_word(page: Page) -> Locator:
    return page.locator(".connection-word")


def player_at(page: Page | FrameLocator, step: int) -> None:
    expect(page.locator("section.player")).to_have_attribute("data-step", str(step))


def batch_size(page: Page | FrameLocator) -> Locator:
    return page.get_by_role("spinbutton", name="Batch size B")


def open_charts(page: Page, url: str) -> None:
    page.goto(url)
    expect(charts(page).first).to_be_visible(timeout=90_000)


def steps_of_the_run(page: Page | FrameLocator) -> Locator:
    return page.locator(".player-row small").first


def use_it(page: Page, root: str) -> None:
    """Play, share, change a setting, go to a page and back: what each address must stand."""
    open_charts(page, f"{root}?bs=10&step=57")
    player_at(page, 57)
    page.get_by_role("button", name="One step forward").click()
    expect(page).to_have_url(f"{root}?bs=10&step=58")
    page.get_by_role("slider", name="Batch size B").focus()
    page.keyboard.press("ArrowLeft")
    expect(steps_of_the_run(page)).to_have_text(" of 600")
    expect(page).to_have_url(f"{root}?bs=9&step=58")
    page.get_by_test_id("stTopNavSection").filter(has_text="The notebook").click()
    page.get_by_role("menuitem", name="2. Minibatches in order").click()
    expect(page).to_have_url(f"{root}in_order")
    expect(page.get_by_role("heading", name="2. Minibatches in order")).to_be_visible()
    expect(charts(page).first).to_be_visible()
    wait_for_drawn(page)
    page.go_back()
    if "in_order" in page.url:  # Streamlit keeps an entry with the last page's settings
        page.go_back()
    expect(page).to_have_url(f"{root}?bs=9&step=58")
    wait_for_drawn(page)
    expect(batch_size(page)).to_have_value("9")
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def click_a_cell(page: Page, root: str) -> None:
    """A click on a cell of a sweep goes to the Playground, under whatever path."""
    open_charts(page, f"{root}sweep?ep_sweep=2&sxn_sweep=2&syn_sweep=2&runs_sweep=1")
    expect(page.get_by_text("4 of 4")).to_be_visible()
    page.locator("[data-chart] .nsewdrag").first.click()
    expect(page.locator("section.player")).to_be_visible()
    assert page.url.startswith(f"{root}?")


# ---- any path


@pytest.fixture(scope="module")
def proxied(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An nginx that passes on the root, and a path that it strips."""
    places = [
        Location.passing("/", server),
        Location.passing(STRIPPED, f"{server}/"),
        Location("= /course", "default_type text/html; return 200 '" + COURSE_PAGE + "';"),
        Location(f"/blocked{STRIPPED}_stcore/stream", "return 403;"),
        Location.passing(f"/blocked{STRIPPED}", f"{server}/"),
    ]
    with nginx(tmp_path_factory.mktemp("nginx"), free_port(), places) as url:
        yield url


COURSE_PAGE = f'<iframe src="{STRIPPED}?embed=true&bs=10" width="1200" height="900"></iframe>'


@pytest.mark.parametrize("address", WITH_CHARTS)
def test_every_page_draws_its_charts_where_a_proxy_strips_a_path(
    page: Page, proxied: str, address: str
) -> None:
    open_charts(page, f"{proxied}{STRIPPED}{address}")


def test_compare_shows_its_pins_where_a_proxy_strips_a_path(page: Page, proxied: str) -> None:
    open_charts(page, f"{proxied}{STRIPPED}compare?pins=bs%3D10%7Cbs%3D5")


@pytest.mark.parametrize("root", ["/", STRIPPED])
def test_behind_a_proxy_everything_can_be_done(page: Page, proxied: str, root: str) -> None:
    use_it(page, proxied + root)
    click_a_cell(page, proxied + root)


def test_a_slash_at_the_end_of_a_page_leads_to_the_page_under_any_path(
    page: Page, proxied: str
) -> None:
    open_charts(page, f"{proxied}{STRIPPED}stability/?lr_stability=5")
    assert page.url == f"{proxied}{STRIPPED}stability?lr_stability=5"


def test_in_the_frame_of_a_course_page_everything_can_be_done(page: Page, proxied: str) -> None:
    page.goto(f"{proxied}/course")
    frame = page.frame_locator("iframe")
    expect(charts(frame).first).to_be_visible(timeout=60_000)
    expect(batch_size(frame)).to_have_value("10")
    frame.get_by_role("button", name="To the start").click()
    player_at(frame, 0)
    frame.get_by_role("slider", name="Batch size B").press("ArrowLeft")
    expect(steps_of_the_run(frame)).to_have_text(" of 600")


def test_the_frame_that_the_readme_gives_works_in_a_sandbox(page: Page, proxied: str) -> None:
    (frame,) = re.findall(r"```html\n(<iframe.*?</iframe>)", README, re.DOTALL)
    (allowed,) = re.findall(r"`sandbox` attribute, `([a-z -]+)`", README)
    page.goto(f"{proxied}/course")
    frame = frame.replace("https://minibatch.example/", STRIPPED)
    frame = frame.replace("<iframe", f'<iframe sandbox="{allowed}"')
    page.evaluate("html => { document.body.innerHTML = html }", frame)
    inside = page.frame_locator("iframe")
    expect(charts(inside).first).to_be_visible(timeout=60_000)
    expect(batch_size(inside)).to_have_value("10")
    inside.get_by_role("button", name="Take it away").click()
    with page.expect_download() as caught:
        inside.get_by_role("button", name="PyTorch script").click()
    assert "torch" in Path(caught.value.path()).read_text()


def test_behind_the_nginx_of_the_readme_everything_can_be_done(
    page: Page, server: str, tmp_path: Path
) -> None:
    (location,) = re.findall(r"```nginx\n(location .*?\n\})", README, re.DOTALL)
    assert "http://127.0.0.1:8501/" in location
    location = location.replace("http://127.0.0.1:8501/", f"{server}/")
    port = free_port()
    servers = f"server {{ listen 127.0.0.1:{port}; {location} }}"
    with nginx_with(tmp_path, port, servers) as url:
        use_it(page, f"{url}/minibatch/")


def test_a_cell_opened_in_a_frame_stays_embedded(page: Page, proxied: str) -> None:
    open_charts(
        page, f"{proxied}{STRIPPED}sweep?embed=true&ep_sweep=2&sxn_sweep=2&syn_sweep=2&runs_sweep=1"
    )
    page.locator("[data-chart] .nsewdrag").first.click()
    expect(page.locator("section.player")).to_be_visible()
    assert "embed=true" in page.url


@pytest.fixture(scope="module")
def server_under_a_path() -> Iterator[str]:
    with serve_dashboard("--server.baseUrlPath=foo") as url:
        yield url


def test_with_a_base_path_everything_can_be_done(page: Page, server_under_a_path: str) -> None:
    use_it(page, f"{server_under_a_path}/foo/")
    click_a_cell(page, f"{server_under_a_path}/foo/")


@pytest.mark.parametrize("address", WITH_CHARTS)
def test_with_a_base_path_every_page_draws_its_charts(
    page: Page, server_under_a_path: str, address: str
) -> None:
    open_charts(page, f"{server_under_a_path}/foo/{address}")


def test_behind_a_proxy_that_keeps_a_base_path_everything_can_be_done(
    page: Page, server_under_a_path: str, tmp_path: Path
) -> None:
    places = [Location.passing("/foo/", server_under_a_path)]
    with nginx(tmp_path, free_port(), places) as url:
        use_it(page, f"{url}/foo/")


# ---- a plain Streamlit script


@pytest.mark.parametrize("address", ADDRESSES)
def test_as_a_plain_script_every_page_can_be_the_first_request(page: Page, address: str) -> None:
    place = next(place for name, place in PAGES.items() if address in ("", name))
    n = place.key("n")
    with serve_as_plain_script() as url:
        page.goto(f"{url}/{address}?{n}=50")
        expect(page.get_by_test_id("stTopNavSection")).to_have_count(2, timeout=90_000)
        expect(page.get_by_test_id("stSidebarNav")).to_have_count(0)
        expect(page.get_by_role("dialog")).to_have_count(0)
        if address == "compare":
            expect(page.get_by_text("Nothing is pinned yet.")).to_be_visible()
        else:
            expect(charts(page).first).to_be_visible(timeout=90_000)
            expect(page.get_by_role("spinbutton", name="Points N")).to_have_value("50")


def test_as_a_plain_script_everything_can_be_done(page: Page) -> None:
    with serve_as_plain_script() as url:
        use_it(page, f"{url}/")
        click_a_cell(page, f"{url}/")


def test_as_a_plain_script_two_first_visitors_can_ask_for_two_pages(browser: Browser) -> None:
    with serve_as_plain_script() as url:
        pages = [browser.new_context().new_page() for _ in range(4)]
        for page, address in zip(pages, ("", "loss_surface", "in_order", "seeds"), strict=True):
            page.goto(f"{url}/{address}", wait_until="commit")
        for page in pages:
            expect(charts(page).first).to_be_visible(timeout=90_000)
            expect(page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.parametrize(
    "former",
    [
        "/in-order?bs_2=20&step=5",
        "/in-order?bs_in_order=20&step=5",
        "/in_order?bs_2=20&step=5",
        "/in_order?bs_in_order=20&step=5",
    ],
)
def test_the_address_that_a_page_had_before_leads_to_it_and_back(
    page: Page, server: str, former: str
) -> None:
    open_charts(page, f"{server}/?bs=7")
    page.goto(f"{server}{former}")
    expect(page).to_have_url(f"{server}/in_order?bs_in_order=20&step=5")
    expect(batch_size(page)).to_have_value("20")
    player_at(page, 5)
    wait_for_drawn(page)
    page.go_back()
    expect(page).to_have_url(f"{server}/?bs=7")
    expect(charts(page).first).to_be_visible()
    expect(batch_size(page)).to_have_value("7")


# ---- a word when it can't work


def test_where_websockets_are_blocked_the_page_says_so(page: Page, proxied: str) -> None:
    page.goto(f"{proxied}/blocked{STRIPPED}")
    expect(the_word(page)).to_contain_text("a WebSocket, is blocked", timeout=SAYS_WITHIN)


@pytest.mark.parametrize(
    ("blocked", "says"),
    [
        ("**/static/js/**", "The scripts of the dashboard have not loaded"),
        ("**/unit.js", "The scripts of the charts have not loaded"),
        ("**/live_chart.js", "The scripts of the charts have not loaded"),
        ("**/BidiComponent.*.js", "The scripts of the charts have not loaded"),
    ],
)
@pytest.mark.parametrize("hangs", [False, True], ids=["blocked", "hanging"])
def test_where_scripts_do_not_come_the_page_says_so(
    context: BrowserContext, server: str, blocked: str, says: str, hangs: bool
) -> None:
    page = context.new_page()
    page.route(blocked, lambda route: None if hangs else route.abort())
    page.goto(f"{server}/in_order", wait_until="commit")
    expect(the_word(page)).to_contain_text(says, timeout=SAYS_WITHIN)


def test_where_plotly_hangs_the_page_says_so_until_it_comes(
    context: BrowserContext, server: str
) -> None:
    page = context.new_page()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/plotly.min.js", hold)
    page.goto(server, wait_until="commit")
    expect(the_word(page)).to_contain_text("The scripts of the charts", timeout=2 * SAYS_WITHIN)
    for route in held:
        route.continue_()
    expect(charts(page).first).to_be_visible()
    expect(the_word(page)).to_have_count(0)


def test_an_address_that_is_a_level_too_deep_says_so(page: Page, server: str) -> None:
    page.goto(f"{server}/sweep/abc")
    expect(page.locator("body")).to_contain_text("Check the address of this page")


def test_where_plotly_is_blocked_the_page_says_so(context: BrowserContext, server: str) -> None:
    page = context.new_page()
    page.route("**/plotly.min.js", lambda route: route.abort())
    page.goto(server)
    expect(page.get_by_role("alert").first).to_contain_text("did not load. Reload the page; if")


def test_where_styles_are_blocked_the_charts_are_drawn(
    context: BrowserContext, server: str
) -> None:
    page = context.new_page()
    page.route("**/live_chart.css", lambda route: route.abort())
    open_charts(page, server)


# ---- lost and found again


def wait_until_it_is_back(page: Page) -> None:
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-connection-state", "CONNECTED", timeout=60_000)
    expect(the_word(page)).to_have_count(0)
    expect(app).to_have_js_property("inert", False)


class Restartable:
    """A server that can be stopped, and started again under the same address."""

    def __init__(self, port: int, root: Path = ROOT) -> None:
        self.port, self.root = port, root
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        self.process = start_dashboard(self.port, root=self.root)
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=20)
            self.process = None


@pytest.fixture
def restartable() -> Iterator[Restartable]:
    made = Restartable(free_port())
    yield made
    made.stop()


def untouched(page: Page) -> None:
    del page


def after_a_preset(page: Page) -> None:
    page.get_by_role("button", name="§2").click()
    expect(batch_size(page)).to_have_value("25")


def after_a_slider(page: Page) -> None:
    after_a_slider_of(page, 9)


def after_a_slider_of(page: Page, size: int) -> None:
    page.get_by_role("slider", name="Batch size B").press("ArrowLeft")
    expect(batch_size(page)).to_have_value(str(size))


@pytest.mark.parametrize("last_act", [untouched, after_a_preset, after_a_slider])
def test_after_a_restart_of_the_server_every_control_works_at_once(
    page: Page, restartable: Restartable, last_act: Callable[[Page], None]
) -> None:
    url = restartable.start()
    open_charts(page, f"{url}/?bs=10&n=200&step=7")
    last_act(page)
    address, size = page.url, int(batch_size(page).input_value())
    player_at(page, 7)
    restartable.stop()
    expect(the_word(page)).to_contain_text("does not answer", timeout=SAYS_WITHIN)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Play").click()  # the player needs no server
    expect(page.locator("section.player")).not_to_have_attribute("data-step", "7")
    page.get_by_role("button", name="Pause").click()
    restartable.start()
    wait_until_it_is_back(page)
    assert page.url.split("step=")[0] == address.split("step=")[0]
    expect(batch_size(page)).to_have_value(str(size))
    page.get_by_role("slider", name="Batch size B").press("ArrowLeft")
    expect(batch_size(page)).not_to_have_value(str(size))
    now = int(batch_size(page).input_value())
    epochs = int(page.get_by_role("spinbutton", name="Epochs").input_value())
    n = int(page.get_by_role("spinbutton", name="Points N").input_value())
    expect(steps_of_the_run(page)).to_have_text(f" of {-(-n // now) * epochs:,}")


def copied(folder: Path) -> Path:
    """A folder with what runs, to be changed."""
    for name in ("dashboard", "minibatch_core", "pages", ".streamlit"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "app.py", folder)
    return folder


def test_of_an_error_in_a_page_a_visitor_sees_a_sentence_and_no_trace(
    page: Page, tmp_path: Path
) -> None:
    broken = copied(tmp_path) / "pages" / "seeds.py"
    text = broken.read_text()
    assert text.count("    asked = chosen()\n") == 1
    broken.write_text(text.replace("    asked = chosen()\n", '    raise OSError("secret")\n', 1))
    server = Restartable(free_port(), tmp_path)
    page.goto(f"{server.start()}/seeds")
    alert = page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("This page can't be shown at these settings.", timeout=60_000)
    wait_for_drawn(page)
    seen = page.locator("body").inner_text()
    assert not any(word in seen for word in ("secret", "OSError", "Traceback", str(tmp_path)))
    server.stop()


def test_after_a_new_version_was_deployed_the_page_goes_on_with_it(
    page: Page, tmp_path: Path
) -> None:
    deployed = Restartable(free_port(), copied(tmp_path))
    open_charts(page, f"{deployed.start()}/in_order?bs_in_order=10&step=20")
    deployed.stop()
    expect(the_word(page)).to_have_count(1, timeout=SAYS_WITHIN)
    with (tmp_path / "dashboard" / "browser" / "player.css").open("a") as styles:
        styles.write("/* another version */\n")
    with page.expect_response(re.compile("bidi-components/.*/live_chart.js")):
        deployed.start()
        wait_until_it_is_back(page)
    wait_for_drawn(page)
    expect(page.locator("section.player")).to_have_count(1)
    player_at(page, 20)
    page.get_by_role("slider", name="Batch size B").press("ArrowLeft")
    expect(steps_of_the_run(page)).to_have_text(" of 600")
    deployed.stop()


def test_offline_with_a_connection_that_seems_open_the_page_says_so(
    context: BrowserContext, server: str
) -> None:
    page = context.new_page()
    open_charts(page, server)
    context.set_offline(True)
    expect(the_word(page)).to_contain_text("This device is offline", timeout=SAYS_WITHIN)
    context.set_offline(False)
    expect(the_word(page)).to_have_count(0)
    after_a_slider_of(page, 20)


def test_a_server_that_hangs_is_told_once_it_is_asked(page: Page, restartable: Restartable) -> None:
    open_charts(page, restartable.start())
    assert restartable.process is not None
    restartable.process.send_signal(signal.SIGSTOP)
    page.get_by_role("slider", name="Batch size B").press("ArrowLeft")
    expect(the_word(page)).to_contain_text("does not answer", timeout=SAYS_WITHIN + 2_500)
    restartable.process.send_signal(signal.SIGCONT)
    expect(the_word(page)).to_have_count(0)
    expect(batch_size(page)).to_have_value("20")


def test_where_the_hand_was_it_stays_after_a_drop(page: Page, restartable: Restartable) -> None:
    open_charts(page, restartable.start())
    slider = page.get_by_role("slider", name="Learning rate")
    slider.focus()
    restartable.stop()
    expect(the_word(page)).to_have_count(1, timeout=SAYS_WITHIN)
    restartable.start()
    wait_until_it_is_back(page)
    expect(slider).to_be_focused()


def test_offline_the_page_says_so_and_goes_on_when_it_is_back(
    context: BrowserContext, server: str, proxied: str, tmp_path: Path
) -> None:
    page = context.new_page()
    places = [Location.passing("/", server)]
    port = free_port()
    with nginx(tmp_path, port, places) as url:
        open_charts(page, f"{url}/in_order?bs_in_order=10")
        context.set_offline(True)
    expect(the_word(page)).to_contain_text("This device is offline", timeout=SAYS_WITHIN)
    with nginx(tmp_path, port, places):
        context.set_offline(False)
        wait_until_it_is_back(page)
        page.get_by_role("slider", name="Batch size B").press("ArrowLeft")
        expect(steps_of_the_run(page)).to_have_text(" of 600")
        assert page.url == f"{url}/in_order?bs_in_order=9"


def two_replicas(folder: Path, ports: tuple[int, int, int]) -> AbstractContextManager[str]:
    """nginx as deploy/nginx.conf has it, before replicas at the last two ports."""
    configuration = (ROOT / "deploy" / "nginx.conf").read_text()
    own, first, second = ports
    for written, here in (
        ("listen 80;", f"listen 127.0.0.1:{own};"),
        ("server first:8501", f"server 127.0.0.1:{first}"),
        ("server second:8501", f"server 127.0.0.1:{second}"),
    ):
        assert configuration.count(written) == 1
        configuration = configuration.replace(written, here)
    return nginx_with(folder, own, configuration)


def test_when_a_replica_is_killed_everybody_goes_on_at_the_other(
    browser: Browser, tmp_path: Path
) -> None:
    replicas = [Restartable(free_port()), Restartable(free_port())]
    for replica in replicas:
        replica.start()
    ports = (free_port(), replicas[0].port, replicas[1].port)
    with two_replicas(tmp_path, ports) as url:
        pages = [browser.new_context().new_page() for _ in range(4)]
        for number, page in enumerate(pages):
            open_charts(page, f"{url}/in_order?bs_in_order=10&step={number}")
            player_at(page, number)
        replicas[0].kill()
        pages[0].wait_for_timeout(1000)  # until those who were there have noticed
        for number, page in enumerate(pages):
            wait_until_it_is_back(page)
            assert page.url == f"{url}/in_order?bs_in_order=10&step={number}"
            player_at(page, number)
            page.get_by_role("slider", name="Batch size B").press("ArrowLeft")
            expect(steps_of_the_run(page)).to_have_text(" of 600")
            assert page.url == f"{url}/in_order?bs_in_order=9&step={number}"
    for replica in replicas:
        replica.stop()


def test_nginx_keeps_a_visitor_with_one_replica(tmp_path: Path) -> None:
    def answering(port: int) -> Location:
        return Location("/", f"return 200 {port};")

    ports = (free_port(), free_port(), free_port())
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    with (
        nginx(tmp_path / "first", ports[1], [answering(ports[1])]),
        nginx(tmp_path / "second", ports[2], [answering(ports[2])]),
        two_replicas(tmp_path, ports) as url,
    ):
        met = set()
        for _ in range(20):
            with httpx.Client(base_url=url) as visitor:
                answers = {visitor.get("/").text for _ in range(5)}
            assert len(answers) == 1
            met |= answers
    assert met == {str(port) for port in ports[1:]}


TAKEN = ("app.py", "requirements.txt", ".streamlit", "minibatch_core", "dashboard", "pages")


def test_the_container_takes_what_runs_and_nothing_else() -> None:
    taken = (ROOT / ".dockerignore").read_text().splitlines()
    dockerfile = (ROOT / "Dockerfile").read_text()
    for name in TAKEN:
        assert f"!{name}" in taken
        assert re.search(rf"^COPY {re.escape(name)} ", dockerfile, re.MULTILINE)
    assert "USER minibatch" in dockerfile
    assert "HEALTHCHECK" in dockerfile
