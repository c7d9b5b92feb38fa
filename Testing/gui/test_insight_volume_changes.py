"""Another volume is chosen while the first is being analysed: results stay with the volume they are about."""

from __future__ import annotations

import pytest
import slicer
from Testing.unit.insight_bundles import a_classifier_bundle, an_encoder_bundle

from Med3DInsightLib.mrml.insight.class_nodes import ROLE as CLASSES
from Med3DInsightLib.mrml.insight.curve_nodes import ROLE as CURVES
from Med3DInsightLib.mrml.insight.result_nodes import result_node, results_of
from Med3DInsightLib.mrml.volume_nodes import node_from_volume

from .insight_steps import choose_bundle, open_sections, slice_index, type_text
from .panel_steps import a_head, click, wait_until

ANOTHER = "The result belongs to 'first', which is not chosen now; choose it to see the result."


@pytest.fixture
def two_heads(a_desktop):
    return node_from_volume(slicer.mrmlScene, a_head(), "first"), node_from_volume(slicer.mrmlScene, a_head(), "second")


def choose_volume(panel, node):
    panel.ui.inputVolumeSelector.setCurrentNode(node)


def test_a_run_ends_in_words_instead_of_going_on_with_a_volume_that_was_chosen_meanwhile(
    a_desktop, two_heads, an_insight_panel, a_card, tmp_path
):
    first, second = two_heads
    panel, ui = an_insight_panel, an_insight_panel.ui
    choose_volume(panel, first)
    choose_bundle(a_desktop, panel, a_classifier_bundle(a_card, tmp_path / "classifier"))
    ui.captionsCheckBox.checked = True
    click(ui.analyseButton)

    choose_volume(panel, second)
    wait_until(a_desktop, lambda: not panel.panel.analyse.run.running)

    assert ui.statusLabel.text == (
        "another volume was chosen, so the rest of the analysis was left out. Choose the volume again and repeat it."
    )
    assert result_node(first, "vtkMRMLTableNode", CLASSES) is not None
    assert results_of(second) == []
    assert ui.classesTable.mrmlTableNode() is None
    assert ui.classesStatus.text == ANOTHER
    choose_volume(panel, first)
    assert ui.classesTable.mrmlTableNode() is result_node(first, "vtkMRMLTableNode", CLASSES)
    assert ui.classesStatus.text == ""


def test_what_was_found_in_one_volume_moves_no_view_of_another(
    a_desktop_with_views, two_heads, an_insight_module, a_card, tmp_path
):
    desktop, (first, second) = a_desktop_with_views, two_heads
    slicer.util.setSliceViewerLayers(background=second)
    panel = desktop.show(an_insight_module)
    desktop.add_views().resetSliceViews()
    choose_volume(panel, first)
    choose_bundle(desktop, panel, an_encoder_bundle(a_card, tmp_path / "encoder"))
    open_sections(desktop, panel, "find")
    type_text(panel.ui.phraseSelector.lineEdit(), "liver")
    before = [slice_index(view, second) for view in ("Red", "Green", "Yellow")]
    click(panel.ui.findButton)

    choose_volume(panel, second)
    wait_until(desktop, lambda: not panel.panel.find.task.hand.busy)

    assert result_node(first, "vtkMRMLTableNode", CURVES) is not None
    assert [slice_index(view, second) for view in ("Red", "Green", "Yellow")] == before
    assert panel.ui.findStatus.text == ANOTHER
    assert not panel.ui.jumpAxialButton.enabled
