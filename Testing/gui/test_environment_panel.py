"""The section Environment says what is missing, and installs it if the user agrees."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version

import pytest
from Testing.minislicer import packaging
from Testing.minislicer.older_slicer import slicer_5_10
from Testing.unit.environment.conftest import build_wheel

from .environment_steps import click, rest_of, show, table_of, when_pip_installs

MODULES = ("Med3DInsight", "MedInsightSegment")
NEEDED = {"pydantic": ">=2.9", "psutil": ">=6.1"}


@pytest.mark.parametrize("module", MODULES)
def test_where_everything_is_installed_the_section_is_closed_below_the_rest(a_desktop, module):
    widget = show(a_desktop, module)
    panel = widget.shown.gate.panel
    assert panel.ui.environmentSection.collapsed
    assert not panel.ui.packagesTable.visible
    assert rest_of(widget).visible
    assert widget.layout.indexOf(rest_of(widget)) < widget.layout.indexOf(panel.widget)
    assert set(table_of(panel)) >= {"torch", "monai", "pydantic"}
    assert table_of(panel)["torch"] == ("installed", ">=2.8", version("torch"))
    assert not panel.ui.installButton.enabled
    assert panel.ui.installButton.toolTip == "Nothing is missing."
    assert panel.ui.summaryLabel.text == "Everything that is needed is installed."


@pytest.mark.parametrize("module", MODULES)
def test_it_is_readable_at_a_width_of_380_pixels(a_desktop, a_site, module):
    a_site.take_away("platformdirs")
    widget = show(a_desktop, module)
    panel = widget.shown.gate.panel
    assert a_desktop.window.width == 380
    area = panel.widget.parent()
    assert panel.widget.x + panel.widget.width <= area.width
    for button in (panel.ui.installButton, panel.ui.repairButton, panel.ui.checkButton, panel.ui.tryButton):
        assert button.fontMetrics().horizontalAdvance(button.text) + 8 <= button.width
    table = panel.ui.packagesTable
    for row in range(table.rowCount):
        for column in range(4):
            text = table.item(row, column).text()
            assert table.fontMetrics().horizontalAdvance(text) <= table.columnWidth(column)
    assert sum(table.columnWidth(column) for column in range(4)) <= table.viewport().width
    assert sum(table.rowHeight(row) for row in range(table.rowCount)) <= table.viewport().height


@pytest.mark.parametrize("missing", NEEDED)
@pytest.mark.parametrize("module", MODULES)
def test_a_missing_package_is_told_declined_installed_and_the_panel_appears(
    a_desktop, a_site, a_slicer, module, missing
):
    a_site.take_away(missing)
    widget = show(a_desktop, module)
    panel = widget.shown.gate.panel
    assert rest_of(widget) is None
    assert panel.ui.packagesTable.visible
    assert table_of(panel)[missing] == ("missing", NEEDED[missing], "")
    assert panel.ui.summaryLabel.text.splitlines()[0] == f"Missing: {missing}."

    a_desktop.dialogs.answer("Install them now?", False)
    click(panel.ui.installButton)
    assert panel.ui.statusLabel.text == "Nothing was changed."
    assert not packaging.INSTALLED
    assert a_desktop.dialogs.texts("error") == []

    constraints = when_pip_installs(missing, a_site)
    click(panel.ui.installButton)
    (question,) = [dialog for dialog in a_desktop.dialogs.shown[1:] if dialog.kind == "question"]
    assert f"{missing}{NEEDED[missing]}" in question.text
    assert f"torch=={version('torch')}" in question.details
    (installation,) = packaging.INSTALLED
    expected = [f"{missing}{NEEDED[missing]}"]
    if a_slicer == "5.10":
        assert installation.requirements[:3] == (*expected, "--only-binary", ":all:")
    else:
        assert (list(installation.requirements), installation.requester) == (expected, "Med3DInsight")
    assert f"torch=={version('torch')}\nnumpy=={version('numpy')}" in constraints[0]
    assert panel.ui.statusLabel.text == "Everything is installed."
    assert table_of(panel)[missing][0] == "installed"
    assert rest_of(widget).visible
    shown = widget.ui.modelsLabel.text if module == "Med3DInsight" else widget.ui.modelDetails.text
    assert "grey matter" in shown


def test_a_failure_of_pip_is_one_line_and_can_be_tried_again(a_desktop, a_site, a_slicer):
    a_site.take_away("psutil")
    widget = show(a_desktop, "MedInsightSegment")
    panel = widget.shown.gate.panel

    def fail(arguments):
        raise subprocess.CalledProcessError(1, ["pip", *arguments])

    packaging.EFFECTS.append(fail)
    click(panel.ui.installButton)
    assert panel.ui.statusLabel.text.startswith(
        "pip failed with exit code 1. Look for its reason in the Python console"
    )
    assert rest_of(widget) is None
    packaging.EFFECTS.remove(fail)
    click(panel.ui.installButton)
    assert panel.ui.statusLabel.text == "Not everything is installed yet; see above."
    when_pip_installs("psutil", a_site)
    click(panel.ui.installButton)
    assert rest_of(widget).visible


def test_what_was_installed_elsewhere_is_seen_on_checking_again_and_by_the_other_module_on_entering(a_desktop, a_site):
    a_site.take_away("psutil")
    first = show(a_desktop, "Med3DInsight")
    second = show(a_desktop, "MedInsightSegment")
    a_site.give_back("psutil")
    click(second.shown.gate.panel.ui.checkButton)
    assert rest_of(second).visible
    assert rest_of(first) is None
    assert show(a_desktop, "Med3DInsight") is first
    assert rest_of(first).visible


def test_a_broken_package_is_removed_and_installed_again(a_desktop, a_site):
    a_site.take_away("einops")
    (a_site.folder / "einops" / "layers").mkdir(parents=True)
    widget = show(a_desktop, "Med3DInsight")
    panel = widget.shown.gate.panel
    assert table_of(panel)["einops"][0] == "broken"
    assert "einops: only a folder without content is left of it." in panel.ui.summaryLabel.text
    when_pip_installs("einops", a_site)
    click(panel.ui.installButton)
    assert "Removed first, because broken: einops" in a_desktop.dialogs.shown[-1].details
    assert table_of(panel)["einops"] == ("installed", ">=0.8", version("einops"))
    assert rest_of(widget).visible


def test_the_real_pip_of_5_10_installs_a_wheel_under_the_constraints(a_desktop, a_site, tmp_path):
    a_site.take_away("einops")
    wheels, target = tmp_path / "wheels", tmp_path / "target"
    wheels.mkdir()
    target.mkdir()
    build_wheel(wheels, "einops", "0.8.1")
    sys.path.append(str(target))

    def run(arguments):
        where = {"PIP_TARGET": str(target), "PIP_FIND_LINKS": str(wheels), "PIP_NO_INDEX": "1"}
        subprocess.run([sys.executable, "-m", "pip", *arguments], check=True, env={**os.environ, **where})

    try:
        with slicer_5_10():
            widget = show(a_desktop, "Med3DInsight")
            packaging.EFFECTS.append(run)
            click(widget.shown.gate.panel.ui.installButton)
            assert widget.shown.gate.panel.ui.statusLabel.text == "Everything is installed."
            assert table_of(widget.shown.gate.panel)["einops"] == ("installed", ">=0.8", "0.8.1")
            assert (target / "einops" / "__init__.py").read_text() == '__version__ = "0.8.1"\n'
    finally:
        sys.path.remove(str(target))


def test_a_package_that_was_replaced_while_in_use_needs_a_restart(a_desktop, a_site):
    """yaml stands for any package that another extension has imported."""
    import yaml  # noqa: F401

    a_site.take_away("einops")
    widget = show(a_desktop, "Med3DInsight")
    panel = widget.shown.gate.panel

    def replace(arguments):
        a_site.take_away("PyYAML", forget=False)
        for link in a_site.folder.glob("pyyaml-*.dist-info"):
            link.unlink()
        described = a_site.folder / "pyyaml-99.0.dist-info"
        described.mkdir()
        (described / "METADATA").write_text("Name: PyYAML\nVersion: 99.0\n")
        (described / "top_level.txt").write_text("yaml\n_yaml\n")

    when_pip_installs("einops", a_site)
    packaging.EFFECTS.append(replace)
    click(panel.ui.installButton)
    assert "Restart Slicer: pyyaml was replaced while in use." in panel.ui.summaryLabel.text
    click(panel.ui.checkButton)
    assert "Restart Slicer: pyyaml was replaced while in use." in panel.ui.summaryLabel.text
    assert not panel.ui.environmentSection.collapsed
