"""Two replicas behind nginx, and the container."""

import re
from pathlib import Path

import httpx2 as httpx
from playwright.sync_api import Browser, expect

from tests.conftest import ROOT, free_port
from tests.support.deployed import (
    Restartable,
    open_charts,
    player_at,
    steps_of_the_run,
    wait_until_it_is_back,
)
from tests.support.proxy import Location, behind_nginx, nginx


def test_when_a_replica_is_killed_everybody_goes_on_at_the_other(
    browser: Browser, tmp_path: Path
) -> None:
    replicas = [Restartable(free_port()), Restartable(free_port())]
    for replica in replicas:
        replica.start()
    with behind_nginx(tmp_path, free_port(), *(each.port for each in replicas)) as url:
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
            expect(page).to_have_url(f"{url}/in_order?bs_in_order=9&step={number}")
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
        behind_nginx(tmp_path, *ports) as url,
    ):
        met = set()
        for _ in range(20):
            with httpx.Client(base_url=url) as visitor:
                answers = {visitor.get("/").text for _ in range(5)}
            assert len(answers) == 1
            met |= answers
    assert met == {str(port) for port in ports[1:]}


TAKEN = (
    "app.py",
    "requirements.txt",
    ".streamlit",
    "minibatch_core",
    "dashboard",
    "pages",
    "lessons",
)


def test_the_container_takes_what_runs_and_nothing_else() -> None:
    taken = (ROOT / ".dockerignore").read_text().splitlines()
    dockerfile = (ROOT / "Dockerfile").read_text()
    for name in TAKEN:
        assert f"!{name}" in taken
        assert re.search(rf"^COPY {re.escape(name)} ", dockerfile, re.MULTILINE)
    assert "USER minibatch" in dockerfile
    assert "HEALTHCHECK" in dockerfile
