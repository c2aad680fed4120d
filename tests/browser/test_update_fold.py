"""The fold under the player: closed it costs nothing, open it follows the player and is told."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from minibatch_core import DataSettings, TrainSettings, make_dataset, train
from tests.support.drawn import wait_for_drawn

ADDRESS = "/?bs=7&n=60&shuf=Each+epoch&loss=BCE&ep=30"
RUN = train(
    make_dataset(DataSettings(n=60)),
    TrainSettings(batch_size=7, epochs=30, shuffle="each_epoch", loss="bce"),
)


def open_playground(page: Page, url: str) -> Locator:
    """The fold of the page at an address."""
    page.goto(url)
    return drawn_fold(page)


def drawn_fold(page: Page) -> Locator:
    expect(page.locator("section.player")).to_have_attribute(
        "data-step", re.compile(r"\d"), timeout=60_000
    )
    wait_for_drawn(page)
    return page.locator(".player-update")


def summary(page: Page) -> Locator:
    return page.get_by_text("The update in numbers", exact=True)


def shown_next(fold: Locator) -> list[float]:
    """w and b as the last line has them."""
    cells = fold.locator("li").last.locator("p").all_inner_texts()[1:]
    assert [cell.split(" = ")[0] for cell in cells] == ["w_next", "b_next"]
    return [float(cell.split()[-1].replace("−", "-")) for cell in cells]


def test_the_open_fold_follows_the_player(page: Page, server: str) -> None:
    fold = open_playground(page, f"{server}{ADDRESS}&step=137")
    summary(page).click()
    for step in (137, 138, 139):
        expect(fold).to_have_attribute("data-step", str(step))
        assert shown_next(fold) == pytest.approx([RUN.w[step + 1], RUN.b[step + 1]], rel=5e-6)
        expect(fold).to_contain_text(f"From step {step} to step {step + 1}.")
        expect(fold).to_contain_text("the same to the last digit shown")
        page.get_by_role("button", name="One step forward").click()
    page.get_by_role("button", name="To the end").click()
    expect(fold).to_contain_text("This is the end of the run, so there is no next step.")
    expect(fold.locator("li")).to_have_count(0)


def test_the_closed_fold_computes_nothing(page: Page, server: str) -> None:
    fold = open_playground(page, f"{server}{ADDRESS}&step=137")
    for _ in range(3):
        page.get_by_role("button", name="One step forward").click()
    wait_for_drawn(page)
    assert fold.get_attribute("data-step") is None
    assert fold.locator("li").count() == 0
    assert fold.locator(".update-announcement").inner_text() == ""
    summary(page).click()
    expect(fold).to_have_attribute("data-step", "140")
    summary(page).click()
    page.get_by_role("button", name="One step forward").click()
    wait_for_drawn(page)
    expect(fold).to_have_attribute("data-step", "140")


def test_the_fold_obeys_the_keyboard_and_stays_as_it_was_left(page: Page, server: str) -> None:
    fold = open_playground(page, f"{server}{ADDRESS}&step=137")
    summary(page).focus()
    page.keyboard.press("Space")  # which plays nothing here
    expect(fold).to_have_attribute("open", "")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("region", name="The update in numbers")).to_be_focused()
    page.get_by_role("slider", name="Batch size B").focus()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"bs=6"))
    wait_for_drawn(page)
    expect(fold).to_contain_text("the mean of the gradients of the minibatch's 6 points")
    page.reload()
    fold = drawn_fold(page)
    expect(fold).to_have_attribute("data-step", "137")
    summary(page).click()
    page.reload()
    fold = drawn_fold(page)
    assert fold.get_attribute("open") is None


def test_the_update_is_told_to_a_screen_reader_and_no_rule_is_broken(
    page: Page, server: str
) -> None:
    fold = open_playground(page, f"{server}{ADDRESS}&step=137")
    told = fold.locator(".update-announcement")
    expect(told).to_have_attribute("aria-live", "polite")
    summary(page).click()
    page.get_by_role("button", name="One step forward").click()
    wait_for_drawn(page)
    expect(told).to_have_text(re.compile(r"^The update of step 138: next w \S+\d, next b \S+\d\.$"))
    assert str(shown_next(fold)[0])[:5] in told.inner_text().replace("−", "-")
    page.get_by_role("button", name="To the end").click()
    wait_for_drawn(page)
    expect(told).to_contain_text("This is the end of the run")
    page.get_by_role("button", name="One step back").click()
    wait_for_drawn(page)
    results = Axe().run(page, context=".player-update")
    assert results.violations_count == 0, results.generate_report()


def test_a_long_run_is_gone_through_without_a_standstill(page: Page, server: str) -> None:
    fold = open_playground(page, f"{server}/?n=10000&bs=100&ep=1000&step=99999")
    fold.evaluate(
        """fold => {
          let now = performance.now()
          performance.now = () => (now += 1000) // the time is always up
          window.turns = 0
          const turn = () => {
            if ("step" in fold.dataset) return
            window.turns += 1
            setTimeout(turn, 0)
          }
          fold.addEventListener("toggle", turn)
        }"""
    )
    summary(page).click()
    expect(fold).to_have_attribute("data-step", "99999")
    assert page.evaluate("window.turns") > 2  # the page had its turn on the way
    expect(fold).to_contain_text("the same to the last digit shown")


def test_a_run_that_diverges_says_why_there_is_no_next_step(page: Page, server: str) -> None:
    fold = open_playground(page, f"{server}/?opt=SGD&lr=100&wd=50&ep=100")
    summary(page).click()
    expect(fold).to_contain_text("the next loss, w or b would not be a finite number")
    page.get_by_role("button", name="One step back").click()
    expect(fold).to_contain_text("the same to the last digit shown")


def test_on_a_phone_it_stays_within_the_width(phone: Page, server: str) -> None:
    fold = open_playground(phone, f"{server}/?step=57&opt=NAdam&wd=0.1")
    box = summary(phone).bounding_box()
    assert box
    assert box["height"] >= 44
    summary(phone).tap()
    expect(fold).to_have_attribute("data-step", "57")
    main = phone.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth") <= 390
    body = fold.locator(".update-body")
    assert body.evaluate("body => body.scrollWidth - body.clientWidth") == 0
    assert body.evaluate("body => body.clientHeight") < 844
    lines = fold.locator("li").first.locator("p")
    tops = [box["y"] for line in lines.all() if (box := line.bounding_box())]
    assert len(set(tops)) == 3  # the formula, w, b: one below another
