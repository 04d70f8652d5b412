"""Charts: drawn without a network, in the page's colours, harmless whatever the data say."""

from __future__ import annotations

import struct

import lxml.etree
import pytest

from harness.reports.charts.base import FILE, HEAT, LIGHT, Chart, png_file, svg_file
from harness.reports.charts.inline import inline_svg

pytest.importorskip("vl_convert")

WILD = ("</svg><script>alert(1)</script>", "a & b \" ' c", "مرحبا", "https://evil.example/x.png")


def chart(name: str = "wild") -> Chart:
    values = [{"label": text, "value": number, "step": number} for number, text in enumerate(WILD)]
    encoding = {
        "y": {"field": "label", "type": "nominal"},
        "x": {"field": "value", "type": "quantitative"},
        "color": {
            "field": "step",
            "type": "quantitative",
            "scale": {"type": "threshold", "domain": [1], "range": list(HEAT[:2])},
        },
    }
    spec = {"data": {"values": values}, "mark": {"type": "bar", "clip": True}, "encoding": encoding}
    return Chart(name, "t", "s", {FILE: spec})


def test_text_of_the_data_is_text_in_the_picture() -> None:
    for svg in (inline_svg(chart()), svg_file(chart()).decode("utf-8")):
        root = lxml.etree.fromstring(svg)
        names = {lxml.etree.QName(element).localname for element in root.iter()}
        assert not names & {"script", "image", "foreignObject", "a", "use"}
        drawn = "".join(root.itertext())
        assert all(text in drawn for text in WILD)


def test_ids_of_two_charts_on_one_page_do_not_meet() -> None:
    one, other = (set(lxml.etree.fromstring(inline_svg(chart(name))).xpath("//@id")) for name in ("one", "other"))
    assert one
    assert not one & other
    assert f"url(#{min(one)})" in inline_svg(chart("one"))


def test_the_same_chart_is_the_same_bytes() -> None:
    assert inline_svg(chart()) == inline_svg(chart())


def test_cells_of_one_colour_are_one_path_and_none_is_lost() -> None:
    values = [{"x": x, "y": y, "step": (x * y) % 3} for x in range(20) for y in range(4)]
    scale = {"type": "threshold", "domain": [1, 2], "range": list(HEAT[:3])}
    encoding = {
        "x": {"field": "x", "type": "ordinal"},
        "y": {"field": "y", "type": "ordinal"},
        "color": {"field": "step", "type": "quantitative", "scale": scale, "legend": None},
    }
    spec = {"data": {"values": values}, "mark": "rect", "encoding": encoding, "width": 333, "height": 80}
    paths = lxml.etree.fromstring(inline_svg(Chart("heat", "t", "s", {FILE: spec}))).xpath("//path")
    cells = {
        path.get("fill"): path.get("d").count("M") for path in paths if path.get("fill", "").startswith("var(--heat")
    }
    assert cells == {HEAT[step]: sum(row["step"] == step for row in values) for step in range(3)}


def test_the_page_chooses_the_colours_and_a_file_has_its_own() -> None:
    assert 'fill="var(--heat-2)"' in inline_svg(chart())
    assert "var(--" not in svg_file(chart()).decode("utf-8")
    assert f'fill="{LIGHT["heat-2"]}"' in svg_file(chart()).decode("utf-8")


def test_a_png_is_as_large_as_asked() -> None:
    sizes = [struct.unpack(">II", png_file(chart(), scale)[16:24]) for scale in (1.0, 3.0)]
    assert sizes[1][0] == pytest.approx(3 * sizes[0][0], abs=3)
