"""Which files and folders of a folder are cases, and what they are called."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from Med3DInsightLib.batch.case_search import CaseSearch
from Med3DInsightLib.batch.cases import name_cases
from Med3DInsightLib.errors import UserError

from ..volumes.dicom_files import write_series

SLICES = [(0, 0, 0), (0, 0, 2), (0, 0, 4)]


def touch(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def names(folder, pattern="*", output=None):
    return [case.name for case in CaseSearch(folder, output or folder.parent / "results", pattern).cases()]


def test_images_and_folders_with_a_dicom_series_are_cases_and_nothing_else_is(tmp_path):
    scans = tmp_path / "scans"
    touch(scans, "b.nii.gz", "A.NII", "c.nrrd", "d.mha", "e.mhd", "e.raw", "notes.txt", ".hidden.nii", "._b.nii.gz")
    touch(scans, "f.seg.nrrd", "empty/readme.txt", "deep/inner/g.nii", "DICOMDIR")
    write_series(scans / "patient 1", SLICES)
    assert names(scans) == ["A", "b", "c", "d", "e", "patient 1"]


def test_a_pattern_reaches_into_sub_folders(tmp_path):
    scans = tmp_path / "scans"
    touch(scans, "sub-01/anat/T1w.nii.gz", "sub-01/anat/T2w.nii.gz", "sub-02/anat/T1w.nii.gz", ".git/x/T1w.nii.gz")
    write_series(scans / "sub-03" / "series 5", SLICES)
    assert names(scans, "*/anat/*T1w.nii.gz") == ["sub-01/anat/T1w", "sub-02/anat/T1w"]
    assert names(scans, "*/*") == ["sub-03/series 5"]
    assert len(names(scans, "**/*")) == 4


def test_names_are_unique_and_do_not_depend_on_the_order_in_the_folder(tmp_path):
    scans = tmp_path / "scans"
    touch(scans, "a.nrrd", "a.nii.gz", "b.nii", "summary.csv.nii", "c .nii", "größe 10 µm.nii.gz")
    assert names(scans) == ["a.nii.gz", "a.nrrd", "b", "c", "größe 10 µm", "summary.csv.nii"]


_PARTS = st.text(st.sampled_from("aAäé .-_\n"), min_size=1, max_size=4).filter(lambda part: part.strip(". \n"))
_FILES = st.builds(
    lambda parts, ending: Path("in", *parts[:-1], parts[-1] + ending),
    st.lists(_PARTS, min_size=1, max_size=3),
    st.sampled_from([".nii", ".nii.gz", ".nii.gz.nii", ".nrrd", ""]),
)


@given(st.lists(_FILES, max_size=12))
def test_whatever_files_are_called_no_two_results_share_a_folder_on_any_disk(paths):
    cases = name_cases(paths, Path("in"))
    folded = {unicodedata.normalize("NFC", case.name).casefold() for case in cases}
    assert len(folded) == len(cases) == len(set(paths))
    assert not any(name in ("", ".", "..", "summary.csv") for name in folded)
    assert not any("\n" in name or name.startswith("/") or "//" in name for name in folded)
    assert cases == name_cases(reversed(paths), Path("in"))


def test_the_output_folder_and_what_earlier_runs_wrote_are_no_cases(run, scans, tmp_path):
    inside = scans / "results"
    assert run(output=inside).counts().done == 3
    assert names(scans, "**/*", output=inside) == ["one", "three", "two"]
    assert names(scans, "**/*", output=tmp_path / "elsewhere") == ["one", "three", "two"]
    assert run(output=inside, pattern="**/*").counts().skipped == 3
    touch(inside, "made by hand.nii.gz")
    assert names(scans, "**/*", output=inside) == ["one", "three", "two"]
    (scans / "labels.nii.gz").write_bytes((scans / "one.nii.gz").read_bytes())
    assert "labels" in names(scans)  # beside no result.json it is a volume as any other


def test_a_folder_without_volumes_says_what_is_expected(tmp_path):
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(UserError, match=r"holds no volume\. Choose a folder with NIfTI, NRRD or MetaImage files"):
        names(tmp_path)
    with pytest.raises(UserError, match=r"holds no volume that matches '\*\.mha'"):
        names(tmp_path, "*.mha")


@pytest.mark.parametrize("pattern", ["", "/etc/*", "a**b/../***"])
def test_what_is_no_pattern_is_refused(tmp_path, pattern):
    with pytest.raises(UserError, match=r"is not a pattern|holds no volume"):
        names(tmp_path, pattern)


def test_a_pattern_does_not_leave_the_folder(tmp_path):
    touch(tmp_path, "outside.nii", "scans/inside.nii")
    assert names(tmp_path / "scans", "**/*.nii") == ["inside"]
    with pytest.raises(UserError, match="holds no volume"):
        names(tmp_path / "scans", "../*.nii")


def test_the_same_folder_for_input_and_output_is_refused(tmp_path):
    touch(tmp_path, "a.nii")
    with pytest.raises(UserError, match="input and output are the same folder"):
        names(tmp_path, output=tmp_path / "." / "x" / "..")


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UserError, match=r"nowhere: the folder cannot be read \(No such file"):
        names(tmp_path / "nowhere")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_looking_at_a_folder_does_not_wait_for_a_pipe(tmp_path):
    (tmp_path / "scans" / "sub").mkdir(parents=True)
    os.mkfifo(tmp_path / "scans" / "sub" / "pipe")
    touch(tmp_path / "scans", "a.nii")
    assert names(tmp_path / "scans") == ["a"]
