"""Panels as narrow and as low as they are on a laptop: nothing is cut, and what is pressed most is in sight."""

from __future__ import annotations

import pytest

WIDTH, HEIGHT = 375, 620
"""Pixels that sections have within the margins of a panel of 430 pixels with a scroll bar, and above the fold."""

SECTIONS = {
    "Med3DInsight": ("analyse", "classes", "captions", "attention", "find", "ask", "report", "models", "log"),
    "MedInsightSegment": ("inputs", "structures", "comparison", "folder", "log"),
}


@pytest.fixture(params=SECTIONS)
def a_shown_panel(request, a_desktop, a_module):
    return request.param, a_desktop.show(a_desktop.modules.module(request.param))


def open_only(desktop, name, panel, section):
    for each in SECTIONS[name]:
        getattr(panel.ui, f"{each}Section").collapsed = each != section
    desktop.process_events()


def test_no_section_is_wider_than_a_narrow_panel(a_desktop, a_shown_panel):
    name, panel = a_shown_panel
    widths = {}
    for section in SECTIONS[name]:
        open_only(a_desktop, name, panel, section)
        widths[section] = getattr(panel.ui, f"{section}Section").minimumSizeHint().width()
    assert {section: width for section, width in widths.items() if width > WIDTH} == {}


def test_the_button_that_starts_is_in_sight_without_scrolling(a_desktop, a_shown_panel):
    name, panel = a_shown_panel
    first = SECTIONS[name][0]
    open_only(a_desktop, name, panel, first)
    button = panel.ui.analyseButton if name == "Med3DInsight" else panel.ui.runButton
    assert panel.ui.modelDetails.text
    below = button.mapTo(panel.shown.gate._rest, button.rect.bottomLeft()).y()
    assert below < HEIGHT
