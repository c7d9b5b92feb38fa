"""Captions of a table go into training and spreadsheets, and come back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from Testing.unit.captions.parts import a_caption

from Med3DInsightLib.captions import CaptionError
from Med3DInsightLib.captions.backends import FileBackend
from Med3DInsightLib.captions.files import CaptionsFile, ColumnMapping, merge_captions, read_captions
from Med3DInsightLib.captions.reviewing import ReviewedCaption
from Med3DInsightLib.storage import OutputError
from Med3DInsightLib.volumes import Plane

slicer = pytest.importorskip("slicer", reason="slicer-core is not installed")
pytest.importorskip("vtk")
from Med3DInsightLib.mrml.insight.caption_files import (  # noqa: E402
    accepted_captions,
    read_reviewed,
    write_accepted,
    write_captions,
)
from Med3DInsightLib.mrml.insight.captions_table import captions_of_table, captions_table  # noqa: E402

REVIEWED = [
    ReviewedCaption.of(a_caption(index=1, score=0.25), accepted=True),
    ReviewedCaption.of(a_caption(index=2, position_mm=1 / 3)).edited("=mine\n<b>"),
    replace(ReviewedCaption.of(a_caption(plane=Plane.CORONAL)).edited("-also mine"), accepted=True),
    ReviewedCaption.of(a_caption(plane=Plane.SAGITTAL)),
]
HASH = REVIEWED[0].own.volume_hash


@pytest.fixture
def a_table(a_head):
    return captions_table(a_head, REVIEWED)


def test_a_csv_file_brings_everything_back(a_table, a_head, tmp_path):
    assert write_captions(a_table, tmp_path / "c.csv") == 4
    read = read_reviewed(tmp_path / "c.csv", HASH)
    assert read == REVIEWED
    assert captions_of_table(captions_table(a_head, read)) == REVIEWED


def test_a_captions_file_brings_everything_back_but_what_was_accepted(a_table, tmp_path):
    assert write_captions(a_table, tmp_path / "c.jsonl") == 4
    assert read_reviewed(tmp_path / "c.jsonl", HASH) == [replace(each, accepted=False) for each in REVIEWED]
    assert all(each.accepted for each in read_reviewed(tmp_path / "c.jsonl", HASH, accepted=True))


def test_training_reads_and_merges_what_was_accepted(a_table, tmp_path):
    assert write_accepted(a_table, tmp_path / "accepted.jsonl") == 2
    accepted = list(read_captions(tmp_path / "accepted.jsonl"))
    assert accepted == accepted_captions(a_table)
    assert [(each.index, each.text, each.score) for each in accepted] == [
        (1, REVIEWED[0].text, 1.0),
        (0, "-also mine", 1.0),
    ]
    write_captions(a_table, tmp_path / "all.jsonl")
    report = merge_captions([tmp_path / "accepted.jsonl", tmp_path / "all.jsonl"], tmp_path / "merged.jsonl")
    assert (report.captions, report.conflicts) == (6, 0)
    with CaptionsFile.open(tmp_path / "merged.jsonl") as grown:
        assert len(grown.keys) == 6


def test_the_csv_is_a_table_of_texts_for_captioning(a_table, tmp_path):
    write_captions(a_table, tmp_path / "c.csv")
    FileBackend(tmp_path / "c.csv", ColumnMapping(volume="volume_hash"))  # reads every row or raises


@pytest.mark.parametrize("name", ["c.csv", "c.jsonl"])
def test_a_file_of_another_volume_is_told(a_table, tmp_path, name):
    write_captions(a_table, tmp_path / name)
    with pytest.raises(CaptionError, match="has 4 captions, but none of this volume"):
        read_reviewed(tmp_path / name, "f" * 64)


def test_files_appear_complete_or_not_at_all(a_table, tmp_path):
    (tmp_path / "c.jsonl").write_text("before")
    a_table.AddEmptyRow()
    with pytest.raises(CaptionError, match="row 5: its key is unknown"):
        write_captions(a_table, tmp_path / "c.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["c.jsonl"]
    assert (tmp_path / "c.jsonl").read_text() == "before"
    with pytest.raises(OutputError, match="cannot be written"):
        write_accepted(captions_table_of(a_table), tmp_path / "c.jsonl" / "d.jsonl")


def captions_table_of(node):
    node.RemoveRow(node.GetNumberOfRows() - 1)
    return node


def test_nothing_accepted_and_unknown_endings_are_told(a_head, tmp_path):
    node = captions_table(a_head, REVIEWED[1:2])
    with pytest.raises(CaptionError, match="no caption is accepted. Accept some captions"):
        write_accepted(node, tmp_path / "c.jsonl")
    with pytest.raises(CaptionError, match="unknown ending '.txt'. Choose .jsonl or .csv"):
        write_captions(node, tmp_path / "c.txt")
    assert list(tmp_path.iterdir()) == []
