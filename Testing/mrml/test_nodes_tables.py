"""Figures become table nodes with typed columns, and CSV."""

from __future__ import annotations

import csv
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from Med3DInsightLib.errors import UserError

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
vtk = pytest.importorskip("vtk")
from Med3DInsightLib.mrml import table_nodes  # noqa: E402
from Med3DInsightLib.mrml.table_nodes import columns_from_table, csv_text, table_from_columns, write_csv  # noqa: E402
from Med3DInsightLib.storage.spreadsheet_cells import text_of_cell  # noqa: E402

from .scenes import new_scene, nodes_of  # noqa: E402

VOLUMES = {"structure": ["CSF", "grey, matter"], "volume (ml)": [312.5, 0.1 + 0.2]}


def test_texts_and_figures_get_columns_of_their_type(a_scene):
    table = table_from_columns(a_scene, VOLUMES, "volumes").GetTable()
    assert isinstance(table.GetColumnByName("structure"), vtk.vtkStringArray)
    assert isinstance(table.GetColumnByName("volume (ml)"), vtk.vtkDoubleArray)
    assert table.GetNumberOfRows() == 2


@given(
    st.lists(st.tuples(st.text(st.characters(codec="utf-8", exclude_characters="\0")), st.floats(allow_nan=False))),
)
def test_any_table_survives_node_and_csv(rows):
    scene = new_scene()
    columns = {"name": [name for name, _ in rows], "length (mm)": [mm for _, mm in rows]}
    node = table_from_columns(scene, columns, "any")
    assert columns_from_table(node) == columns
    header, *lines = csv.reader(io.StringIO(csv_text(node), newline=""))
    assert header == ["name", "length (mm)"]
    assert [(text_of_cell(name), float(mm)) for name, mm in lines] == rows


def test_no_text_in_csv_is_a_formula_and_figures_stay_figures(a_scene):
    node = table_from_columns(a_scene, {"=1+1": ["@SUM(A1)", "-x", "CSF"], "Dice": [-0.5, 1.0, None]}, "classes")
    assert csv_text(node) == "'=1+1,Dice\r\n'@SUM(A1),-0.5\r\n'-x,1.0\r\nCSF,\r\n"


def test_csv_keeps_all_digits_and_quotes_commas(a_scene):
    text = csv_text(table_from_columns(a_scene, VOLUMES, "volumes"))
    assert text.splitlines() == ["structure,volume (ml)", "CSF,312.5", '"grey, matter",0.30000000000000004']


def test_a_missing_cell_is_empty_in_csv(a_scene):
    node = table_from_columns(a_scene, {"name": ["a", None], "Dice": [None, 1]}, "dice")
    assert math.isnan(columns_from_table(node)["Dice"][0])
    assert csv_text(node) == "name,Dice\r\na,\r\n,1.0\r\n"


def test_a_table_is_written_and_replaced(a_scene, tmp_path):
    path = tmp_path / "volumes.csv"
    path.write_text("old")
    write_csv(table_from_columns(a_scene, VOLUMES, "Wärme"), path)
    assert path.read_bytes().startswith(b"structure,volume (ml)\r\nCSF,312.5\r\n")
    assert [entry.name for entry in tmp_path.iterdir()] == ["volumes.csv"]


def test_a_table_that_cannot_be_written_is_an_error_that_names_the_file(a_scene, tmp_path):
    path = tmp_path / "missing" / "volumes.csv"
    with pytest.raises(UserError, match=r"volumes.csv: cannot be written \(No such file or directory\). Choose"):
        write_csv(table_from_columns(a_scene, VOLUMES, "volumes"), path)


def test_only_the_chosen_table_is_replaced(a_scene):
    chosen, other = (table_from_columns(a_scene, VOLUMES, "volumes") for _ in range(2))
    before = nodes_of(a_scene)
    assert table_from_columns(a_scene, {"Dice": [0.9]}, "dice", into=chosen) is chosen
    assert nodes_of(a_scene) == before
    assert (chosen.GetName(), other.GetName()) == ("volumes", "volumes_1")
    assert columns_from_table(chosen) == {"Dice": [0.9]}
    assert columns_from_table(other) == VOLUMES


def test_a_table_is_listed_beside_its_volume(a_scene):
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(a_scene)
    study = hierarchy.CreateStudyItem(hierarchy.GetSceneItemID(), "study")
    volume = a_scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "head")
    hierarchy.CreateItem(study, volume)
    node = table_from_columns(a_scene, VOLUMES, "volumes", beside=volume)
    assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node)) == study


@pytest.mark.parametrize("chosen", [False, True])
def test_a_table_is_one_step_of_undo(a_scene, chosen):
    into = table_from_columns(a_scene, {"Dice": [0.9]}, "dice") if chosen else None
    a_scene.SetUndoOn()
    before = nodes_of(a_scene)
    table_from_columns(a_scene, VOLUMES, "volumes", into=into)
    assert a_scene.GetNumberOfUndoLevels() == 1
    a_scene.Undo()
    assert nodes_of(a_scene) == before
    assert not chosen or columns_from_table(into) == {"Dice": [0.9]}


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        ({"a": ["x", 1.0]}, TypeError, "the column 'a' mixes texts and figures"),
        ({"a": ["x"], "b": []}, ValueError, "differ in length"),
    ],
)
def test_columns_that_make_no_table_leave_the_scene_as_it_was(a_scene, columns, error, message):
    chosen = table_from_columns(a_scene, VOLUMES, "volumes")
    before = nodes_of(a_scene)
    with pytest.raises(error, match=message):
        table_from_columns(a_scene, columns, "wrong", into=chosen)
    assert nodes_of(a_scene) == before
    assert columns_from_table(chosen) == VOLUMES


def test_a_failure_half_way_leaves_the_scene_as_it_was(a_scene, monkeypatch):
    def fail(*_):
        raise RuntimeError("no place")

    before = nodes_of(a_scene)
    monkeypatch.setattr(table_nodes, "place_beside", fail)
    with pytest.raises(RuntimeError, match="no place"):
        table_from_columns(a_scene, VOLUMES, "volumes")
    assert nodes_of(a_scene) == before


def test_a_table_without_rows_keeps_its_column_names(a_scene):
    node = table_from_columns(a_scene, {"structure": [], "volume (ml)": []}, "none")
    assert csv_text(node) == "structure,volume (ml)\r\n"
