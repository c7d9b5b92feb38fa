"""The button "Reload" reads the libraries anew, and nothing of the old ones stays."""

from __future__ import annotations

import gc
import shutil
import sys
import weakref

import pytest
from PySide6 import QtCore

from Med3DInsightLib.gui.reloading import forget_packages

from .conftest import REPOSITORY

MODULES = ("Med3DInsight", "MedInsightSegment")
LIBRARIES = tuple(f"{name}Lib" for name in MODULES)


def _loaded():
    return {name: module for name, module in sys.modules.items() if name.partition(".")[0] in LIBRARIES}


@pytest.fixture
def modules_that_may_be_changed(a_desktop, tmp_path):
    """Copies of both modules, whose libraries are imported from there; other tests keep theirs."""
    before = _loaded()
    forget_packages(*LIBRARIES)
    for name in MODULES:
        folder = tmp_path / name
        shutil.copytree(REPOSITORY / name, folder, ignore=shutil.ignore_patterns("Resources", "__pycache__"))
        (folder / "Resources").symlink_to(REPOSITORY / name / "Resources")
        a_desktop.modules.load(folder / f"{name}.py")
    yield tmp_path
    a_desktop.reset()
    forget_packages(*LIBRARIES)
    sys.modules.update(before)


def _append(path, line):
    path.write_text(f"{path.read_text()}\n\n{line}\n")


def test_only_the_named_packages_are_forgotten():
    before = dict(sys.modules)
    sys.modules.update(dict.fromkeys(["sample", "sample.part", "sample_of_another"]))
    forget_packages("sample")
    assert sys.modules.pop("sample_of_another") is None
    assert sys.modules == before


def test_a_change_of_either_library_is_there_after_a_reload(a_desktop, modules_that_may_be_changed):
    overview = a_desktop.show(a_desktop.modules.module("Med3DInsight"))
    assert "Brain structures" in overview.ui.modelsLabel.text
    panel = a_desktop.show(a_desktop.modules.module("MedInsightSegment"))
    assert panel.ui.modelSelector.currentText == "brain-structures"
    own = modules_that_may_be_changed / "MedInsightSegment" / "MedInsightSegmentLib" / "panel.py"
    shared = modules_that_may_be_changed / "Med3DInsight" / "Med3DInsightLib" / "catalog" / "shipped.py"

    _append(own, 'ModelChoice.details_html = lambda self, name: "changed"')
    assert a_desktop.modules.reload("MedInsightSegment").ui.modelDetails.text == "changed"

    _append(shared, "ShippedModels.names = lambda self: []")
    assert a_desktop.modules.reload("MedInsightSegment").ui.modelSelector.count == 0
    assert "No models" in a_desktop.modules.reload("Med3DInsight").ui.modelsLabel.text


def test_after_a_reload_nothing_holds_the_old_classes(a_desktop, modules_that_may_be_changed):
    panel = a_desktop.show(a_desktop.modules.module("MedInsightSegment"))
    engine = panel.logic.engine
    parts = [
        panel.panel,
        panel.panel.segment.task,
        panel.panel.comparison,
        panel.shown,
        panel.shown.gate,
        engine,
        engine.client,
    ]
    old = [weakref.ref(part) for part in (panel, *parts)] + [weakref.ref(type(part)) for part in parts]
    del panel, engine, parts

    a_desktop.modules.reload("MedInsightSegment")

    a_desktop.process_events()
    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.DeferredDelete)
    gc.collect()
    assert [kept() for kept in old if kept() is not None] == []


def test_after_a_reload_nothing_holds_the_old_sections_of_med3d_insight(a_desktop, modules_that_may_be_changed):
    widget = a_desktop.show(a_desktop.modules.module("Med3DInsight"))
    panel, engine = widget.panel, widget.logic.engine
    sections = [panel.analyse, panel.classes, panel.attention, panel.captions, panel.captionList, panel.find, panel.ask]
    parts = [panel, *sections, panel.views, panel.corners, panel.chosen, engine, engine.client]
    old = [weakref.ref(part) for part in (widget, *parts)] + [weakref.ref(type(part)) for part in parts]
    del widget, panel, engine, sections, parts

    a_desktop.modules.reload("Med3DInsight")

    a_desktop.process_events()
    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.DeferredDelete)
    gc.collect()
    assert [kept() for kept in old if kept() is not None] == []
