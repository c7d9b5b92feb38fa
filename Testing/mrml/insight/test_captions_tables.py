"""Captions are rows of a table that a user may sort, edit and save, and nothing of a caption is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from Testing.unit.captions.parts import a_caption

from Med3DInsightLib.captions import CaptionError, Flag, Window
from Med3DInsightLib.captions.reviewing import Origin, ReviewedCaption, written_by_user
from Med3DInsightLib.volumes import Plane, VolumeError, slice_of

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
vtk = pytest.importorskip("vtk")
from Med3DInsightLib.mrml.insight import captions_table as module  # noqa: E402
from Med3DInsightLib.mrml.insight.caption_edits import (  # noqa: E402
    accept_captions,
    add_caption,
    edit_caption,
    fold_in_cell_edits,
)
from Med3DInsightLib.mrml.insight.caption_positions import nearest_caption  # noqa: E402
from Med3DInsightLib.mrml.insight.captions_table import captions_of_table, captions_table  # noqa: E402
from Med3DInsightLib.mrml.volume_nodes import node_from_volume  # noqa: E402

from ..saved_scenes import save_and_load  # noqa: E402
from ..scenes import hierarchy_of, new_scene, nodes_of  # noqa: E402

HOSTILE = '<b>"x"</b>\n# =1+1\t&amp; 心 {"a": "\\n"} 50 % ; a:b $x$'
REVIEWED = [
    ReviewedCaption.of(
        a_caption(
            index=7,
            position_mm=0.1 + 0.2,
            text=HOSTILE,
            model=HOSTILE,
            prompt=HOSTILE,
            volume_id=HOSTILE,
            score=0.30000000000000004,
            flags=(Flag.WRONG_PLANE, Flag.CUT_OFF),
            window=Window(HOSTILE, -160.1, 240.0),
            tokens_in=5,
            tokens_out=0,
            dropped_characters=3,
        )
    ),
    ReviewedCaption.of(a_caption(index=8), accepted=True),
    ReviewedCaption.of(a_caption(plane=Plane.CORONAL, text='"')).edited("mine: " + HOSTILE),
    ReviewedCaption.of(a_caption(plane=Plane.SAGITTAL, text="")),
]
texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=30)


def column(node, name):
    array = node.GetTable().GetColumnByName(name)
    return [array.GetValue(n) for n in range(array.GetNumberOfValues())]


@settings(max_examples=15)
@given(st.lists(st.tuples(texts, texts, st.floats(-1e5, 1e5), st.booleans()), max_size=4))
def test_any_captions_survive_the_table(a_row):
    scene = new_scene()
    head = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "head")
    reviewed = [
        ReviewedCaption(a_caption(index=n, text=own, model=own, position_mm=mm), text, accepted)
        for n, (own, text, mm, accepted) in enumerate(a_row)
    ]
    assert captions_of_table(captions_table(head, reviewed)) == reviewed


@pytest.mark.parametrize("how", ["mrb", "folder"])
def test_captions_survive_saving_and_loading_the_scene(a_core, a_volume, tmp_path, how):
    head = node_from_volume(a_core.scene, a_volume, "head")
    captions_table(head, REVIEWED)
    scene = save_and_load(a_core, tmp_path, how)
    node = scene.GetFirstNodeByName("head captions")
    assert captions_of_table(node) == REVIEWED
    assert column(node, "accepted") == [0, 1, 0, 0]
    head = scene.GetFirstNodeByName("head")
    hierarchy = hierarchy_of(scene)
    assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node)) == hierarchy.GetItemByDataNode(head)
    assert captions_table(head, REVIEWED[:1]) is node


def test_what_is_seen_are_inert_lines_with_figures_of_their_kind(a_head):
    node = captions_table(a_head, REVIEWED)
    shown = column(node, "text")[0]
    assert shown.startswith("<b>”x”</b> ＃ =1+1 &amp; 心")
    assert column(node, "origin") == ["model text", "model text", "edited by the user", "model text"]
    assert column(node, "position (mm)")[0] == 0.3
    assert column(node, "flags")[0] == "wrong_plane cut_off"
    assert isinstance(node.GetTable().GetColumnByName("accepted"), vtk.vtkBitArray)


def test_rows_may_be_sorted_and_removed(a_head):
    node = captions_table(a_head, REVIEWED)
    table = node.GetTable()
    order = [3, 1, 0, 2]
    rows = [[vtk.vtkVariant(table.GetValue(row, c)) for c in range(table.GetNumberOfColumns())] for row in order]
    for row, cells in enumerate(rows):
        for number, cell in enumerate(cells):
            table.SetValue(row, number, cell)
    node.RemoveRow(1)
    assert captions_of_table(node) == [REVIEWED[n] for n in (3, 0, 2)]


def test_typing_into_the_table_is_an_edit_that_keeps_the_models_text(a_head):
    node = captions_table(a_head, REVIEWED)
    node.SetCellText(0, node.GetColumnIndex("text"), 'a "better" text')
    node.SetCellText(3, node.GetColumnIndex("accepted"), "1")
    found = captions_of_table(node)
    assert (found[0].origin, found[0].text, found[0].own) == (Origin.EDITED, 'a "better" text', REVIEWED[0].own)
    assert [each.accepted for each in found] == [False, True, False, True]
    assert fold_in_cell_edits(node) == 1
    assert fold_in_cell_edits(node) == 0
    assert (column(node, "text")[0], column(node, "origin")[0]) == ("a ”better” text", "edited by the user")
    assert captions_of_table(node) == found


def test_a_cell_that_was_emptied_is_no_edit(a_head):
    node = captions_table(a_head, REVIEWED)
    node.SetCellText(1, node.GetColumnIndex("text"), " ")
    assert captions_of_table(node) == REVIEWED
    assert fold_in_cell_edits(node) == 1
    assert column(node, "text")[1] == REVIEWED[1].text


def test_an_edit_in_the_panel_is_seen_in_the_table(a_head):
    node = captions_table(a_head, REVIEWED)
    edited = edit_caption(node, 1, "line one\nline two")
    accept_captions(node, [0, 1])
    accept_captions(node, [1], accepted=False)
    assert captions_of_table(node)[1] == replace(edited, accepted=False)
    assert (column(node, "text")[1], column(node, "origin")[1]) == ("line one line two", "edited by the user")
    assert column(node, "accepted") == [1, 0, 0, 0]
    assert edit_caption(node, 1, REVIEWED[1].text).origin == Origin.MODEL


def test_a_text_of_the_user_becomes_the_last_row(a_head, a_volume):
    node = captions_table(a_head, REVIEWED)
    mine = written_by_user("head", "1" * 64, slice_of(a_volume.grid, Plane.AXIAL, 2), "Nothing unusual.")
    assert add_caption(node, mine) == 4
    assert captions_of_table(node) == [*REVIEWED, mine]
    with pytest.raises(CaptionError, match="axial slice 2 has a caption of this source already. Edit that one"):
        add_caption(node, mine)


def test_edits_are_steps_of_undo(a_scene, a_head):
    a_scene.SetUndoOn()
    node = captions_table(a_head, REVIEWED)
    edit_caption(node, 1, "other")
    assert a_scene.GetNumberOfUndoLevels() == 2
    a_scene.Undo()
    assert captions_of_table(node) == REVIEWED
    a_scene.Undo()
    assert a_scene.GetFirstNodeByName("head captions") is None


def test_captions_are_replaced_in_the_table_of_their_volume(a_scene, a_head, a_volume):
    other = captions_table(node_from_volume(a_scene, a_volume, "other"), REVIEWED)
    node = captions_table(a_head, REVIEWED)
    before = nodes_of(a_scene)
    assert captions_table(a_head, REVIEWED[1:2]) is node
    assert nodes_of(a_scene) == before
    assert captions_of_table(node) == REVIEWED[1:2]
    assert captions_of_table(other) == REVIEWED
    assert len([name for name in node.GetAttributeNames() if "Caption" in name]) == 1


@pytest.mark.parametrize("again", [False, True])
def test_a_failure_half_way_leaves_the_scene_as_it_was(a_scene, a_head, monkeypatch, again):
    def fail(*_):
        raise RuntimeError("no place")

    node = captions_table(a_head, REVIEWED) if again else None
    before = nodes_of(a_scene)
    monkeypatch.setattr(module, "add_below", fail)
    with pytest.raises(RuntimeError, match="no place"):
        captions_table(a_head, REVIEWED[:1])
    assert nodes_of(a_scene) == before
    assert not again or captions_of_table(node) == REVIEWED


def test_rows_that_are_no_captions_are_told_and_passed_over(a_head):
    node = captions_table(a_head, REVIEWED)
    key = node.GetColumnIndex("key")
    node.AddEmptyRow()
    node.SetCellText(1, key, node.GetCellText(0, key))
    node.SetAttribute(
        f"Med3DInsight.Caption.{node.GetCellText(2, key)}",
        '{"own": "[1',
    )
    told = []
    assert captions_of_table(node, told.append) == [REVIEWED[0], REVIEWED[3]]
    assert [error.cause.partition(":")[0] for error in told] == ["row 2", "row 3", "row 5"]
    with pytest.raises(CaptionError, match="'head captions': row 2: it repeats another row. Remove it."):
        captions_of_table(node)
    with pytest.raises(CaptionError, match="row 3: its record .* is damaged"):
        edit_caption(node, 2, "x")
    with pytest.raises(CaptionError, match="has no row 9"):
        edit_caption(node, 8, "x")


def test_another_table_is_refused(a_scene):
    node = a_scene.AddNewNodeByClass("vtkMRMLTableNode", "volumes")
    with pytest.raises(CaptionError, match="'volumes': is not a table of captions. Choose another table."):
        captions_of_table(node)


def test_a_slice_described_twice_by_one_source_is_refused(a_scene, a_head):
    before = nodes_of(a_scene)
    with pytest.raises(CaptionError, match="the axial slice 7 is described twice by 'file'"):
        captions_table(a_head, [REVIEWED[0], REVIEWED[0]])
    assert nodes_of(a_scene) == before


def test_a_volume_that_has_left_the_scene_is_told(a_scene, a_head):
    a_scene.RemoveNode(a_head)
    with pytest.raises(VolumeError, match="no longer in the scene"):
        captions_table(a_head, REVIEWED)


def test_the_caption_in_the_corner_is_the_nearest_of_its_plane():
    places = [(Plane.AXIAL, -10.0), (Plane.AXIAL, 0.0), (Plane.CORONAL, 4.0)]
    reviewed = [
        ReviewedCaption.of(a_caption(plane=plane, position_mm=mm, index=n)) for n, (plane, mm) in enumerate(places)
    ]
    assert nearest_caption(reviewed, Plane.AXIAL, 4.0) is reviewed[1]
    assert nearest_caption(reviewed, Plane.AXIAL, -5.1) is reviewed[0]
    assert nearest_caption(reviewed, Plane.SAGITTAL, 4.0) is None
    assert nearest_caption(reviewed, Plane.AXIAL, 4.0, within_mm=3.9) is None


def test_of_two_captions_of_a_slice_the_accepted_one_is_shown():
    low, high = (ReviewedCaption.of(a_caption(model=str(score), score=score)) for score in (0.2, 0.9))
    assert nearest_caption([low, high], Plane.AXIAL, -12.5) is high
    accepted = replace(low, accepted=True)
    assert nearest_caption([accepted, high], Plane.AXIAL, -12.5) is accepted
