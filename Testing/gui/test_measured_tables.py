"""What was measured or computed cannot be typed over in the panels, as it could in any table view of Slicer."""

from __future__ import annotations

import pytest
import slicer
from PySide6 import QtCore

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


def drawn(view, column):
    """What is drawn in the cells of a column."""
    indices = [view.model().index(row, column) for row in range(view.model().rowCount())]
    return [view.itemDelegateForColumn(column).displayText(index.data(), QtCore.QLocale()) for index in indices]


def test_figures_of_a_column_have_the_same_decimals_stand_on_the_right_and_are_not_cut(a_desktop, a_panel):
    columns = {
        "structure": ["left cerebral white matter", "a", "none"],
        "volume (ml)": [287.0345, 1.5, 0.0],
        "mean intensity": [97.21, 110.0, None],
        "surface (mm2)": [112345.6, 8.25, 0.0],
    }
    table = table_from_columns(slicer.mrmlScene, columns, "measured")
    module = a_desktop.modules.module("MedInsightSegment")
    module.exit()
    a_panel.logic.getParameterNode().structuresTable = table
    module.enter()
    a_desktop.process_events()
    view = a_panel.ui.structuresTable
    assert drawn(view, 1) == ["287.03", "1.50", "0.00"]
    assert drawn(view, 2) == ["97.21", "110.00", "–"]
    assert drawn(view, 3) == ["112346", "8", "0"]
    for column in (1, 2, 3):
        assert view.model().index(0, column).data(QtCore.Qt.TextAlignmentRole) & QtCore.Qt.AlignRight
        assert view.columnWidth(column) >= view.sizeHintForColumn(column)
    assert view.columnWidth(0) >= view.sizeHintForColumn(0)
    assert table.GetTable().GetColumn(1).GetValue(0) == 287.0345


@pytest.mark.parametrize(
    ("values", "decimals"),
    [([1.0, 2.0], 0), ([0.8714, 0.9], 4), ([float("nan")], 0), ([], 0), ([12.25, 3.5], 2), ([123456.75], 0)],
)
def test_decimals_are_those_that_figures_have_and_five_digits_at_most(a_desktop, values, decimals):
    from Med3DInsightLib.gui.figure_columns import decimals_of

    assert decimals_of(values) == decimals


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
