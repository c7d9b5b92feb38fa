"""What was measured or computed cannot be typed over in the panels, as it could in any table view of Slicer."""

from __future__ import annotations

import pytest
import slicer

from Med3DInsightLib.mrml.insight.class_nodes import ClassProbabilities, show_classes
from Med3DInsightLib.mrml.table_nodes import table_from_columns
from Med3DInsightLib.mrml.volume_nodes import node_from_volume

from .insight_steps import open_sections
from .panel_steps import a_head
from .table_steps import type_into_cell

MEASURED = {"structure": ["CSF"], "volume (ml)": [312.5]}


@pytest.fixture
def a_table(a_desktop):
    return table_from_columns(slicer.mrmlScene, MEASURED, "measured")


def test_the_table_view_of_slicer_is_typed_into_unless_its_node_is_locked(a_desktop, a_table):
    view = slicer.qMRMLTableView()
    view.setMRMLTableNode(a_table)
    view.show()
    type_into_cell(a_desktop, view, "1")
    assert a_table.GetCellText(0, 1) == "1"
    a_table.SetLocked(True)
    type_into_cell(a_desktop, view, "2")
    assert a_table.GetCellText(0, 1) == "1"
    view.close()


@pytest.mark.parametrize(
    ("table", "parameter", "section"),
    [
        ("structuresTable", "structuresTable", None),
        ("comparisonTable", "agreementTable", "comparisonSection"),
        ("folderTable", "folderTable", "folderSection"),
    ],
)
def test_tables_of_structures_comparisons_and_folders_are_not(a_desktop, a_panel, a_table, table, parameter, section):
    module = a_desktop.modules.module("MedInsightSegment")
    module.exit()
    setattr(a_panel.logic.getParameterNode(), parameter, a_table)
    module.enter()
    if section is not None:
        getattr(a_panel.ui, section).collapsed = False
    view = getattr(a_panel.ui, table)
    assert view.mrmlTableNode() is a_table
    type_into_cell(a_desktop, view, "1")
    assert a_table.GetCellText(0, 1) == "312.5"


def test_the_table_of_classes_is_not(a_desktop, an_insight_module):
    node = node_from_volume(slicer.mrmlScene, a_head(8), "head")
    table = show_classes(node, ClassProbabilities({"a": 0.75, "b": 0.25}, None, None, "tiny", "0" * 64)).table
    panel = a_desktop.show(an_insight_module)
    open_sections(a_desktop, panel, "classes")
    type_into_cell(a_desktop, panel.ui.classesTable, "1")
    assert table.GetCellText(0, 1) == "0.75"
