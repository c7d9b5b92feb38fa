"""Scripted modules run unchanged in the stand-in."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from PySide6 import QtCore, QtTest

REPOSITORY = Path(__file__).resolve().parents[2]
EXAMPLE = Path(__file__).parent / "example_module"


@pytest.fixture
def a_module_file(tmp_path):
    """A copy that a test may change."""
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    return tmp_path / "Threshold.py"


def _add_volume(name="Volume"):
    import numpy as np
    import slicer

    return slicer.util.addVolumeFromArray(np.arange(24, dtype=np.int16).reshape(2, 3, 4), name=name)


def _calls():
    return sys.modules["Threshold"].CALLS


def test_the_module_of_this_extension_shows_its_models(a_desktop, tmp_path):
    module = a_desktop.modules.load(REPOSITORY / "Med3DInsight" / "Med3DInsight.py")
    widget = a_desktop.show(module)
    assert module.title == "Med3D Insight"
    assert "Brain structures" in widget.ui.modelsLabel.text
    assert a_desktop.screenshot(tmp_path / "panel.png").stat().st_size > 1000


def test_metadata_that_slicer_does_not_know_is_rejected(a_desktop, a_module_file):
    a_module_file.write_text(a_module_file.read_text().replace("self.parent.categories", "self.parent.category"))
    with pytest.raises(AttributeError, match="category"):
        a_desktop.modules.load(a_module_file)


def test_a_module_whose_dependency_is_missing_is_not_loaded(a_desktop, a_module_file):
    text = a_module_file.read_text().replace("self.parent.categories =", "self.parent.dependencies =")
    a_module_file.write_text(text)
    with pytest.raises(RuntimeError, match="Threshold depends on Examples"):
        a_desktop.modules.load(a_module_file)


def test_a_click_runs_the_module_on_real_voxels(a_desktop, a_module_file):
    import slicer

    module = a_desktop.modules.load(a_module_file)
    widget = a_desktop.show(module)
    ui = widget.ui
    assert not a_desktop.placeholders
    assert ui.inputSelector.SlicerParameterName == "inputVolume"
    assert ui.pathEdit.filters == ui.pathEdit.Dirs | ui.pathEdit.Writable
    assert not ui.applyButton.enabled
    ui.inputSelector.setCurrentNode(_add_volume())
    assert ui.applyButton.enabled
    QtTest.QTest.mouseClick(ui.applyButton, QtCore.Qt.LeftButton)
    assert ui.resultLabel.text == "13 voxels"
    assert ui.progressBar.value == 100
    ui.thresholdSlider.value = 20
    ui.applyButton.click()
    assert ui.resultLabel.text == "3 voxels"
    node = slicer.util.getModuleLogic("Threshold").getParameterNode()
    assert (node.threshold, node.inputVolume.GetName()) == (20, "Volume")


def test_a_collapsible_section_opens_and_closes_on_a_click(a_desktop, a_module_file):
    ui = a_desktop.show(a_desktop.modules.load(a_module_file)).ui
    assert ui.inputSelector.visible
    assert not ui.tableView.visible
    for button in (ui.inputsButton, ui.advancedButton):
        QtTest.QTest.mouseClick(button, QtCore.Qt.LeftButton, pos=QtCore.QPoint(20, 8))
    assert not ui.inputSelector.visible
    assert ui.tableView.visible


def test_enter_exit_and_cleanup_are_called_once_each(a_desktop, a_module_file):
    import slicer

    module = a_desktop.modules.load(a_module_file)
    calls = _calls()
    a_desktop.show(module)
    slicer.util.selectModule("Threshold")
    slicer.util.selectModule("Volumes")
    module.exit()
    module.enter()
    module.exit()
    a_desktop.reset()
    assert calls == ["sample data", "enter", "exit", "enter", "exit", "cleanup"]


def test_closing_the_scene_tells_the_module_and_empties_its_selector(a_desktop, a_module_file):
    import slicer

    widget = a_desktop.show(a_desktop.modules.load(a_module_file))
    widget.ui.inputSelector.setCurrentNode(_add_volume())
    slicer.mrmlScene.Clear(0)
    assert _calls()[-2:] == ["start close", "end close"]
    assert widget.ui.inputSelector.currentNode() is None
    assert not widget.ui.applyButton.enabled


def test_a_reload_runs_the_changed_source_and_connects_once(a_desktop, a_module_file):
    import slicer

    before = a_desktop.show(a_desktop.modules.load(a_module_file))
    a_module_file.write_text(a_module_file.read_text().replace("} voxels", "} changed"))
    widget = a_desktop.modules.reload("Threshold")
    assert widget is not before
    assert slicer.util.getModuleWidget("Threshold") is widget
    assert _calls() == []  # the panel is shown, but Slicer does not enter it again
    widget.ui.inputSelector.setCurrentNode(_add_volume())
    widget.ui.applyButton.click()
    assert widget.ui.resultLabel.text == "13 changed"
    slicer.mrmlScene.Clear(0)
    assert _calls() == ["start close", "end close"]


def test_an_error_in_the_module_is_shown_and_collected(a_desktop, a_module_file, capsys):
    ui = a_desktop.show(a_desktop.modules.load(a_module_file)).ui
    ui.applyButton.enabled = True
    ui.applyButton.click()
    assert a_desktop.dialogs.texts("error")[0].startswith("Failed.")
    assert len(a_desktop.slot_errors) == 1
    a_desktop.slot_errors.clear()


def test_registered_sample_data_is_loaded_from_a_local_file(a_desktop, a_module_file):
    import SampleData
    import slicer

    slicer.util.saveNode(_add_volume(), str(a_module_file.with_name("small.nrrd")))
    a_desktop.modules.load(a_module_file)
    node = SampleData.SampleDataLogic().downloadSample("Small")
    assert node.GetName() == "Small"
    assert slicer.util.arrayFromVolume(node).shape == (2, 3, 4)


def test_sample_data_has_a_title_and_is_offered_once(a_desktop, a_module_file):
    import SampleData
    import slicer

    slicer.util.saveNode(_add_volume(), str(a_module_file.with_name("small.nrrd")))
    a_desktop.modules.load(a_module_file)
    logic = SampleData.SampleDataLogic
    logic.registerCustomSampleDataCategory("Threshold", title="Threshold of volumes")
    assert slicer.modules.sampleDataSourceCategories["Threshold"] == {"title": "Threshold of volumes"}
    sys.modules["Threshold"].registerSampleData()
    assert len(slicer.modules.sampleDataSources["Threshold"]) == 1
    assert SampleData.downloadSample("Small").GetName() == "Small"
    with pytest.raises(TypeError, match="sampleDescription"):
        logic.registerCustomSampleDataSource("Threshold", sampleName="Other", sampleDescription="Another")


def test_installing_packages_is_asked_for_and_only_recorded(a_desktop):
    import slicer.packaging as packaging

    packaging.pip_ensure("pytest", requester="Tests")
    assert not packaging.INSTALLED
    packaging.pip_ensure(["no-such-package>=1"], constraints="frozen.txt", requester="Tests")
    installation = packaging.INSTALLED[0]
    assert installation == packaging.Installation(("no-such-package>=1",), "frozen.txt", "Tests")
    assert "no-such-package>=1" in a_desktop.dialogs.texts("question")[0]
    a_desktop.dialogs.answer("no-such-package", False)
    with pytest.raises(RuntimeError, match="declined"):
        packaging.pip_ensure("no-such-package")
