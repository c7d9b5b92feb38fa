"""Whatever is wrong with a case or a bundle is named, and no report claims more than was measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from Testing.training.evaluation.parts import GRID, evaluate, report, write_case

from Med3DInsightLib.volumes import Grid, Volume, read_volume, write_volume


def test_a_label_value_that_the_model_lacks_stops_with_the_file_or_is_skipped(study, capsys):
    write_case(study / "task", "b", label=Volume(np.full(GRID.shape_kji, 7, np.uint8), GRID))
    with pytest.raises(SystemExit, match=r"labelsTr/b.nii.gz: holds the value 7"):
        evaluate("bundles/tiny", "task", "--output", "out")
    assert not Path("out/report.json").exists()
    evaluate("bundles/tiny", "task", "--output", "out", "--on-bad-input", "skip")
    found = report()
    assert [case["name"] for case in found["cases"]] == ["a", "c"]
    assert [each["name"] for each in found["skipped"]] == ["b"]
    assert "holds the value 7" in Path("out/report.html").read_text()
    assert "skipped: task/labelsTr/b.nii.gz" in capsys.readouterr().out


def test_missing_damaged_and_empty_files_are_named(study):
    names = ("bundles/tiny", "task", "--output", "out")
    (study / "task" / "labelsTr" / "c.nii.gz").unlink()
    with pytest.raises(SystemExit, match="labelsTr/c: there is no such file. Every image needs a label"):
        evaluate(*names)
    write_case(study / "task", "c")
    (study / "task" / "imagesTr" / "b.nii.gz").write_bytes(b"no image")
    with pytest.raises(SystemExit, match=r"imagesTr/b.nii.gz: "):
        evaluate(*names)
    constant = read_volume(study / "task" / "imagesTr" / "c.nii.gz").map(np.zeros_like)
    write_volume(constant, study / "task" / "imagesTr" / "b.nii.gz")
    with pytest.raises(SystemExit, match=r"imagesTr/b.nii.gz: every voxel has the value 0"):
        evaluate(*names)


def test_a_label_on_another_grid_is_measured_with_a_notice(study):
    fine = Grid((10, 24, 28), GRID.ijk_to_ras @ np.diag([0.5, 0.5, 1.0, 1.0]))
    write_case(study / "task", "b", number=1, label=Volume(np.ones(fine.shape_kji, np.uint8), fine))
    evaluate("bundles/tiny", "task", "--output", "out")
    (notice,) = report()["cases"][1]["results"][0]["notices"]
    assert "on another grid" in notice
    assert "on another grid" in Path("out/report.html").read_text()


def test_a_structure_that_no_map_holds_is_warned_of_and_can_be_left_out(study, capsys):
    for name in "abc":
        ones = np.zeros(GRID.shape_kji, np.uint8)
        ones[2:6, 3:9, 3:9] = 1
        write_case(study / "task", name, number=ord(name), label=Volume(ones, GRID))
    evaluate("bundles/tiny", "task", "--output", "out")
    assert "warning: white matter is in none of the label maps" in capsys.readouterr().out
    assert "white matter is in none" in Path("out/report.html").read_text()
    evaluate("bundles/tiny", "task", "--output", "only", "--only", "grey matter")
    assert report("only")["warnings"] == []
    assert {row["structure"] for row in report("only")["models"][0]["summary"]} == {"grey matter"}
    with pytest.raises(SystemExit, match="no structure 'liver'. Choose among: grey matter, white matter"):
        evaluate("bundles/tiny", "task", "--output", "new", "--only", "liver")
    assert not Path("new").exists()


def test_two_cases_with_one_image_are_told(study):
    for kind in ("imagesTr", "labelsTr"):
        (study / "task" / kind / "d.nii.gz").write_bytes((study / "task" / kind / "a.nii.gz").read_bytes())
    evaluate("bundles/tiny", "task", "--output", "out")
    assert report()["cases"][3]["remarks"] == ["the same image as case a"]


def test_damaged_weights_are_refused_even_if_every_case_is_finished(study):
    evaluate("bundles/tiny", "task", "--output", "out")
    path = study / "bundles" / "tiny" / "model.safetensors"
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(SystemExit, match="the hash of the weights"):
        evaluate("bundles/tiny", "task", "--output", "out", "--overwrite")
