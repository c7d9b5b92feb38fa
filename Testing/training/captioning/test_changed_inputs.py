"""What changed between two runs is noticed, and what does not fit is said."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from Med3DInsightLib.captions.files import read_captions
from Med3DInsightLib.volumes import Grid, Volume, write_volume

from .parts import LABELS, caption

FILE = Path("captions.jsonl")
TABLE = ("--backend", "file", "--texts", "texts.csv")


def write_table(*rows):
    Path("texts.csv").write_text("\n".join(["volume,plane,index,text", *rows]) + "\n")


def test_other_names_of_labels_choose_other_slices_and_captions_that_stay_are_told(study, capsys):
    labels = np.zeros((12, 10, 8), np.uint8)
    labels[:4], labels[8:] = 5, 1
    write_volume(Volume(labels, Grid(labels.shape, np.diag([-4.0, -4.0, 5.0, 1.0]))), Path("maps/a.nii.gz"))
    options = ("scans/a.nii.gz", *LABELS, "--choice", "structures", "--axial", "2", "--coronal", "0", "--sagittal", "0")
    Path("names.json").write_text(json.dumps({5: "liver"}))
    caption(*options)
    assert {each.index // 4 for each in read_captions(FILE)} == {0}
    assert "kept:" not in capsys.readouterr().out
    Path("names.json").write_text(json.dumps({5: "liver", 1: "spleen"}))
    caption(*options)
    assert {each.index // 4 for each in read_captions(FILE)} == {0, 2}
    assert "2 captions written" in (told := capsys.readouterr().out)
    assert "kept: 2 slices have a caption of an earlier run" in told
    caption(*options)
    assert "kept: 4 slices" in capsys.readouterr().out


def test_rows_of_a_table_that_fit_no_slice_are_told_also_when_a_job_goes_on(study, capsys):
    write_table("a.nii.gz,axial,3,The liver.", "a,axial,99,Beyond the end.", "d,axial,3,Nobody.")
    for _ in range(2):
        caption(*TABLE)
        assert "texts.csv: 2 rows are about no slice that was asked for, the first in line 3" in capsys.readouterr().out
    assert [each.text for each in read_captions(FILE)] == ["The liver."]


def test_a_table_that_fits_nothing_fails_unless_another_shard_may_need_it(study):
    write_table("z,axial,3,The liver.")
    with pytest.raises(SystemExit, match=r"texts.csv: 1 rows are about no slice .* in line 2. Compare names"):
        caption(*TABLE)
    caption(*TABLE, "--shard", "2/3")
    write_table()
    with pytest.raises(SystemExit, match="texts.csv: has no rows"):
        caption(*TABLE)


def test_a_rehearsal_makes_the_folder_of_its_sheet_and_leaves_no_part_of_one(study):
    caption(*LABELS, "--dry-run", "--output", "new/folder/captions.jsonl")
    assert [path.name for path in Path("new/folder").iterdir()] == ["captions.sheet.png"]
    Path("other/captions.sheet.png").mkdir(parents=True)
    with pytest.raises(SystemExit, match="cannot be written"):
        caption(*LABELS, "--dry-run", "--overwrite", "--output", "other/captions.jsonl")
    assert [path.name for path in Path("other").iterdir()] == ["captions.sheet.png"]
