"""The connection is lost, or the server, and comes back."""

import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.conftest import ROOT, free_port
from tests.support.deployed import (
    SAYS_WITHIN,
    STATE,
    Restartable,
    batch_size,
    go_to_section_2,
    open_charts,
    player_at,
    steps_of_the_run,
    the_word,
    wait_until_it_is_back,
)
from tests.support.drawn import wait_for_drawn, wait_for_page
from tests.support.in_hand import held
from tests.support.proxy import Location, nginx


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


def with_the_hand_on_a_slider(page: Page) -> None:
    page.get_by_role("slider", name="Learning rate").focus()


def after_a_slider_of(page: Page, size: int) -> None:
    page.get_by_role("slider", name="Batch size B").press("ArrowLeft")
    expect(batch_size(page)).to_have_value(str(size))


def test_while_the_server_is_away_the_page_says_so_and_the_player_plays(
    page: Page, restartable: Restartable
) -> None:
    open_charts(page, f"{restartable.start()}/?step=7")
    player_at(page, 7)
    restartable.stop()
    expect(the_word(page)).to_contain_text("does not answer", timeout=SAYS_WITHIN)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Play").click()
    expect(page.locator("section.player")).not_to_have_attribute("data-step", "7")


def test_the_picture_stays_where_the_hand_left_it_and_a_word_says_that_it_is_not_saved(
    page: Page, restartable: Restartable
) -> None:
    open_charts(page, f"{restartable.start()}/?step=7")
    player_at(page, 7)
    wait_for_drawn(page)
    address, words = page.url, page.locator(".live-words")
    with held(page, "Batch size B", -8):
        expect(words).to_contain_text("Each step uses 20 of the 100 points.")
        restartable.stop()  # Streamlit then holds its sliders still
        expect(the_word(page)).to_contain_text("does not answer", timeout=SAYS_WITHIN)
        expect(the_word(page)).to_contain_text("The value that you moved last is not saved")
    page.wait_for_timeout(4500)  # so long an answer to a release is waited for, if one can come
    expect(words).to_contain_text("Each step uses 20 of the 100 points.")
    assert page.url == address
    restartable.start()
    wait_until_it_is_back(page)
    expect(words).to_contain_text("Each step uses 25 of the 100 points.")
    wait_for_drawn(page)
    expect(batch_size(page)).to_have_value("25")
    after_a_slider_of(page, 20)


LAST_ACTS: dict[str, Callable[[Page], None]] = {
    "/?bs=10&n=200&step=7": untouched,
    "/?bs=10&n=300&step=7": after_a_preset,
    "/?bs=10&n=400&step=7": after_a_slider,
    "/?bs=10&n=500&step=7": with_the_hand_on_a_slider,
}


def test_after_a_restart_of_the_server_every_control_works_at_once_for_everybody(
    context: BrowserContext, restartable: Restartable
) -> None:
    url = restartable.start()
    visitors: list[tuple[Page, str, int]] = []
    for path, last_act in LAST_ACTS.items():
        page = context.new_page()
        open_charts(page, url + path)
        last_act(page)
        wait_for_drawn(page)  # the address too is then as the act has it
        player_at(page, 7)
        address = page.evaluate("location.href")
        visitors.append((page, address, int(batch_size(page).input_value())))
    moved = context.new_page()
    open_charts(moved, f"{url}/?bs=7")
    go_to_section_2(moved)
    restartable.stop()
    for page, *_ in visitors:
        expect(page.get_by_test_id("stApp")).not_to_have_attribute(STATE, "CONNECTED")
    restartable.start()
    for page, address, size in visitors:
        wait_until_it_is_back(page)
        assert page.url == address
        expect(batch_size(page)).to_have_value(str(size))
        if "n=500" in address:
            expect(page.get_by_role("slider", name="Learning rate")).to_be_focused()
        page.get_by_role("slider", name="Batch size B").press("ArrowLeft")
        expect(batch_size(page)).not_to_have_value(str(size))
        wait_for_drawn(page)
        now = int(batch_size(page).input_value())
        epochs = int(page.get_by_role("spinbutton", name="Epochs").input_value())
        n = int(page.get_by_role("spinbutton", name="Points N").input_value())
        expect(steps_of_the_run(page)).to_have_text(f" of {-(-n // now) * epochs:,}")
    wait_until_it_is_back(moved)
    wait_for_drawn(moved)
    moved.get_by_test_id("stTopNavLink").first.click()
    wait_for_page(moved, "Playground")
    expect(batch_size(moved)).to_have_value("7")  # the server has forgotten it, the tab has not
    expect(moved).to_have_url(f"{url}/?bs=7")


def test_after_a_restart_a_busy_browser_that_sees_no_run_begin_has_controls_that_work(
    page: Page, restartable: Restartable
) -> None:
    open_charts(page, f"{restartable.start()}/?bs=10")
    wait_for_drawn(page)
    page.get_by_test_id("stApp").evaluate(  # as where both come before React draws
        """app => {
          app.setAttribute = function (name, value) {
            if (name === "data-test-script-state") return
            Element.prototype.setAttribute.call(this, name, value)
          }
        }"""
    )
    restartable.stop()
    expect(page.get_by_test_id("stApp")).not_to_have_attribute(STATE, "CONNECTED")
    restartable.start()
    wait_until_it_is_back(page)
    after_a_slider_of(page, 9)
    expect(steps_of_the_run(page)).to_have_text(" of 600")


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
        expect(page).to_have_url(f"{url}/in_order?bs_in_order=9")
