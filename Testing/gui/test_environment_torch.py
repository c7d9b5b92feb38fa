"""PyTorch comes from the PyTorch extension, whatever its version, and is repaired by removing all of it."""
# ruff: noqa: N802, N803 - the extension's style

from __future__ import annotations

import subprocess
from importlib.metadata import version

import psutil
import pytest
import slicer
from Testing.minislicer import packaging

from .environment_steps import TorchExtension, click, rest_of, show, table_of, when_pip_installs

HOW_TO_GET_IT = "Open View > Extensions Manager, search for PyTorch, install it, and restart Slicer."


@pytest.fixture
def an_extension(a_site):
    return TorchExtension(a_site)


def logics(extension):
    """installTorch() as it was and is in the extension, from the oldest to the newest."""

    class Oldest:
        def installTorch(self):
            return extension.install()

    class Confirming:
        def installTorch(self, confirm=True):
            return extension.install(confirm=confirm)

    class Old:
        def installTorch(self, askConfirmation=False, forceComputationBackend=None):
            return extension.install(askConfirmation=askConfirmation, forceComputationBackend=forceComputationBackend)

    class New:
        def installTorch(
            self,
            askConfirmation=True,
            forceComputationBackend=None,
            torchVersionRequirement=None,
            torchvisionVersionRequirement=None,
        ):
            return extension.install(
                askConfirmation=askConfirmation,
                forceComputationBackend=forceComputationBackend,
                torchVersionRequirement=torchVersionRequirement,
                torchvisionVersionRequirement=torchvisionVersionRequirement,
            )

    return {logic.__name__: logic for logic in (Oldest, Confirming, Old, New)}


GIVEN = {
    "Oldest": {},
    "Confirming": {"confirm": False},
    "Old": {"askConfirmation": False, "forceComputationBackend": None},
    "New": {
        "askConfirmation": False,
        "forceComputationBackend": None,
        "torchVersionRequirement": ">=2.8",
        "torchvisionVersionRequirement": None,
    },
}


@pytest.mark.parametrize("module", ["Med3DInsight", "MedInsightSegment"])
def test_without_the_extension_the_panel_says_how_to_get_it_and_asks_and_installs_nothing(a_desktop, a_site, module):
    a_site.take_away("torch", forget=False)
    a_site.take_away("platformdirs")
    widget = show(a_desktop, module)
    panel = widget.shown.gate.panel
    assert panel.ui.summaryLabel.text.splitlines()[0] == "Missing: torch, platformdirs."
    assert not panel.ui.repairButton.enabled
    assert panel.ui.repairButton.toolTip == 'PyTorch is missing: press "Install what is missing".'
    click(panel.ui.installButton)
    assert panel.ui.statusLabel.text.endswith(HOW_TO_GET_IT)
    assert (a_desktop.dialogs.shown, packaging.INSTALLED) == ([], [])


@pytest.mark.parametrize("age", GIVEN)
def test_every_version_of_the_extension_is_given_the_keywords_it_knows(a_desktop, a_site, an_extension, age):
    a_site.take_away("torch", forget=False)
    a_site.take_away("platformdirs")
    panel = show(a_desktop, "Med3DInsight").shown.gate.panel
    constraints = when_pip_installs("platformdirs", a_site)
    with an_extension.installed(logics(an_extension)[age]):
        click(panel.ui.installButton)
    assert "torch>=2.8 (through the PyTorch extension" in a_desktop.dialogs.texts("question")[0]
    assert an_extension.calls == [GIVEN[age]]
    assert table_of(panel)["torch"] == ("installed", ">=2.8", version("torch"))
    # torch was there when pip was called, so that nothing could bring another one
    assert constraints[0].startswith(f"torch=={version('torch')}\n")
    assert panel.ui.statusLabel.text == "Everything is installed."


@pytest.mark.parametrize("outcome", ["raises", "returns nothing", "installs nothing"])
def test_a_failure_of_the_extension_is_one_line_and_nothing_else_is_installed(
    a_desktop, a_site, an_extension, monkeypatch, outcome
):
    a_site.take_away("torch", forget=False)
    a_site.take_away("platformdirs")
    panel = show(a_desktop, "Med3DInsight").shown.gate.panel
    if outcome == "raises":
        an_extension.error = subprocess.CalledProcessError(1, ["ltt", "install", "torch"])
    elif outcome == "returns nothing":
        an_extension.result = None
    else:
        monkeypatch.setattr(a_site, "give_back", lambda name: None)
    with an_extension.installed(logics(an_extension)["New"]):
        click(panel.ui.installButton)
    expected = {
        "raises": "the PyTorch extension could not install PyTorch (CalledProcessError:",
        "returns nothing": "the PyTorch extension did not install PyTorch.",
        "installs nothing": "PyTorch is missing although the PyTorch extension installed it.",
    }
    assert panel.ui.statusLabel.text.startswith(expected[outcome])
    assert "\n" not in panel.ui.statusLabel.text
    assert not packaging.INSTALLED
    assert table_of(panel)["platformdirs"][0] == "missing"


def test_a_broken_torch_is_repaired_after_a_question(a_desktop, a_site, an_extension):
    """What an uninstallation leaves that was interrupted because libraries were in use."""
    a_site.take_away("torch", forget=False)
    (a_site.folder / "torch" / "lib").mkdir(parents=True)
    (a_site.folder / "torch" / "lib" / "torch_cpu.dll").touch()
    (a_site.folder / "~orch").mkdir()
    widget = show(a_desktop, "MedInsightSegment")
    panel = widget.shown.gate.panel
    assert table_of(panel)["torch"][0] == "broken"
    assert "torch: only a folder without content is left of it." in panel.ui.summaryLabel.text
    assert panel.ui.installButton.toolTip == 'PyTorch is broken: press "Repair PyTorch" first.'
    with an_extension.installed(logics(an_extension)["New"]):
        a_desktop.dialogs.answer("Repair PyTorch now?", False)
        click(panel.ui.repairButton)
        assert panel.ui.statusLabel.text == "Nothing was changed."
        assert (a_site.folder / "torch" / "lib").is_dir()
        click(panel.ui.repairButton)
    assert panel.ui.statusLabel.text == "Everything is installed."
    assert (a_site.folder / "torch").is_symlink()
    assert not (a_site.folder / "~orch").exists()
    assert packaging.INSTALLED == []  # pip has no record of it and cannot help
    assert "Restart Slicer: torch was replaced while in use." in panel.ui.summaryLabel.text  # these tests use torch
    assert rest_of(widget).visible


def test_a_recorded_torch_is_uninstalled_by_pip_and_stays_if_pip_does_not(a_desktop, a_site, an_extension, a_slicer):
    panel = show(a_desktop, "Med3DInsight").shown.gate.panel
    panel.ui.environmentSection.collapsed = False
    with an_extension.installed(logics(an_extension)["New"]):
        click(panel.ui.repairButton)
        assert packaging.INSTALLED[-1].requirements == ("-torch",)
        assert panel.ui.statusLabel.text.startswith("pip did not remove torch.")
        assert (a_site.folder / "torch").is_symlink()
        assert an_extension.calls == []

        def uninstall(arguments):
            assert arguments == ["uninstall", "torch", "--yes"]
            a_site.take_away("torch", forget=False)

        packaging.EFFECTS.append(uninstall)
        click(panel.ui.repairButton)
    assert an_extension.calls == [GIVEN["New"]]
    assert panel.ui.statusLabel.text == "Everything is installed."


def test_a_run_is_stopped_and_its_worker_ended_before_torch_is_replaced(quick_models, a_desktop, a_site, an_extension):
    from Med3DInsightLib.mrml.volume_nodes import node_from_volume

    from .panel_steps import a_head, choose_quick_model, start_long_run

    widget = show(a_desktop, "MedInsightSegment")
    choose_quick_model(widget)
    node_from_volume(slicer.mrmlScene, a_head(110), "large head")
    start_long_run(a_desktop, widget)
    worker = psutil.Process(widget.logic.engine.client._connection.pid)
    widget.shown.gate.panel.ui.environmentSection.collapsed = False
    running = []

    def uninstall(arguments):
        running.append(worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE)
        a_site.take_away("torch", forget=False)

    packaging.EFFECTS.append(uninstall)
    with an_extension.installed(logics(an_extension)["New"]):
        a_desktop.process_events()
        click(widget.shown.gate.panel.ui.repairButton)
    assert running == [False]
    assert rest_of(widget).visible
    assert widget.ui.runButton.enabled
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == 0
