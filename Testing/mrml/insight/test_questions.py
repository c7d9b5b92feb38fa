"""Questions and answers are kept with the scene; a damaged line is told and stays."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes import Plane

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("vtk")
from Med3DInsightLib.mrml.insight import questions_node as module  # noqa: E402
from Med3DInsightLib.mrml.insight.questions_node import (  # noqa: E402
    AnsweredQuestion,
    ShownSlice,
    append_question,
    questions_of,
)
from Med3DInsightLib.mrml.insight.result_nodes import remove_nodes, result_node, results_of  # noqa: E402
from Med3DInsightLib.mrml.volume_nodes import node_from_volume  # noqa: E402

from ..saved_scenes import save_and_load  # noqa: E402
from ..scenes import hierarchy_of, nodes_of  # noqa: E402

HOSTILE = '<script>"x"</script>\n{"question": 1}\t&amp; 心 \\n;'
SLICES = (ShownSlice(Plane.AXIAL, 80, 0.1 + 0.2), ShownSlice(Plane.CORONAL, 0, -7.0))
ASKED = AnsweredQuestion(HOSTILE, HOSTILE * 200, "openai", "medgemma", SLICES, datetime(2026, 3, 1, 12, 30, 1, 5, UTC))
BRIEF = AnsweredQuestion("What is this?", "", "openai", "", (), datetime(2026, 3, 1, 12, 31, tzinfo=UTC))


@pytest.mark.parametrize("how", ["mrb", "folder"])
@pytest.mark.parametrize("asked", [[BRIEF], [ASKED, BRIEF, ASKED]], ids=["short", "long"])
def test_questions_survive_saving_and_loading_the_scene(a_core, a_volume, tmp_path, how, asked):
    head = node_from_volume(a_core.scene, a_volume, "head")
    for each in asked:
        append_question(head, each)
    scene = save_and_load(a_core, tmp_path, how)
    head = scene.GetFirstNodeByName("head")
    node = result_node(head, "vtkMRMLTextNode", module.ROLE)
    assert questions_of(node) == asked
    hierarchy = hierarchy_of(scene)
    assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node)) == hierarchy.GetItemByDataNode(head)
    assert append_question(head, BRIEF) is node
    assert questions_of(node) == [*asked, BRIEF]


def test_a_damaged_line_is_told_and_not_lost(a_head):
    node = append_question(a_head, ASKED)
    damaged = node.GetText() + "\n" + node.GetText()[:40]
    node.SetText(damaged)
    append_question(a_head, BRIEF)
    told = []
    assert questions_of(node, told.append) == [ASKED, BRIEF]
    assert [str(error).partition(" (")[0] for error in told] == [
        "'head questions': line 3 is not a question with its answer"
    ]
    assert node.GetText().startswith(damaged + "\n")
    with pytest.raises(UserError, match="line 3"):
        questions_of(node)


def test_control_characters_are_refused():
    with pytest.raises(ValueError, match="answer has control characters"):
        AnsweredQuestion("q", "\x1b[2J", "b", "m", (), datetime.now(UTC))


def test_a_question_is_a_step_of_undo(a_scene, a_head):
    a_scene.SetUndoOn()
    node = append_question(a_head, ASKED)
    append_question(a_head, BRIEF)
    assert a_scene.GetNumberOfUndoLevels() == 2
    a_scene.Undo()
    assert questions_of(node) == [ASKED]


@pytest.mark.parametrize("again", [False, True])
def test_a_failure_half_way_leaves_the_scene_as_it_was(a_scene, a_head, monkeypatch, again):
    def fail(*_):
        raise RuntimeError("no place")

    node = append_question(a_head, ASKED) if again else None
    before = nodes_of(a_scene)
    monkeypatch.setattr(module, "add_below", fail)
    with pytest.raises(RuntimeError, match="no place"):
        append_question(a_head, BRIEF)
    assert nodes_of(a_scene) == before
    assert not again or questions_of(node) == [ASKED]


def test_removing_the_history_leaves_nothing_behind(a_scene, a_head):
    before = nodes_of(a_scene)
    append_question(a_head, ASKED)
    remove_nodes(results_of(a_head))
    assert nodes_of(a_scene) == before
