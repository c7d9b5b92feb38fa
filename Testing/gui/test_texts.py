"""What a user reads can be translated, and what files and cards say is shown as text and never as markup."""

from __future__ import annotations

import ast
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from Med3DInsightLib.catalog.entry import Task
from Med3DInsightLib.volumes import Plane

REPOSITORY = Path(__file__).resolve().parents[2]
MODULES = (REPOSITORY / "Med3DInsight", REPOSITORY / "MedInsightSegment")
RICH = {"modelDetails", "modelsLabel"}
"""Labels with markup of our own, in which what cards say is escaped."""
DRAWN = {"consentPicture"}
NAMED_NODES = {"new_node", "prepared_node", "table_from_columns"}
USER_ERRORS = {"UserError", "CaptionError", "StoreError", "CatalogueError", "BundleError", "VolumeError"}


def calls_of_panels():
    """Every call in the files that a panel and the nodes it shows are made of, with its place."""
    files = [
        *(MODULES[0] / "Med3DInsightLib" / "gui").rglob("*.py"),
        *(MODULES[0] / "Med3DInsightLib" / "mrml").rglob("*.py"),
        *MODULES[1].rglob("*.py"),
        MODULES[0] / "Med3DInsight.py",
    ]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield f"{path.name}:{node.lineno}", node.func.id, [*node.args, *(each.value for each in node.keywords)]


def test_every_text_to_translate_is_written_where_it_is_asked_for():
    texts = [(place, arguments) for place, name, arguments in calls_of_panels() if name == "_"]
    assert len(texts) > 200
    assert not [place for place, arguments in texts if not isinstance(arguments[0], ast.Constant)]


def test_errors_of_panels_and_nodes_can_be_translated():
    raised = [(place, arguments) for place, name, arguments in calls_of_panels() if name in USER_ERRORS]
    assert len(raised) > 40
    fixed = (ast.JoinedStr, ast.Constant)
    assert not [place for place, arguments in raised if any(isinstance(each, fixed) for each in arguments)]


def test_names_of_nodes_can_be_translated():
    """Titles of columns cannot: code and scripts find columns by them."""
    made = [(place, arguments) for place, name, arguments in calls_of_panels() if name in NAMED_NODES]
    assert len(made) > 10
    assert not [place for place, arguments in made if any(isinstance(each, ast.JoinedStr) for each in arguments)]


def test_a_label_whose_text_is_not_fixed_takes_it_as_plain_text():
    labels = {}
    for path in [path for module in MODULES for path in (module / "Resources" / "UI").glob("*.ui")]:
        for label in ElementTree.parse(path).iterfind(".//widget[@class='QLabel']"):
            properties = {each.get("name"): "".join(each.itertext()).strip() for each in label.iterfind("property")}
            if not properties.get("text"):
                labels[label.get("name")] = properties.get("textFormat")
    assert {name for name, kind in labels.items() if kind == "Qt::RichText"} == RICH
    assert {name for name, kind in labels.items() if kind != "Qt::PlainText"} == RICH | DRAWN


@pytest.mark.usefixtures("the_desktop")
def test_a_tool_tip_with_a_name_that_looks_like_markup_is_escaped():
    from Med3DInsightLib.gui.selectors import as_tool_tip

    assert as_tool_tip("scans of größe & more") == "scans of größe & more"
    assert as_tool_tip("<img src=x>") == "<qt>&lt;img src=x&gt;</qt>"


@pytest.mark.usefixtures("the_desktop")
def test_planes_and_tasks_have_words_and_stages_begin_a_line():
    from Med3DInsightLib.gui.words import case_text, plane_word, stage_text, task_word, transfer_text

    assert [plane_word(plane) for plane in Plane] == ["axial", "coronal", "sagittal", "oblique"]
    assert all(task_word(task) for task in Task)
    assert (stage_text("segmenting"), stage_text("something new")) == ("Segmenting", "Something new")
    assert transfer_text("downloading, 0.5 of 8.0 MB") == "Downloading, 0.5 of 8.0 MB"
    assert transfer_text("waiting for another process") == "Waiting for another process"
    assert (case_text("a head"), case_text("checking a head")) == ("a head", "checking a head")
