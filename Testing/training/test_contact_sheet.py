"""The contact sheet is drawn from a label map or from a captions file, and replaces nothing unasked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from Med3DInsightLib.captions.backends import LabelsBackend
from Med3DInsightLib.captions.files import CaptionsFile
from Med3DInsightLib.captions.quality import CaptionJudge, captions_of
from Med3DInsightLib.captions.slices import CaptionSubject, uniform_slices
from Med3DInsightLib.volumes import Grid, LabelLayer, Modality, Plane, Volume, read_volume, write_volume

SCRIPT = Path(__file__).resolve().parents[2] / "training" / "contact_sheet.py"


@pytest.fixture
def a_case(tmp_path):
    generator = np.random.default_rng(0)
    grid = Grid((20, 24, 28), np.diag([-2.0, -2.0, 3.0, 1.0]))
    labels = np.zeros(grid.shape_kji, np.uint8)
    labels[4:12, 8:16, 4:12] = 5
    write_volume(Volume(generator.normal(0, 50, grid.shape_kji).astype(np.float32), grid), tmp_path / "ct.nii.gz")
    write_volume(Volume(labels, grid), tmp_path / "seg.nii.gz")
    (tmp_path / "names.json").write_text(json.dumps({"5": "liver"}))
    return tmp_path


def contact_sheet(folder, *arguments):
    command = [sys.executable, SCRIPT, "ct.nii.gz", "--output", "sheet.png", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_sheet_is_drawn_of_a_label_map_and_replaced_only_if_asked(a_case):
    arguments = ("--labels", "seg.nii.gz", "--names", "names.json", "--slices", "3", "--modality", "MR")
    done = contact_sheet(a_case, *arguments)
    assert (done.returncode, done.stdout) == (0, "wrote sheet.png: 9 slices\n"), done.stderr
    with Image.open(a_case / "sheet.png") as sheet:
        assert sheet.width > 3 * 320
        assert len(sheet.convert("L").getcolors(256)) > 50
    first = (a_case / "sheet.png").read_bytes()
    done = contact_sheet(a_case)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: sheet.png: already exists")
    assert (a_case / "sheet.png").read_bytes() == first
    assert contact_sheet(a_case, "--overwrite", "--slices", "1").returncode == 0
    assert (a_case / "sheet.png").read_bytes() != first


def test_a_sheet_shows_the_captions_of_a_file(a_case):
    volume = read_volume(a_case / "ct.nii.gz", Modality.MR)
    subject = CaptionSubject("ct", volume, [LabelLayer(read_volume(a_case / "seg.nii.gz"), {5: "liver"})])
    slices = subject.slices(uniform_slices(volume.grid, Plane.AXIAL, 5))
    with CaptionsFile.open(a_case / "captions.jsonl") as captions:
        captions.append(captions_of(LabelsBackend(), slices, CaptionJudge()))
    done = contact_sheet(a_case, "--captions", "captions.jsonl")
    assert (done.returncode, done.stdout) == (0, "wrote sheet.png: 5 slices\n"), done.stderr


def test_what_is_missing_is_one_line(a_case):
    (a_case / "none.jsonl").write_text("")
    for arguments, message in (
        (("--captions", "none.jsonl"), "Error: none.jsonl: has no captions of this volume"),
        (("--labels", "seg.nii.gz"), "Error: seg.nii.gz: the names of its values are missing"),
    ):
        done = contact_sheet(a_case, *arguments)
        assert done.returncode == 1
        assert done.stderr.startswith(message)
        assert done.stderr.count("\n") == 1
    assert not (a_case / "sheet.png").exists()
