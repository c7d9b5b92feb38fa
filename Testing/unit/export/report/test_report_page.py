"""A report tells everything, to everybody, and nothing in it has an effect."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from Testing.unit.export.report.parts import (
    PLANES,
    Page,
    a_bare_content,
    a_find,
    a_full_content,
    reviewed_captions,
)

from Med3DInsightLib.analysis.classes.classification_result import ClassificationResult
from Med3DInsightLib.analysis.slices.finding import FindResult
from Med3DInsightLib.bundles.card import Measurement
from Med3DInsightLib.export.report import (
    ModelReference,
    ReportedClasses,
    ReportedFind,
    ReportPictures,
    report_html,
)

HOSTILE = '<script>alert("x")</script><img src=http://a.b/c onerror=d()>&lt;\x1b[31m\u202e{{1}}'
SHOWN = HOSTILE.replace("\x1b", "\ufffd").replace("\u202e", "\ufffd")
NOTICE = "Research software, not a diagnostic device."


def page_of(content):
    return Page(report_html(content, ReportPictures(content.volume, longest_side=40)))


@pytest.fixture
def a_page(a_card):
    return page_of(a_full_content(a_card))


@pytest.fixture
def a_hostile_card(a_card):
    texts = dict.fromkeys(("title", "description", "licence", "citation", "trained_on", "version"), HOSTILE)
    measured = Measurement(HOSTILE, HOSTILE, 0.5, HOSTILE)
    return replace(a_card, **texts, observations=(HOSTILE,), results=(measured,), modalities=(HOSTILE,))


def test_texts_from_elsewhere_are_shown_as_texts(a_hostile_card):
    page = page_of(a_full_content(a_hostile_card, name=HOSTILE, words=HOSTILE))
    own = page_of(a_full_content(a_hostile_card))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in own.tags]
    # 2 in the title and heading, 2 in the volume, 10 of the card, 3 captions, and every other part.
    assert page.shown.count(SHOWN) >= 28
    assert "\x1b" not in page.shown
    assert "\u202e" not in page.shown


def test_nothing_is_run_and_nothing_is_loaded(a_hostile_card):
    page = page_of(a_full_content(a_hostile_card, name=HOSTILE, words=HOSTILE))
    assert not {"script", "iframe", "link", "object", "embed", "a", "form", "base", "audio", "video"} & {
        tag for tag, _ in page.tags
    }
    names = {name for _, attributes in page.tags for name in attributes}
    assert not {name for name in names if name.startswith("on")} | names & {"href", "srcset", "data", "action"}
    assert all(each["src"].startswith("data:image/png;base64,") for each in page.all("img"))
    styles = {attributes["style"] for _, attributes in page.tags if "style" in attributes}
    assert all(re.fullmatch("background: #[0-9a-f]{6}", style) for style in styles)
    (policy,) = [each["content"] for each in page.all("meta") if each.get("http-equiv") == "Content-Security-Policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def test_the_style_sheet_asks_for_nothing():
    content = a_bare_content()
    html = report_html(content, ReportPictures(content.volume)).decode()
    (style,) = re.findall("<style>(.*?)</style>", html, re.DOTALL)
    assert set(re.findall(r"url|@[\w-]+", style)) == {"@media"}
    assert "prefers-color-scheme: dark" in style
    assert "@media print" in style
    assert style.count("{") == style.count("}")


def test_the_notice_stands_there_once(a_page):
    assert a_page.shown.count(NOTICE) == 1


def test_who_cannot_see_is_told_as_well(a_page):
    assert a_page.all("html") == [{"lang": "en"}]
    # 3 of the volume, 3 outlines, 2 captions, 3 and 1 of maps, 3 found, 1 of a question
    assert len(a_page.all("img")) == 16
    assert all(each["alt"].strip() for each in a_page.all("img"))
    assert all(each["aria-label"].strip() for each in a_page.all("svg"))
    assert {each["scope"] for each in a_page.all("th")} == {"col", "row"}
    assert len(a_page.all("h1")) == 1
    assert len(a_page.all("table")) == len(a_page.all("thead"))


def test_without_results_only_the_volume_is_told():
    page = page_of(a_bare_content())
    assert len(page.all("img")) == 3
    assert page.shown.split("\n").count("Provenance") == 1
    assert len(page.all("h2")) == 1
    assert "head.nii.gz" in page.shown
    assert "12x10x8" in page.shown


def test_captions_that_nobody_accepted_or_that_look_wrong_are_marked():
    page = page_of(a_bare_content(captions=reviewed_captions()))
    marks = [attributes for tag, attributes in page.tags if tag == "strong"]
    assert marks == [{"class": "mark"}] * 3
    assert page.shown.count("not accepted") == 2
    assert "wrong plane, cut off" in page.shown
    assert "The model said: Axial CT slice of the liver." in page.shown
    assert "edited by the user" in page.shown


def test_a_slice_with_several_captions_is_shown_once():
    assert len(page_of(a_bare_content(captions=reviewed_captions()[:2])).all("img")) == 3 + 1


def test_bars_are_as_long_as_the_classes_are_probable(a_card):
    result = ClassificationResult({"a": 0.2, "b": 0.7, "c": 0.1}, None, "cpu", {})
    page = page_of(a_bare_content(classes=(ReportedClasses(ModelReference.of(a_card), result),)))
    bars = [float(each["width"]) for each in page.all("rect") if each["class"] == "part"]
    assert [bar / 200 for bar in bars] == pytest.approx([0.7, 0.2, 0.1])
    assert "unlike the training data" not in page.shown


def test_an_unfamiliar_volume_is_told(a_page):
    assert "The volume is unlike the training data; the probabilities mean little." in a_page.shown


def test_a_model_whose_card_is_gone_is_named(a_card):
    content = replace(a_full_content(a_card), cards=())
    assert f"The card of tiny (weights {a_card.weights_sha256[:16]}) is not at hand." in page_of(content).shown


def test_curves_lead_through_every_slice_and_end_at_the_patients_right_anterior_and_superior(a_card):
    content = a_bare_content()
    found = a_find(content.volume.grid)
    page = page_of(replace(content, found=(ReportedFind(ModelReference.of(a_card), found),)))
    curves = [each["points"].split() for each in page.all("polyline")]
    dots = [(each["cx"], each["cy"]) for each in page.all("circle")]
    assert [len(points) for points in curves] == [len(plane.places) for plane in found.planes]
    for points, dot, plane in zip(curves, dots, found.planes, strict=True):
        x, y = zip(*[map(float, point.split(",")) for point in points], strict=True)
        assert list(x) == sorted(x)
        assert points.index(",".join(dot)) == plane.similarities.argmax()
        assert float(dot[1]) == min(y)
    assert [plane.plane for plane in found.planes] == list(PLANES)


def test_curves_of_all_planes_have_one_scale(a_card):
    content = a_bare_content()
    low, high, same = (np.float32([value, 0.2, *[0.2] * 10]) for value in (0.1, 0.4, 0.2))
    planes = zip(a_find(content.volume.grid).planes, (low, high, same), strict=True)
    found = FindResult("x", True, tuple(replace(p, similarities=s[: len(p.places)]) for p, s in planes))
    page = page_of(replace(content, found=(ReportedFind(ModelReference.of(a_card), found),)))
    heights = [{float(point.split(",")[1]) for point in each["points"].split()} for each in page.all("polyline")]
    (common,) = heights[0] & heights[1]  # where 0.2 is
    assert heights[2] == {common}
    assert max(heights[0]) - common == pytest.approx((common - min(heights[1])) / 2, abs=0.2)
