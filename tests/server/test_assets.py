"""The files that the browser loads: plotly.js cut down, and folders whose names hold a version."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from streamlit.components.v2.component_manager import BidiComponentManager

from dashboard.server import assets, undocumented
from dashboard.server.plotly_bundle import TRACES, full_bundle, trimmed

FULL = full_bundle().read_text(encoding="utf-8")


def kinds(bundle: str) -> set[str]:
    return set(re.findall(r'moduleType:"trace",name:"(\w+)"', bundle))


def test_the_cut_plotly_has_what_we_draw_and_no_map_and_no_globe() -> None:
    cut = trimmed(FULL)
    assert set(TRACES) | {"scatter"} <= kinds(cut)
    assert not {"scattermap", "surface", "choropleth", "parcats"} & kinds(cut)
    assert len(cut) < len(FULL) / 3
    assert cut.startswith(FULL[:120])  # the licence


def test_every_trace_that_a_figure_draws_is_in_the_cut_plotly() -> None:
    root = assets.BROWSER.parent.parent
    sources = [*(root / "minibatch_core").rglob("*.py"), *(root / "dashboard").rglob("*.py")]
    drawn = set()
    for source in sources:
        drawn |= set(re.findall(r'"type": "(scatter|heatmap|histogram|\w+)"', source.read_text()))
    assert drawn - {"rect", "line", "log", "linear", "category"} == {*TRACES, "scatter"}


@pytest.mark.parametrize(
    ("bundle", "says"),
    [
        ("", "returns no last module"),
        (FULL.replace("var Plotly=", "var Other="), "returns no last module"),
        (FULL.replace(".register([", ".enroll(["), "registers no traces"),
        (FULL.replace('moduleType:"trace",name:"heatmap"', "other:1"), "no heatmap"),
    ],
)
def test_another_bundle_than_expected_is_refused_with_a_sentence(bundle: str, says: str) -> None:
    with pytest.raises(ValueError, match=f"not the bundle that was expected: .*{says}"):
        trimmed(bundle)


def test_where_plotly_cannot_be_cut_the_packages_own_is_served(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full_disk(**_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkdtemp", full_disk)
    assert assets.plotly.__wrapped__() == full_bundle()
    assert "No space left on device" in caplog.text


def test_the_name_of_a_folder_changes_with_what_is_in_it(tmp_path: Path) -> None:
    file = tmp_path / "a.js"
    file.write_text("1")
    first = assets._versioned("minibatch", file)
    file.write_text("2")
    assert assets._versioned("minibatch", file) != first


@pytest.mark.skipif(shutil.which("node") is None, reason="the browser tests run it as well")
def test_the_cut_plotly_can_be_read(tmp_path: Path) -> None:
    cut = tmp_path / "plotly.js"
    cut.write_text(trimmed(FULL), encoding="utf-8")
    subprocess.run(["node", "--check", cut], check=True, timeout=60)  # noqa: S607


def test_a_plotly_that_was_swept_away_is_cut_again(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = BidiComponentManager()
    monkeypatch.setattr(undocumented, "get_bidi_component_manager", lambda: manager)
    assets.register()
    first, component = assets.plotly(), assets.plotly_address().split("/")[0]
    assert manager.get_component_path(component) == str(first.parent)
    assets.clear_away()
    assets.register()
    assert not first.exists()
    assert assets.plotly().exists()
    assert manager.get_component_path(component) == str(assets.plotly().parent)
