"""A run segments every case once, and a second run only what is missing."""

from __future__ import annotations

import csv
import json
import time

import nibabel as nib
import numpy as np
import pytest

from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.batch.summary import Counts, Status
from Med3DInsightLib.batch.summary_file import read_summary
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.export.segmentation_folder import FILES
from Med3DInsightLib.volumes import Modality, read_volume, write_volume

from ..volumes.dicom_files import write_series


def table_of(folder):
    with open(folder / "summary.csv", encoding="utf-8", newline="") as stream:
        return {row["case"]: row for row in csv.DictReader(stream)}


def times_of(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file() and path.name in FILES}


def test_every_case_gets_the_files_of_a_single_run_and_a_row(run, scans, results, a_bundle):
    summary = run()
    assert summary.counts() == Counts(done=3, skipped=0, failed=0)
    assert sorted(path.name for path in results.iterdir()) == [".run.lock", "one", "summary.csv", "three", "two"]
    table, session = table_of(results), Session.open(a_bundle)
    for name, file in (("one", "one.nii.gz"), ("three", "three.nrrd"), ("two", "two.mha")):
        assert sorted(path.name for path in (results / name).iterdir()) == sorted(FILES)
        expected = session.segment(read_volume(scans / file))
        assert np.array_equal(read_volume(results / name / "labels.nii.gz").array_kji, expected.labels.array_kji)
        row = table[name]
        assert list(row) == ["case", "grey matter (ml)", "white matter (ml)", "status", "seconds", "error"]
        assert (row["status"], row["error"]) == ("done", "")
        assert float(row["grey matter (ml)"]) == pytest.approx(expected.volumes_ml()["grey matter"], abs=1e-3)
        assert float(row["seconds"]) > 0


def test_the_second_run_computes_nothing_and_tells_the_same(run, results, a_segment):
    run()
    before, table = times_of(results), table_of(results)
    assert run().counts() == Counts(done=0, skipped=3, failed=0)
    assert a_segment.calls == 3
    assert times_of(results) == before
    assert table_of(results) == {name: {**row, "status": "skipped"} for name, row in table.items()}


@pytest.mark.parametrize("file", FILES)
def test_a_result_that_lacks_a_file_is_computed_again(run, results, a_segment, file):
    run()
    (results / "one" / file).unlink()
    if file == "result.json":
        for name in FILES:
            (results / "one" / name).unlink(missing_ok=True)
    assert run().counts() == Counts(done=1, skipped=2, failed=0)
    assert a_segment.calls == 4
    assert (results / "one" / file).is_file()


def test_a_modality_that_is_said_decides_whether_a_result_is_current(run):
    run()
    assert run(modality=Modality.CT).counts().done == 3
    assert run(modality=Modality.CT).counts().skipped == 3


def test_cases_that_fail_are_rows_with_their_error_and_are_tried_again(run, scans, results, a_segment):
    (scans / "damaged.nii.gz").write_bytes((scans / "one.nii.gz").read_bytes()[:500])
    nib.save(nib.Nifti1Image(np.ones((5, 5, 5, 3), np.float32), np.eye(4)), scans / "four dimensions.nii")
    nib.save(nib.Nifti1Image(np.zeros((5, 5, 5), np.uint8), np.eye(4)), scans / "black.nii")
    (scans / "gone.nii").symlink_to(scans / "nowhere.nii")
    assert run().counts() == Counts(done=3, skipped=0, failed=4)
    table = table_of(results)
    assert table["four dimensions"]["error"].startswith(f"{scans / 'four dimensions.nii'}: has 4 dimensions (5x5x5x3)")
    for name, words in (("damaged", "truncated"), ("black", "every voxel has the value 0"), ("gone", "no such file")):
        assert words in table[name]["error"]
        assert (table[name]["status"], table[name]["grey matter (ml)"]) == ("failed", "")
        assert not (results / name).exists()
    (scans / "black.nii").unlink()
    write_volume(read_volume(scans / "one.nii.gz"), scans / "black.nii")
    assert run().counts() == Counts(done=1, skipped=3, failed=3)


def test_a_defect_in_one_case_does_not_stop_the_others(run, results, a_segment):
    def stumble(call):
        if call == 2:
            raise RuntimeError("something strange\nwith details")

    a_segment.before = stumble
    assert run().counts() == Counts(done=2, skipped=0, failed=1)
    assert table_of(results)["three"]["error"] == "unexpected RuntimeError: something strange"


def test_what_would_befall_every_case_stops_the_run_and_keeps_what_is_complete(run, results, a_segment):
    def lose_the_worker(call):
        if call == 2:
            raise UserError("no shared worker is running")

    a_segment.before = lose_the_worker
    with pytest.raises(UserError, match="no shared worker"):
        run()
    assert [row["status"] for row in table_of(results).values()] == ["done", "waiting", "waiting"]
    a_segment.before = lambda call: None
    assert run().counts() == Counts(done=2, skipped=1, failed=0)


def test_the_table_keeps_the_results_of_other_cases(run, scans, results):
    run(pattern="one*")
    assert run(pattern="t*").counts() == Counts(done=2, skipped=0, failed=0)
    assert {name: row["status"] for name, row in table_of(results).items()} == {
        "three": "done",
        "two": "done",
        "one": "skipped",
    }


def test_names_with_spaces_and_any_script_stay_as_they_are(run, scans, results):
    for name in ("Kopf  von vorn.nii.gz", "größe µ.nii.gz", "頭 🧠.nii.gz", '=1+1, "quoted"; it\'s.nii.gz'):
        (scans / name).write_bytes((scans / "one.nii.gz").read_bytes())
        (scans / "one.nii.gz").touch()
    assert run().counts().failed == 0
    rows = {row.case: row.status for row in read_summary(results / "summary.csv").rows}
    for name in ("Kopf  von vorn", "größe µ", "頭 🧠", '=1+1, "quoted"; it\'s'):
        assert (results / name / "labels.seg.nrrd").is_file()
        assert rows[name] == Status.DONE
    assert "'=1+1, \"quoted\"; it's" in table_of(results)  # what a spreadsheet shows as it is, and does not compute


def test_a_dicom_series_in_a_sub_folder_is_a_case(run, scans, results):
    write_series(scans / "patient 1", [(0, 0, 2 * k) for k in range(8)])
    assert run().counts() == Counts(done=4, skipped=0, failed=0)
    assert json.loads((results / "patient 1" / "result.json").read_text())["input"]["modality"] == "MR"
    assert run().counts().skipped == 4
    (scans / "patient 1" / "IM7").unlink()
    assert run().counts() == Counts(done=1, skipped=3, failed=0)


def test_progress_names_every_case_and_tells_how_far_all_is(run, scans):
    reports = []
    run(progress=reports.append, pattern="one*")
    run(progress=reports.append)
    stages = list(dict.fromkeys(report.stage for report in reports))
    assert stages == [
        "checking 1 of 1: one.nii.gz",
        "1 of 1: one.nii.gz",
        "checking 1 of 3: one.nii.gz",
        "checking 2 of 3: three.nrrd",
        "checking 3 of 3: two.mha",
        "2 of 3: three.nrrd",
        "3 of 3: two.mha",
    ]
    fractions = [report.fraction for report in reports if "of 3" in report.stage]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert any(0.0 < fraction < 0.5 for fraction in fractions)
    assert reports[-2].seconds_left is not None


def test_seconds_are_those_of_computing(run, results, a_segment):
    a_segment.before = lambda call: time.sleep(0.01)
    summary = run(pattern="one*")
    seconds = json.loads((results / "one" / "result.json").read_text())["seconds"]
    assert summary.rows[0].seconds == pytest.approx(sum(seconds.values()), abs=0.002)
    assert summary.rows[0].status == Status.DONE
