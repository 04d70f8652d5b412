"""``harness report --charts``, and what is left of a report where charts cannot be drawn."""

from __future__ import annotations

import struct
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import lxml.etree
import lxml.html
import pytest

from tests.cli.conftest import Shell
from tests.kept import write_run
from tests.reports.build import hostile_run, normal_run, pair_result, run, system

KINDS = ("lead", "tradeoff", "articles", "curve", "profile")

INSTALL = 'pip install "translation-harness[charts]"'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_run(normal_run(), tmp_path / "reports" / "runs")
    return tmp_path


@pytest.fixture
def no_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where vl-convert-python is not installed: it is not found, and importing it fails."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)


def pixels(png: bytes) -> tuple[int, int, set[bytes]]:
    """Width, height, and the different bytes of the picture, from a PNG read by its specification."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, data, size = 8, b"", (0, 0)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        assert zlib.crc32(kind + body) == struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0]
        size = struct.unpack(">II", body[:8]) if kind == b"IHDR" else size
        data += body if kind == b"IDAT" else b""
        at += 12 + length
    return *size, set(map(bytes, zip(zlib.decompress(data), strict=True)))


def test_every_chart_is_written_as_a_real_svg_and_a_real_png(root: Path, harness: Shell) -> None:
    pytest.importorskip("vl_convert")
    folder = root / "papers" / "charts"
    done = harness("report", "--charts", folder, "-C", root)
    assert (done.code, done.err) == (0, "")
    written = {path.name for path in folder.iterdir()}
    assert {f"de-en-{kind}" for kind in ("articles", "curve", "profile")} <= {name.split(".")[0] for name in written}
    assert {name.split(".")[0].removeprefix("de-en-") for name in written} <= set(KINDS)
    assert written == {f"{name.split('.')[0]}.{extension}" for name in written for extension in ("svg", "png")}
    assert sorted(done.out.split("\n")[:-1]) == sorted(str(folder / name) for name in written)
    for path in folder.glob("*.svg"):
        svg = lxml.etree.fromstring(path.read_bytes())
        assert svg.tag == "{http://www.w3.org/2000/svg}svg"
        assert len(svg.xpath("//*[local-name()='path']")) > 3
        assert b"var(--" not in path.read_bytes()
        width, height, colours = pixels(path.with_suffix(".png").read_bytes())
        assert (width, height) == pytest.approx([2 * float(svg.get(side)) for side in ("width", "height")], abs=2)
        assert len(colours) > 8  # a picture, not a blank
    assert "Alpha MT" in "".join(lxml.etree.parse(folder / "de-en-articles.svg").getroot().itertext())
    again = harness("report", "--charts", folder, "-C", root)
    assert (again.code, {path.name for path in folder.iterdir()}) == (0, written)


def test_hostile_names_stay_inside_the_folder(tmp_path: Path, harness: Shell) -> None:
    pytest.importorskip("vl_convert")
    write_run(hostile_run(), tmp_path / "reports" / "runs")
    done = harness("report", "--charts", tmp_path / "out", "-C", tmp_path)
    assert done.code == 0
    assert "\x1b" not in done.out
    names = [path.name for path in (tmp_path / "out").iterdir()]
    assert names
    assert all(name.startswith("en-ar-") for name in names)


def test_a_run_without_anything_to_draw_says_so(tmp_path: Path, harness: Shell) -> None:
    pytest.importorskip("vl_convert")
    (pair,) = normal_run().pairs
    write_run(run(pair_result(pair.corpus, [system(pair.corpus, "only", 0.5, ())], ())), tmp_path / "reports" / "runs")
    done = harness("report", "--charts", tmp_path / "out", "-C", tmp_path)
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("no charts")


def test_a_file_is_no_folder(root: Path, harness: Shell) -> None:
    pytest.importorskip("vl_convert")
    (root / "file").write_text("mine", encoding="utf-8")
    done = harness("report", "--charts", root / "file", "-C", root)
    assert done.code == 2
    assert "is not a folder" in done.err
    assert (root / "file").read_text(encoding="utf-8") == "mine"


@pytest.mark.usefixtures("no_charts")
def test_without_vl_convert_nothing_is_written_and_the_fix_is_said(root: Path, harness: Shell) -> None:
    done = harness("report", "--charts", root / "out", "-C", root)
    assert (done.code, done.out) == (2, "")
    assert done.err == f"error: charts need vl-convert-python, which is not installed\nhint: {INSTALL}\n"
    assert not (root / "out").exists()


@pytest.mark.usefixtures("no_charts")
def test_the_page_without_vl_convert_has_everything_but_charts(root: Path, harness: Shell) -> None:
    done = harness("report", "--format", "html", "-C", root)
    assert done.code == 0
    page = lxml.html.document_fromstring(done.out)
    assert page.xpath("//figure | //svg[not(ancestor::table)]") == []
    (alert,) = page.xpath("//p[@class='alert'][contains(., 'vl-convert-python')]")
    assert alert.text_content() == f"charts need vl-convert-python, which is not installed. Fix: {INSTALL}"
    for region in ("Leaderboard, ", "row against column, ", "by article, ", "Segments better, "):
        assert page.xpath(f"//div[contains(@aria-label, '{region}')]//td"), region
    assert page.xpath("//*[@class='explorer']")


@pytest.mark.usefixtures("no_charts")
def test_several_runs_without_vl_convert(root: Path, harness: Shell) -> None:
    for day in (24, 25):  # two runs have no chart anyway
        write_run(replace(normal_run(), id=f"202611{day}T0437-ab12cd"), root / "reports" / "runs")
    done = harness("report", "--history", "--format", "html", "-C", root)
    assert done.code == 0
    assert "<svg" not in done.out
    assert "vl-convert-python" in done.out
