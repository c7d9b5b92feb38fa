"""What nodes are called and what is wrong with them is said in the language that Slicer was set to."""

from __future__ import annotations

import importlib
import sys
import types

import pytest

pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("vtk")
from Testing.unit.captions.parts import a_caption

from Med3DInsightLib.captions.errors import CaptionError
from Med3DInsightLib.captions.reviewing import ReviewedCaption
from Med3DInsightLib.mrml import translation
from Med3DInsightLib.mrml.insight import captions_table as module
from Med3DInsightLib.mrml.insight.caption_edits import edit_caption
from Med3DInsightLib.mrml.insight.captions_table import captions_table


@pytest.fixture
def reloaded(monkeypatch):
    """Reads the module again, and once more at the end, when slicer.i18n is as it was."""
    yield lambda: importlib.reload(translation)
    monkeypatch.undo()
    importlib.reload(translation)


def test_the_application_translates_and_its_core_alone_leaves_texts_as_they_are(monkeypatch, reloaded):
    of_slicer = types.ModuleType("slicer.i18n")
    of_slicer.tr = str.upper
    monkeypatch.setitem(sys.modules, "slicer.i18n", of_slicer)
    assert reloaded().tr("choose a volume") == "CHOOSE A VOLUME"
    monkeypatch.setitem(sys.modules, "slicer.i18n", None)
    assert reloaded().tr("choose a volume") == "choose a volume"


IN_GERMAN = {
    "{volume} captions": "Beschreibungen von {volume}",
    "row {number}: {cause}": "{cause} (Zeile {number})",
    "it repeats another row": "eine andere Zeile wird wiederholt",
}


def test_a_row_at_fault_is_found_in_any_language(a_head, monkeypatch):
    monkeypatch.setattr(module, "_", lambda text: IN_GERMAN.get(text, text))
    node = captions_table(a_head, [ReviewedCaption.of(a_caption(index=n)) for n in (1, 2)])
    assert node.GetName() == "Beschreibungen von head"
    key = node.GetColumnIndex("key")
    node.SetCellText(1, key, node.GetCellText(0, key))
    with pytest.raises(CaptionError, match=r"eine andere Zeile wird wiederholt \(Zeile 2\)"):
        edit_caption(node, 1, "other")
