"""A run segments every case once, and a second run only what is missing."""

from __future__ import annotations

import csv
import json
import os
import time
from dataclasses import replace

import nibabel as nib
import numpy as np
import pytest

from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.batch.summary import Counts, Status
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.export.segmentation_folder import FILES
from Med3DInsightLib.export.staging import OutputError
from Med3DInsightLib.networks.factory import build_network, save_network
from Med3DInsightLib.volumes import Modality, read_volume, write_volume

from .test_cases import write_dicom


def table_of(folder):
    with open(folder / "summary.csv", encoding="utf-8", newline="") as stream:
        return {row["case"]: row for row in csv.DictReader(stream)}


def times_of(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file() and path.name in FILES}


@pytest.fixture
def results(a_request):
    return a_request.output


def test_every_case_gets_the_files_of_a_single_run_and_a_row(run, scans, results, a_bundle):
    summary = run()
    assert summary.counts() == Counts(done=3, skipped=0, failed=0)
    assert sorted(path.name for path in results.iterdir()) == [".batch.lock", "one", "summary.csv", "three", "two"]
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


@pytest.mark.parametrize("change", ["time", "content of the same size"])
def test_a_changed_input_is_computed_again_and_a_touched_one_is_not(run, scans, a_segment, a_volume, change):
    write_volume(a_volume, scans / "uncompressed.nii")
    run()
    before = (scans / "uncompressed.nii").stat()
    if change == "time":
        os.utime(scans / "uncompressed.nii", ns=(0, 0))
    else:
        write_volume(a_volume.map(lambda array: array[::-1].copy()), scans / "uncompressed.nii")
        os.utime(scans / "uncompressed.nii", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (scans / "uncompressed.nii").stat().st_size == before.st_size
    assert run().counts().done == (0 if change == "time" else 1)
    assert a_segment.calls == (4 if change == "time" else 5)


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


@pytest.fixture
def another_bundle(a_card, tmp_path):
    return save_network(build_network(a_card.architecture), a_card, tmp_path / "bundles" / "other")


def test_results_of_another_model_are_replaced_only_if_that_is_asked_for(
    run, scans, results, a_segment, a_request, another_bundle
):
    run()
    (scans / "new.nii.gz").write_bytes((scans / "one.nii.gz").read_bytes())
    before, table = times_of(results), (results / "summary.csv").read_bytes()
    theirs = replace(a_request.segment, model=str(another_bundle.folder))
    with pytest.raises(OutputError, match=r"results/one: holds a result of another model \(tiny 0\.0\.1\), and 2 more"):
        run(bundle=another_bundle, segment=theirs)
    assert (times_of(results), (results / "summary.csv").read_bytes(), a_segment.calls) == (before, table, 3)
    assert run(bundle=another_bundle, segment=theirs, overwrite=True).counts().done == 4
    assert run(bundle=another_bundle, segment=theirs, overwrite=True).counts().skipped == 4
    hashes = {
        json.loads((folder / "result.json").read_text())["model"]["weights_sha256"] for folder in results.glob("*/")
    }
    assert hashes == {Bundle.open(another_bundle.folder).card.weights_sha256}


def test_files_of_somebody_else_are_refused_before_the_work(run, results, a_segment):
    for name, text in (
        ("two/labels.nii.gz", "mine"),
        ("two/result.json", '{"mine": true}'),
        ("summary.csv", "a,b\n1,2\n"),
    ):
        (results / name).parent.mkdir(parents=True, exist_ok=True)
        (results / name).write_text(text)
        with pytest.raises(UserError, match=r"(results/two|result\.json|summary\.csv): .*--overwrite"):
            run()
        assert (results / name).read_text() == text
        (results / name).unlink()
    assert a_segment.calls == 0
    (results / "summary.csv").write_text("a,b\n1,2\n")
    assert run(overwrite=True).counts().done == 3


def test_the_table_keeps_the_results_of_other_cases(run, scans, results):
    run(pattern="one*")
    assert run(pattern="t*").counts() == Counts(done=2, skipped=0, failed=0)
    assert {name: row["status"] for name, row in table_of(results).items()} == {
        "three": "done",
        "two": "done",
        "one": "skipped",
    }


def test_the_table_of_a_model_with_other_structures_is_refused(run, results, a_card, a_request, tmp_path):
    run(pattern="one*")
    segments = (a_card.segments[0], replace(a_card.segments[1], name="bone"))
    bundle = save_network(build_network(a_card.architecture), replace(a_card, segments=segments), tmp_path / "b" / "x")
    request = replace(a_request.segment, model=str(bundle.folder))
    with pytest.raises(OutputError, match=r"summary\.csv: is the table of another model"):
        run(pattern="t*", bundle=bundle, segment=request)


def test_names_with_spaces_and_any_script_stay_as_they_are(run, scans, results):
    for name in ("Kopf  von vorn.nii.gz", "größe µ.nii.gz", "頭 🧠.nii.gz", '=1+1, "quoted"; it\'s.nii.gz'):
        (scans / name).write_bytes((scans / "one.nii.gz").read_bytes())
        (scans / "one.nii.gz").touch()
    assert run().counts().failed == 0
    for name in ("Kopf  von vorn", "größe µ", "頭 🧠", '=1+1, "quoted"; it\'s'):
        assert (results / name / "labels.seg.nrrd").is_file()
        assert table_of(results)[name]["status"] == "done"


def test_a_dicom_series_in_a_sub_folder_is_a_case(run, scans, results):
    write_dicom(scans / "patient 1", slices=8)
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
