"""The stand-in follows PythonQt's rules, so that what passes here has a chance in Slicer."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .conftest import REPOSITORY


@pytest.fixture
def qt(a_desktop):
    import qt

    return qt


def test_a_property_is_read_and_written_as_an_attribute(qt):
    button = qt.QPushButton("Apply")
    button.enabled = False
    button.toolTip = "Select a volume"
    assert (button.text, button.enabled, button.toolTip) == ("Apply", False, "Select a volume")
    button.setText("Cancel")
    assert button.text == "Cancel"


def test_calling_a_property_fails(qt):
    with pytest.raises(TypeError):
        qt.QPushButton("Apply").text()


def test_a_misspelt_property_raises_when_it_is_set(qt):
    with pytest.raises(AttributeError, match="'enabld' does not exist on QPushButton"):
        qt.QPushButton().enabld = True


def test_a_misspelt_property_of_an_imitated_widget_raises_when_it_is_set(qt):
    import slicer

    with pytest.raises(AttributeError, match="nodeType"):
        slicer.qMRMLNodeComboBox().nodeType = ["vtkMRMLScalarVolumeNode"]


def test_a_read_only_property_cannot_be_set(qt):
    with pytest.raises(AttributeError, match="read-only"):
        qt.QComboBox().count = 3


def test_a_method_cannot_be_overwritten(qt):
    with pytest.raises(AttributeError, match="can not be overwritten"):
        qt.QPushButton().click = None


def test_an_unknown_attribute_or_method_raises_when_it_is_read(qt):
    button = qt.QPushButton()
    with pytest.raises(AttributeError):
        button.enabld  # noqa: B018
    with pytest.raises(AttributeError):
        button.setEnabld(True)


def test_a_python_class_derived_from_a_widget_may_have_attributes_of_its_own(qt):
    class Panel(qt.QWidget):
        pass

    panel = Panel()
    panel.logic = "anything"
    panel.windowTitle = "Panel"
    assert (panel.logic, panel.windowTitle) == ("anything", "Panel")


def test_a_dynamic_property_is_an_attribute_once_it_exists(qt):
    edit = qt.QLineEdit()
    edit.setProperty("SlicerParameterName", "inputVolume")
    assert edit.SlicerParameterName == "inputVolume"


@pytest.mark.parametrize("signal", ["clickd()", "clicked(int)", "setText(QString)"])
def test_connecting_an_unknown_signal_raises(qt, signal):
    with pytest.raises(ValueError, match="QPushButton has no signal"):
        qt.QPushButton().connect(signal, print)


def test_a_slot_gets_as_many_arguments_as_it_takes(qt):
    calls = []
    button = qt.QPushButton()
    button.checkable = True
    button.connect("clicked(bool)", lambda: calls.append("none"))
    button.connect("clicked(bool)", lambda checked: calls.append(checked))
    button.connect("clicked(bool)", lambda *values: calls.append(values))
    button.connect("clicked()", lambda checked="default": calls.append(checked))
    button.click()
    assert calls == ["none", True, (True,), "default"]


def test_a_slot_can_be_disconnected(qt):
    calls = []

    def slot():
        calls.append(1)

    button = qt.QPushButton()
    button.connect("clicked()", slot)
    assert button.disconnect("clicked()", slot)
    assert not button.disconnect("clicked()", slot)
    button.click()
    assert calls == []


def test_a_method_of_a_qt_object_can_be_a_slot(qt):
    edit, label, button = qt.QLineEdit(), qt.QLabel(), qt.QPushButton()
    edit.connect("textChanged(QString)", label.setText)
    button.connect("clicked(bool)", edit.clear)
    edit.text = "liver"
    assert label.text == "liver"
    button.click()
    assert edit.text == ""


def test_enumerators_are_integers(qt):
    assert qt.Qt.AlignLeft == 1
    assert qt.QMessageBox.Ok | qt.QMessageBox.Cancel == 0x400400


def test_an_exception_in_a_slot_is_collected(a_desktop, qt, capsys):
    button = qt.QPushButton()
    button.connect("clicked()", lambda: 1 / 0)
    button.click()
    assert [type(error.error) for error in a_desktop.slot_errors] == [ZeroDivisionError]
    a_desktop.slot_errors.clear()


def test_an_exception_in_an_observer_of_the_scene_is_collected(a_desktop, capsys):
    import slicer

    tag = slicer.mrmlScene.AddObserver(slicer.mrmlScene.NodeAddedEvent, lambda caller, event: 1 / 0)
    slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode")
    slicer.mrmlScene.RemoveObserver(tag)
    assert {type(error.error) for error in a_desktop.slot_errors} == {ZeroDivisionError}
    a_desktop.slot_errors.clear()


def test_an_exception_in_a_slot_of_a_timer_is_collected(a_desktop, qt, capsys):
    timer = qt.QTimer()
    timer.singleShot = True
    timer.timeout.connect(lambda: 1 / 0)
    timer.start(0)
    qt.QTimer.singleShot(0, lambda: [][0])
    a_desktop.wait_until(lambda: len(a_desktop.slot_errors) == 2)
    assert {type(error.error) for error in a_desktop.slot_errors} == {ZeroDivisionError, IndexError}
    a_desktop.slot_errors.clear()


def test_a_dialog_is_recorded_and_answered(a_desktop, qt):
    import slicer

    a_desktop.dialogs.answer("Delete", False)
    assert not slicer.util.confirmOkCancelDisplay("Delete everything?")
    assert slicer.util.confirmYesNoDisplay("Go on?")
    slicer.util.errorDisplay("No volume", detailedText="a traceback")
    with pytest.raises(ValueError, match="broken"), slicer.util.tryWithErrorDisplay("It failed."):
        raise ValueError("broken")
    assert a_desktop.dialogs.texts("question") == ["Delete everything?", "Go on?"]
    assert a_desktop.dialogs.texts("error") == ["No volume", "It failed.\n\nbroken"]


MANY_CALLS = """
from Testing.minislicer import start
start()
import qt
label = qt.QLabel()
for n in range(50_000):
    {call}
"""


@pytest.mark.parametrize("call", ["label.setText(str(n))", "label.objectNameChanged.emit(str(n))"])
def test_a_process_that_calls_qt_very_often_ends_well(call):
    code = MANY_CALLS.format(call=call)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY)
    assert (done.returncode, done.stderr.count("Fatal Python error")) == (0, 0)
