"""A page to take away, opened as a file without a network: what it shows, and what it takes."""

import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dashboard.charts.notes import NOTES
from dashboard.shell.controls import own_words
from dashboard.shell.page import TABLES, Chosen
from dashboard.shell.pins import MOST_PINS
from dashboard.shell.registry import PAGES
from dashboard.shell.repairs import find_in_values
from dashboard.shell.web_page import Place, to_web_page
from minibatch_core import (
    Dataset,
    DataSettings,
    Run,
    Settings,
    TrainSettings,
    full_loss,
    loss_surface,
    make_dataset,
    train,
)
from minibatch_core.losses import LOSSES
from minibatch_core.optimizers import OPTIMIZERS
from minibatch_core.schedules import SCHEDULES
from minibatch_core.settings.train import SHUFFLES
from minibatch_core.storage import STORAGE
from minibatch_core.theory.lowest import lowest_point
from minibatch_core.words import number
from pages import dataset_and_dataloader, full_batch, in_order, playground
from tests.browser.test_browser_pages import open_path
from tests.support.drawn import wait_for_drawn
from tests.support.hyperparameters import OTHER_THAN_DEFAULT

BOARDS = {
    "playground": lambda chosen: playground.compute(chosen).board,
    "full_batch": full_batch.to_take,
    "in_order": in_order.to_take,
    "dataset_and_dataloader": lambda chosen: dataset_and_dataloader.compute(chosen).training.board,
}
"""What is taken of each page that plays a run."""

LIMIT = 2_500_000
"""Bytes."""

HERE = "https://minibatch.example/course/"

BACKGROUNDS: dict[Literal["light", "dark"], str] = {
    "light": "rgb(255, 255, 255)",
    "dark": "rgb(18, 22, 28)",
}

IS_AT_REST = """() => {
  const player = document.querySelector("section.player")
  return player && "settled" in player.dataset && !document.querySelector(".live-chart-held")
}"""

DRAWN = """() => {
  const plots = [...document.querySelectorAll(".live-chart-plot")].filter((plot) => plot.data)
  const plain = (values = []) => [...values].map((each) => (each?.length ? [...each] : each))
  const lines = plots.flatMap((plot) => plot.data.map(({ meta, x, y, z }) => [
    z ? "surface" : `${plot.dataset.chart} ${meta}`,
    { x: plain(x), y: plain(y), z: plain(z) },
  ]))
  return Object.fromEntries(lines)
}"""


def chosen_on(name: str, settings: Settings | None = None) -> Chosen:
    """What a page is asked to compute; settings that it has no control for are its own."""
    page, opening = PAGES[name], PAGES[name].opening
    if settings is None:
        return opening
    own = {
        part: {
            field: getattr(getattr(opening.settings, part), field)
            for field, setting in TABLES[part].items()
            if setting.key not in page.controls
        }
        for part in ("data", "train")
    }
    if page.is_full_batch:
        own["train"]["batch_size"] = settings.data.n
    parts = replace(settings.data, **own["data"]), replace(settings.train, **own["train"])
    return replace(opening, settings=Settings(*parts))


def written(name: str, folder: Path, chosen: Chosen | None = None) -> Path:
    """The page in a file."""
    chosen = chosen or chosen_on(name)
    page = PAGES[name]
    address = HERE + ("" if page.is_default else name)
    file = folder / f"{name}.html"
    text = to_web_page(chosen.settings, BOARDS[name](chosen), Place(page, address))
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("taken")
    return {name: written(name, folder) for name in BOARDS}


@contextmanager
def window(browser: Browser, file: Path, **options: Any) -> Iterator[BrowserContext]:
    """A window without a network that tests share: what was compiled for one serves the next."""
    context = browser.new_context(offline=True, **options)
    context.new_page().goto(file.as_uri())
    yield context
    context.close()


def emptied(window: BrowserContext) -> Iterator[BrowserContext]:
    yield window
    for page in window.pages[1:]:
        page.close()


@pytest.fixture(scope="module")
def laptop(browser: Browser, files: dict[str, Path]) -> Iterator[BrowserContext]:
    size = {"width": 1366, "height": 768}
    with window(browser, files["playground"], viewport=size) as made:
        yield made


@pytest.fixture(scope="module")
def phones_pocket(browser: Browser, files: dict[str, Path]) -> Iterator[BrowserContext]:
    size = {"width": 390, "height": 844}
    with window(
        browser, files["playground"], viewport=size, has_touch=True, is_mobile=True
    ) as made:
        yield made


@pytest.fixture
def offline(laptop: BrowserContext) -> Iterator[BrowserContext]:
    """A laptop without a network."""
    yield from emptied(laptop)


@pytest.fixture
def pocket(phones_pocket: BrowserContext) -> Iterator[BrowserContext]:
    """A phone without a network."""
    yield from emptied(phones_pocket)


def opened(context: BrowserContext, file: Path, said: str = "") -> Page:
    """A page to take away, drawn; it asks for nothing, and nothing goes wrong in it."""
    page = context.new_page()
    asked, wrong = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{file.as_uri()}#{said}")
    page.wait_for_function(IS_AT_REST)
    assert [url.partition("#")[0] for url in asked if url[:5] != "data:"] == [file.as_uri()]
    assert wrong == []
    return page


def drawn_settings(seed: int) -> Settings:
    """Settings of any kind, of a run that is soon trained and stays in sight."""
    draw = random.Random(seed)
    n = draw.randint(2, 300)
    optimizer = draw.choice(list(OPTIMIZERS))
    own = [name for name in OPTIMIZERS[optimizer].hyperparameters if draw.random() < 0.5]
    return Settings(
        DataSettings(
            n=n,
            noise=round(draw.random() / 2, 3),
            seed=draw.randrange(2**32),
            stored=draw.choice(list(STORAGE)),
        ),
        TrainSettings(
            loss=draw.choice(list(LOSSES)),
            optimizer=optimizer,
            lr=round(10 ** draw.uniform(-3, -1), 4),
            schedule=draw.choice(list(SCHEDULES)),
            batch_size=draw.randint(max(1, n // 20), n),
            epochs=draw.randint(1, 12),
            shuffle=draw.choice(list(SHUFFLES)),
            drop_last=draw.random() < 0.3,
            seed=draw.randrange(2**32),
            init_w=draw.choice([None, round(draw.uniform(-2, 3), 3)]),
            **{name: OTHER_THAN_DEFAULT[name] for name in own},
        ),
    )


def said_of(name: str, settings: Settings) -> str:
    """What an address says of settings, each value, whatever the page opens with."""
    page = PAGES[name]
    said = {
        page.key(setting.key): setting.spell(getattr(part, field))
        for part, table in ((settings.data, "data"), (settings.train, "train"))
        for field, setting in TABLES[table].items()
        if setting.key in page.controls
    }
    return urlencode(said)


def meant_by(name: str, address: str) -> Settings:
    """The settings with which the dashboard opens an address."""
    page, said = PAGES[name], dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
    parts: dict[str, dict[str, Any]] = {"data": {}, "train": {}}
    for part, values in parts.items():
        for field, setting in TABLES[part].items():
            text = said.pop(page.key(setting.key), None)
            values[field] = page.defaults[setting.key] if text is None else setting.parse(text)
    assert not said
    if page.is_full_batch:
        parts["train"]["batch_size"] = parts["data"]["n"]
    return Settings(DataSettings(**parts["data"]), TrainSettings(**parts["train"]))


# ---- its numbers


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", BOARDS)
def test_its_numbers_are_those_of_the_engine_at_any_settings(
    offline: BrowserContext, files: dict[str, Path], name: str, seed: int
) -> None:
    settings = chosen_on(name, drawn_settings(10 * list(BOARDS).index(name) + seed)).settings
    page = opened(offline, files[name], said_of(name, settings))
    data = make_dataset(settings.data)
    run = train(data, settings.train)
    assert meant_by(name, str(page.get_attribute("#dashboard", "href"))) == settings
    drawn = page.evaluate(DRAWN)
    same_lines(drawn, data, run)
    same_words(page, data, run)
    if name != "full_batch":
        same_tiles(page, data, run)


def same_lines(drawn: dict[str, Any], data: Dataset, run: Run) -> None:
    """What is drawn at a step is what the engine has there, in float32."""
    loss = run.settings.loss
    full = full_loss(data, run.w, run.b, loss)
    for key, values in (("w", run.w), ("b", run.b), ("full_loss", full)):
        close(drawn[f"{'loss' if key == 'full_loss' else 'traces'} {key}"], values)
    if "loss batch_loss" in drawn:
        close(drawn["loss batch_loss"], run.batch_loss)
    path = drawn["surface path"]
    ends = np.array([[path["x"][0], path["y"][0]], [path["x"][-1], path["y"][-1]]])
    there = np.column_stack([run.b[[0, -1]], run.w[[0, -1]]])
    np.testing.assert_allclose(ends, there, rtol=2e-5, atol=1e-6)
    surface = drawn["surface"]
    expected = loss_surface(data, surface["y"], surface["x"], loss)
    np.testing.assert_allclose(surface["z"], expected, rtol=2e-5, atol=1e-6)


def close(line: dict[str, list[float]], values: np.ndarray) -> None:
    steps = np.array(line["x"], dtype=int)
    assert {0, len(values) - 1} <= {*steps}
    np.testing.assert_allclose(line["y"], values[steps], rtol=2e-5, atol=1e-6)


def same_words(page: Page, data: Dataset, run: Run) -> None:
    """The numbers of the player, the sentence above and the captions."""
    row = {
        str(each.locator("dt").text_content()): str(each.locator("dd").text_content())
        for each in page.locator(".player-row > div").all()
    }
    assert row["Step"] == f"{len(run):,} of {len(run):,}"
    assert [row["w"], row["b"]] == [f"{run.w[-1]:.4f}", f"{run.b[-1]:.4f}"]
    full = full_loss(data, run.w[[0, -1]], run.b[[0, -1]], run.settings.loss)
    assert row["Loss, all data"] == f"{full[1]:.4f}"
    first, last = (number(each, 4) for each in full)
    said = NOTES["losses_alike" if first == last else "losses"].format(first=first, last=last)
    expect(page.locator("figure", has=page.locator("[data-chart=loss]"))).to_contain_text(said)
    steps = run.batches.steps_per_epoch
    said = "So 1 step makes" if steps == 1 else f"So {steps:,} steps make one epoch."
    expect(page.locator("#summary")).to_contain_text(said)


def same_tiles(page: Page, data: Dataset, run: Run) -> None:
    """Each minibatch of the last epoch that is shown has its own lowest loss below it."""
    expect(page.locator(".player-tile").first).to_be_visible()
    last = len(run) - run.batches.steps_per_epoch
    x, y = (page.evaluate(DRAWN)["surface"][axis] for axis in "xy")
    seen = 0
    for label in page.locator(".player-tile small").all_text_contents():
        found = re.match(r"([\d,]+): (.*)", label)
        if found is None:  # the mean of all
            continue
        points = run.batches[last + int(found[1].replace(",", "")) - 1]
        lowest = lowest_point(
            Dataset(data.x[points], data.y[points]), (y[0], y[-1]), (x[0], x[-1]), run.settings.loss
        )
        words = {"nowhere": "no min.", "beyond": "beyond", "far": "no min."}
        shown = f"{lowest.loss:.3f}{' local' * (lowest.place == 'local')}"
        assert found[2] == words.get(lowest.place, shown), label
        seen += 1
    assert seen > 0


# ---- one file, no network


@pytest.mark.parametrize("name", BOARDS)
def test_it_is_one_file_of_less_than_two_and_a_half_megabytes(
    files: dict[str, Path], name: str
) -> None:
    assert files[name].stat().st_size < LIMIT


def test_it_is_so_with_the_longest_run_and_as_many_kept_ones_as_there_can_be() -> None:
    long = [
        Settings(
            DataSettings(n=10_000, seed=seed),
            TrainSettings(batch_size=50, epochs=1000, shuffle="each_epoch", schedule="cosine"),
        )
        for seed in range(MOST_PINS + 1)
    ]
    board = playground.compute(chosen_on("playground", long[0]), *long[1:]).board
    text = to_web_page(long[0], board, Place(PAGES["playground"], HERE))
    assert len(text.encode()) < LIMIT


@pytest.mark.parametrize("name", BOARDS)
def test_it_says_which_settings_it_came_from_and_leads_back(
    offline: BrowserContext, tmp_path: Path, name: str
) -> None:
    settings = Settings(DataSettings(n=60), TrainSettings(batch_size=7, lr=0.3, optimizer="sgd"))
    chosen = chosen_on(name, settings)
    page = opened(offline, written(name, tmp_path, chosen))
    assert meant_by(name, str(page.get_attribute("#dashboard", "href"))) == chosen.settings
    footer = page.locator("footer")
    for said in ("Points N = 60", "Learning rate = 0.3", "Optimizer = SGD"):
        expect(footer).to_contain_text(said)
    expect(page.locator("#summary")).to_contain_text("of the 60 points" * (name != "full_batch"))


def test_names_that_look_like_scripts_are_only_names(
    offline: BrowserContext, tmp_path: Path
) -> None:
    hostile = "</script><script>window.stung = true</script><!-- <img src=x onerror=stung=1> & '\""
    chosen = chosen_on("playground")
    where = Place(PAGES["playground"], HERE, [("pins", hostile)], [(hostile, "#123456")])
    file = tmp_path / "hostile.html"
    text = to_web_page(chosen.settings, BOARDS["playground"](chosen), where)
    file.write_text(text, encoding="utf-8")
    taken = opened(offline, file)
    assert taken.evaluate("window.stung") is None
    expect(taken.locator(".page-kept")).to_contain_text(hostile)
    link = str(taken.get_attribute("#dashboard", "href"))
    assert dict(parse_qsl(urlsplit(link).query))["pins"] == hostile


@pytest.mark.parametrize(
    "path",
    [
        "/?bs=10&scale=Cividis&unit=Epochs&pins=bs%3D3",
        "/full_batch?loss_full_batch=BCE&w0_full_batch=0.5",
        "/in_order?shuf_in_order=Each+epoch&scale_in_order=RdYlGn",
        "/dataset_and_dataloader?bs_dataset_and_dataloader=7&obs_dataset_and_dataloader=20",
    ],
)
def test_the_dashboard_hands_it_out_and_it_leads_back_to_the_same_address(
    page: Page, server: str, offline: BrowserContext, tmp_path: Path, path: str
) -> None:
    open_path(page, f"{server}{path}")
    page.get_by_role("button", name="Take it away").click()
    wait_for_drawn(page)
    with page.expect_download() as caught:
        page.get_by_role("button", name="Web page").click()
    file = tmp_path / caught.value.suggested_filename
    caught.value.save_as(file)
    taken = opened(offline, file)
    here, there = (
        urlsplit(each) for each in (page.url, str(taken.get_attribute("#dashboard", "href")))
    )
    assert there[:3] == here[:3]
    assert sorted(parse_qsl(there.query)) == sorted(parse_qsl(here.query))
    if "pins" in path:
        expect(taken.locator(".page-kept")).to_contain_text("1: B = 3")
        expect(taken.locator("[data-chart=loss] .xtitle")).to_have_text("epochs")


# ---- its controls


def held_by(page: Page, name: str, *shares: float) -> None:
    """A slider's thumb, pulled to shares of its track one after another, and not let go."""
    box = page.get_by_role("slider", name=name).bounding_box()
    assert box
    y = box["y"] + box["height"] / 2.0
    for share in shares:
        page.mouse.move(box["x"] + share * box["width"], y)
        page.mouse.down()
        page.wait_for_timeout(60)


def test_it_is_drawn_while_a_slider_is_held_and_stays_when_it_is_let_go(
    offline: BrowserContext, files: dict[str, Path]
) -> None:
    page = opened(offline, files["playground"])
    summary = page.locator("#summary")
    before, address = summary.text_content(), page.get_attribute("#dashboard", "href")
    held_by(page, "Batch size B", 0.64, 0.5, 0.4, 0.3)
    page.wait_for_function(IS_AT_REST)
    drawn, said = page.evaluate(DRAWN), summary.text_content()
    assert said != before
    assert page.get_attribute("#dashboard", "href") == address
    page.mouse.up()
    page.wait_for_function(IS_AT_REST)
    assert page.evaluate(DRAWN) == drawn
    assert summary.text_content() == said
    size = page.get_by_role("textbox", name="Batch size B").input_value()
    assert f"uses {size} of the 100" in str(said)
    assert meant_by("playground", str(page.get_attribute("#dashboard", "href"))) == Settings(
        train=TrainSettings(batch_size=int(size))
    )
    page.wait_for_function("size => location.hash === `#bs=${size}`", arg=size)
    page.get_by_role("button", name="The settings it came with").click()
    expect(summary).to_have_text(str(before))


def test_a_number_is_understood_as_people_write_it(
    offline: BrowserContext, files: dict[str, Path]
) -> None:
    page = opened(offline, files["playground"])
    for name, typed, shown in (
        ("Learning rate", "0,2", "0.2"),
        ("Learning rate", " 1e-3 ", "0.001"),
        ("Points N", "1,000", "1000"),
        ("Points N", "2.000", "2000"),
        ("Seed", "1.234.567", "1234567"),
        ("Seed", "4294967295", "4294967295"),
    ):
        box = page.get_by_role("textbox", name=name, exact=True)
        box.fill(typed)
        box.press("Enter")
        expect(box, typed).to_have_value(shown)
        expect(page.locator(".page-problem:visible"), typed).to_have_count(0)


def test_a_press_on_a_chart_takes_what_was_typed(
    offline: BrowserContext, files: dict[str, Path]
) -> None:
    page = opened(offline, files["playground"])
    for chart, noise in (("loss", "0.3"), ("data", "0.2"), ("surface", "0.4")):
        page.get_by_role("textbox", name="Noise", exact=True).fill(noise)
        page.locator(f"[data-chart={chart}]").click()
        address = re.compile(f"noise={noise}")
        expect(page.locator("#dashboard"), chart).to_have_attribute("href", address)
        assert page.evaluate("document.activeElement === document.body"), chart


WHOLE, ANY = "a whole number between", "a number between"


def test_what_cannot_be_gets_a_sentence_and_nothing_is_lost(
    offline: BrowserContext, files: dict[str, Path]
) -> None:
    page = opened(offline, files["playground"])
    drawn, address = page.evaluate(DRAWN), page.get_attribute("#dashboard", "href")
    for name, typed, said in (
        ("Learning rate", "-3", f"{ANY} 0 and 1,000, but got"),
        ("Learning rate", "fast", f"{ANY} 0 and 1,000, but got"),
        ("Batch size B", "1234,567", f"{WHOLE} 1 and 10,000, but got"),
        ("Batch size B", "12,7", f"{WHOLE} 1 and 10,000, but got"),
        ("Batch size B", "2.5", f"{WHOLE} 1 and 10,000, but got"),
        ("Points N", "", f"{WHOLE} 2 and 10,000, but it is empty"),
        ("Noise", "1e999", f"{ANY} 0 and 0.5, but got"),
        ("Seed", "1,00", f"{WHOLE} 0 and 4,294,967,295, but got"),
    ):
        box = page.get_by_role("textbox", name=name, exact=True)
        before = box.input_value()
        box.fill(typed)
        box.press("Tab")
        expect(page.get_by_role("alert"), typed).to_contain_text(f"{name} should be {said}")
        expect(box, typed).to_have_attribute("aria-invalid", "true")
        page.get_by_role("combobox", name="Loss").select_option("BCE")  # the text is there still
        page.get_by_role("combobox", name="Loss").select_option("MSE")
        page.wait_for_function(IS_AT_REST)
        expect(box, typed).to_have_value(typed)
        assert page.evaluate(DRAWN) == drawn, typed
        assert page.get_attribute("#dashboard", "href") == address, typed
        box.fill(before)
        box.press("Enter")
        expect(page.locator(".page-problem:visible"), typed).to_have_count(0)


@pytest.mark.parametrize(
    ("typed", "n"),
    [({"Batch size B": 25}, 10), ({"Batch size B": 1, "Epochs": 1000}, 10_000)],
)
def test_values_that_cannot_be_together_are_mended_as_in_the_dashboard(
    offline: BrowserContext, files: dict[str, Path], typed: dict[str, int], n: int
) -> None:
    page = opened(offline, files["playground"])
    for name, value in (typed | {"Points N": n}).items():
        box = page.get_by_role("textbox", name=name)
        box.fill(str(value))
        box.press("Enter")
    asked = {
        "batch_size": typed["Batch size B"],
        "epochs": typed.get("Epochs", 50),
        "drop_last": False,
        "optimizer": "adam",
    }
    (repair,) = find_in_values(n, asked)
    expect(page.locator("#words")).to_have_text(repair.notice)
    mended = page.get_by_role("textbox", name={"bs": "Batch size B", "ep": "Epochs"}[repair.key])
    expect(mended).to_have_value(str(repair.value))


def test_only_what_the_optimizer_has_is_offered(
    offline: BrowserContext, files: dict[str, Path]
) -> None:
    page = opened(offline, files["playground"])
    page.get_by_text("More", exact=True).click()
    for name in ("nesterov", "adadelta", "adamw"):
        page.get_by_role("combobox", name="Optimizer").select_option(name)
        labels = page.locator("details .page-control:visible label").all_text_contents()
        own = {TABLES["train"][each].label for each in OPTIMIZERS[name].hyperparameters}
        others = {TABLES["train"][each].label for each in OTHER_THAN_DEFAULT} - own
        assert own <= set(labels)
        assert not others & set(labels)
        for each in OPTIMIZERS[name].hyperparameters:
            setting, words = (
                TABLES["train"][each],
                own_words(each, name, PAGES["playground"].controls),
            )
            control = page.locator(f'[data-key="{setting.key}"]')
            expect(control.locator(".page-help")).to_have_attribute("data-says", words["help"])
            if setting.kind is not bool:
                box = control.locator("input")
                expect(box).to_have_attribute("placeholder", words["placeholder"])
    page.get_by_role("combobox", name="Optimizer").select_option("nesterov")
    momentum = page.get_by_role("textbox", name="momentum", exact=True)
    momentum.fill("0")
    momentum.press("Enter")
    expect(page.locator("#words")).to_contain_text("Nesterov needs a momentum above 0")
    expect(momentum).to_have_value("")


def test_a_click_on_the_surface_starts_the_run_there(
    offline: BrowserContext, files: dict[str, Path]
) -> None:
    page = opened(offline, files["playground"])
    page.locator("[data-chart=surface] .nsewdrag").click(position={"x": 30, "y": 30})
    button = page.get_by_role("button", name="PyTorch's start")
    expect(button).to_be_visible()
    start = meant_by("playground", str(page.get_attribute("#dashboard", "href"))).train
    assert start.init_w is not None
    page.get_by_role("button", name="To the start").click()
    expect(page.locator(".player-row")).to_contain_text(f"w{start.init_w:.4f}")
    button.click()
    expect(button).to_be_hidden()


def test_its_address_holds_settings_and_step_and_says_what_it_can_not_hold(
    offline: BrowserContext, files: dict[str, Path]
) -> None:
    page = opened(offline, files["in_order"], "bs_in_order=30&lr_in_order=fast&step=7")
    expect(page.locator("#words")).to_contain_text(
        "Ignored in the address: Learning rate should be"
    )
    expect(page.get_by_role("textbox", name="Batch size B")).to_have_value("30")
    expect(page.locator("section.player")).to_have_attribute("data-step", "7")
    page.get_by_role("button", name="One step forward").click()
    page.wait_for_function("() => location.hash === '#bs_in_order=30&step=8'")
    assert "step=8" in str(page.get_attribute("#dashboard", "href"))
    page.reload()
    page.wait_for_function(IS_AT_REST)
    expect(page.locator("section.player")).to_have_attribute("data-step", "8")


def test_its_controls_can_be_used_by_everybody(
    offline: BrowserContext, files: dict[str, Path]
) -> None:
    page = opened(offline, files["playground"])
    page.get_by_text("More", exact=True).click()
    page.get_by_role("textbox", name="Noise").fill("loud")
    page.keyboard.press("Tab")
    expect(page.get_by_role("alert")).to_be_visible()
    for scheme, background in BACKGROUNDS.items():
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("body")).to_have_css("background-color", background)
        results = Axe().run(page, context=".page-settings")
        assert results.violations_count == 0, (scheme, results.generate_report())


# ---- where it is opened


def test_it_works_in_a_frame_that_allows_it_nothing_but_scripts(
    offline: BrowserContext, files: dict[str, Path]
) -> None:
    page = offline.new_page()
    frame = '<iframe sandbox="allow-scripts" src="taken.html" width="900" height="900"></iframe>'
    page.route(f"{HERE}*", lambda route: route.fulfill(body=frame, content_type="text/html"))
    page.route(f"{HERE}taken.html", lambda route: route.fulfill(path=files["playground"]))
    page.goto(HERE)
    inside = page.frame_locator("iframe")
    expect(inside.locator("section.player[data-settled]")).to_be_visible()
    inside.get_by_role("slider", name="Batch size B").press("ArrowLeft")
    expect(inside.locator("#summary")).to_contain_text("Each step uses 20 of the 100 points.")


@pytest.mark.parametrize("name", BOARDS)
def test_on_a_phone_it_fits_and_fingers_hit(
    pocket: BrowserContext, files: dict[str, Path], name: str
) -> None:
    page = opened(pocket, files[name])
    page.get_by_role("button", name="Settings", exact=True).tap()
    page.get_by_text("More", exact=True).tap()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, summary, a, .page-help")]
          .map((target) => (target.type === "checkbox" ? target.labels[0] : target))
          .filter((target) => target.checkVisibility() && target.getClientRects().length > 0)
          .filter((target) => !target.closest(".player-tile, footer a"))
          .map((target) => [target.outerHTML.slice(0, 80), target.getBoundingClientRect()])
          .filter(([, { width, height }]) => width < 44 || height < 44)
          .map(([html]) => html)"""
    )
    assert small == []


def test_on_a_phone_the_charts_are_seen_while_a_slider_is_held(
    pocket: BrowserContext, files: dict[str, Path]
) -> None:
    page = opened(pocket, files["playground"])
    page.get_by_role("button", name="Settings", exact=True).tap()
    slider = page.get_by_role("slider", name="Batch size B")
    other = page.get_by_role("slider", name="Learning rate")
    box = slider.bounding_box()
    assert box
    y = box["y"] + box["height"] / 2.0
    touches = pocket.new_cdp_session(page)
    for number_, share in enumerate((0.6, 0.5, 0.4, 0.3)):
        kind = "touchMove" if number_ else "touchStart"
        points = [{"x": box["x"] + share * box["width"], "y": y}]
        touches.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        page.wait_for_timeout(60)
    expect(other).to_be_hidden()
    expect(slider).to_be_visible()
    expect(page.locator("#summary")).not_to_contain_text("uses 25 of")
    touches.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(other).to_be_visible()
    page.keyboard.press("Escape")
    expect(slider).to_be_hidden()


def test_the_theme_is_that_of_the_device_and_changes_with_it(
    offline: BrowserContext, files: dict[str, Path]
) -> None:
    page = opened(offline, files["playground"])
    line = page.locator("[data-chart=traces] .scatterlayer .js-line").first
    strokes = ("rgb(15, 118, 110)", "rgb(63, 207, 184)")
    for (scheme, background), stroke in zip(BACKGROUNDS.items(), strokes, strict=True):
        page.emulate_media(color_scheme=scheme)
        expect(page.locator("body")).to_have_css("background-color", background)
        expect(line).to_have_css("stroke", stroke)
