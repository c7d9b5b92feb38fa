"""What lies in the output folder is replaced only if it is an earlier state of the same, or if that is asked for."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest

from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.networks.factory import build_network, save_network
from Med3DInsightLib.storage import OutputError
from Med3DInsightLib.volumes import write_volume

from .test_batch_runs import table_of, times_of


@pytest.fixture
def another_bundle(a_card, tmp_path):
    return save_network(build_network(a_card.architecture), a_card, tmp_path / "bundles" / "other")


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


def test_another_study_with_the_same_names_is_refused(run, scans, results, a_volume, tmp_path):
    run()
    before, other = times_of(results), tmp_path / "other study"
    other.mkdir()
    for name in ("one.nii.gz", "two.nii.gz"):
        write_volume(a_volume.map(lambda array: array[:, ::-1].copy()), other / name)
    with pytest.raises(OutputError, match=r"another content \(one\.nii\.gz\), and 1 more folders"):
        run(folder=other)
    assert times_of(results) == before


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


def test_the_table_of_a_model_with_other_structures_is_refused(run, results, a_card, a_request, tmp_path):
    run(pattern="one*")
    segments = (a_card.segments[0], replace(a_card.segments[1], name="bone"))
    bundle = save_network(build_network(a_card.architecture), replace(a_card, segments=segments), tmp_path / "b" / "x")
    request = replace(a_request.segment, model=str(bundle.folder))
    with pytest.raises(OutputError, match=r"summary\.csv: is the table of another model"):
        run(pattern="t*", bundle=bundle, segment=request)


def test_rows_of_other_cases_stay_only_if_they_are_of_the_same_weights(run, results, a_request, another_bundle):
    run(pattern="one*")
    theirs = {"pattern": "t*", "bundle": another_bundle}
    theirs["segment"] = replace(a_request.segment, model=str(another_bundle.folder))
    before = (results / "summary.csv").read_bytes()
    with pytest.raises(OutputError, match=r"summary\.csv: lists results of another model.* that of 'one'\. Choose"):
        run(**theirs)
    assert (results / "summary.csv").read_bytes() == before
    assert run(**theirs, overwrite=True).counts().done == 2
    assert set(table_of(results)) == {"two", "three"}
