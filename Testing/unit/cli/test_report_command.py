"""Everything about a volume on one page, from the command line."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from Testing.unit.analysis.slices.parts import dim_volume
from Testing.unit.captions.parts import a_caption

from Med3DInsightLib.analysis.computing.progress import Progress
from Med3DInsightLib.analysis.requests import (
    AttentionRequest,
    ExplainClassRequest,
    FindRequest,
    SegmentRequest,
)
from Med3DInsightLib.captions import volume_hash
from Med3DInsightLib.captions.files.caption_lines import line_of
from Med3DInsightLib.captions.reviewing import ReviewedCaption, csv_of_reviewed
from Med3DInsightLib.cli.insight_source import LocalInsight
from Med3DInsightLib.cli.main import main
from Med3DInsightLib.cli.report_parts import shares_of
from Med3DInsightLib.volumes import Grid, Plane, read_volume, write_volume

_COMMAND = [sys.executable, "-c", "import sys; from Med3DInsightLib.cli.main import main; sys.exit(main())"]


@pytest.fixture
def a_server(tmp_path, monkeypatch):
    """A process that runs "med3dinsight serve" with a runtime folder of its own."""
    (tmp_path / "runtime").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))
    server = subprocess.Popen([*_COMMAND, "serve"], stdout=subprocess.PIPE, text=True)
    assert server.stdout.readline() == "ready\n"
    yield server
    server.terminate()
    server.communicate(timeout=60)


@pytest.fixture
def reviewed(a_file):
    of_volume = volume_hash(read_volume(a_file))
    caption = a_caption(index=3, volume_hash=of_volume)
    other = replace(caption, index=5, text="Another slice.")
    return [ReviewedCaption.of(caption, accepted=True), ReviewedCaption.of(other).edited("<b>Mine</b>")]


def run(*arguments):
    return main([str(argument) for argument in arguments])


def facts_in(folder):
    return json.loads((folder / "report.json").read_text())


def test_without_a_model_volume_and_captions_are_told(a_file, reviewed, tmp_path, capfd):
    (tmp_path / "c.csv").write_bytes(csv_of_reviewed(reviewed).encode())
    assert run("report", a_file, "-o", tmp_path / "out", "--captions", tmp_path / "c.csv") == 0
    facts = facts_in(tmp_path / "out")
    assert facts["volume"]["file"] == "scan.nii.gz"
    assert [(each["index"], each["text"], each["accepted"]) for each in facts["captions"]] == [
        (3, "Axial CT slice of the liver.", True),
        (5, "<b>Mine</b>", False),
    ]
    assert not [part for part in ("models", "classes", "maps", "found", "segmentations", "questions") if facts[part]]
    page = (tmp_path / "out" / "report.html").read_text()
    assert "&lt;b&gt;Mine&lt;/b&gt;" in page
    assert "report.html" in capfd.readouterr().out


def test_a_captions_file_is_told_as_well_but_nobody_has_accepted_it(a_file, reviewed, tmp_path):
    (tmp_path / "c.jsonl").write_bytes(b"".join(line_of(each.own) for each in reviewed))
    assert run("report", a_file, "-o", tmp_path / "out", "--captions", tmp_path / "c.jsonl") == 0
    assert [each["accepted"] for each in facts_in(tmp_path / "out")["captions"]] == [False, False]


def test_every_part_is_what_the_service_says(a_file, a_bundle, a_classifier, an_encoder, a_service, tmp_path):
    models = ["--segment-model", a_bundle.folder, "--classifier", a_classifier, "--encoder", an_encoder]
    options = ["--class-name", "b", "--phrases", "liver", "the left kidney", "--device", "cpu"]
    assert run("report", a_file, "-o", tmp_path / "out", *models, *options) == 0
    facts, volume = facts_in(tmp_path / "out"), read_volume(a_file)

    explained = a_service.explain_class(ExplainClassRequest(a_classifier, "b"), volume)
    assert facts["classes"][0]["probabilities"] == explained.result.probabilities
    segmented = a_service.segment(SegmentRequest(str(a_bundle.folder)), volume).volumes_ml()
    told = {each["name"]: each["volume_ml"] for each in facts["segmentations"][0]["structures"]}
    assert told == pytest.approx(segmented)
    best = []
    for each, phrase in zip(facts["found"], ("liver", "the left kidney"), strict=True):
        found = a_service.find(FindRequest(an_encoder, phrase), volume)
        best.append(found.best)
        for plane in found.planes:
            similarities = [row["similarity"] for row in each["slices"][str(plane.plane)]]
            assert similarities == pytest.approx(plane.similarities.tolist(), abs=1e-6)

    grad_cam, *attention = facts["maps"]
    assert (grad_cam["subject"], grad_cam["highest"]) == ("b", float(explained.saliency.values_kji.max()))
    asked = {(each["asked_about"]["plane"], each["asked_about"]["index"]): each["highest"] for each in attention}
    assert set(asked) == {(place.plane, place.index) for place in best}
    for place in best:
        stack = a_service.attention(AttentionRequest(an_encoder, place.plane, (place.index,)), volume)
        assert asked[place.plane, place.index] == pytest.approx(float(stack.maps_kji.max()), rel=1e-5)
    assert [card["name"] for card in facts["models"]] == ["tiny", "tiny-encoder", "tiny-encoder"]
    assert re.findall("<h2>(.*?)</h2>", (tmp_path / "out" / "report.html").read_text())[-1] == "Provenance"


def test_chosen_slices_have_their_attention_shown(a_file, an_encoder, tmp_path):
    chosen = ["--slices", "axial:2", "coronal:7", "axial:2"]
    assert run("report", a_file, "-o", tmp_path / "out", "--encoder", an_encoder, *chosen) == 0
    asked = [each["asked_about"] for each in facts_in(tmp_path / "out")["maps"]]
    assert [(each["plane"], each["index"]) for each in asked] == [("axial", 2), ("coronal", 7)]


def test_one_pass_of_the_encoder_serves_phrases_and_attention(a_file, an_encoder):
    source, volume, never = LocalInsight(), read_volume(a_file), threading.Event()
    source.find(FindRequest(an_encoder, "liver"), volume, lambda told: None, never)
    attended = source.attention(AttentionRequest(an_encoder, Plane.CORONAL), volume, lambda told: None, never)
    assert attended.encoded_windows == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no local sockets")
def test_the_shared_worker_gives_the_same_report(a_server, a_file, a_bundle, a_classifier, an_encoder, tmp_path):
    models = ["--segment-model", a_bundle.folder, "--classifier", a_classifier, "--encoder", an_encoder]
    options = [*models, "--phrases", "liver", "--device", "cpu"]
    assert run("report", a_file, "-o", tmp_path / "here", *options) == 0
    assert run("report", a_file, "-o", tmp_path / "there", *options, "--worker") == 0
    here, there = facts_in(tmp_path / "here"), facts_in(tmp_path / "there")
    for facts in (here, there):
        del facts["created_at"], facts["classes"][0]["seconds"]
    assert here == there


def test_progress_goes_from_part_to_part():
    told = []
    for share in shares_of(told.append, 2):
        share(Progress("reading", 0.5, 3.0))
    assert [each.fraction for each in told] == [0.0, 0.25, 0.5, 0.75]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--phrases", "liver"], "--phrases needs --encoder"),
        (["--slices", "axial:1"], "--slices needs --encoder"),
        (["--class-name", "b"], "--class-name needs --classifier"),
        (["--encoder", "ENCODER", "--slices", "oblique:1"], "such as axial:80"),
        (["--encoder", "ENCODER", "--slices", "axial:8"], "there is no axial slice 8"),
        (["--encoder", "ENCODER", "--phrases", "a unicorn"], "text tower"),
        (["--classifier", "ENCODER"], "does not classify"),
        (["--segment-model", "nothing-here"], "nothing-here"),
        (["--captions", "CAPTIONS"], "none of this volume"),
    ],
)
def test_what_cannot_be_is_one_line_and_leaves_nothing(a_file, an_encoder, tmp_path, capfd, options, message):
    (tmp_path / "c.jsonl").write_bytes(line_of(a_caption()))
    places = {"ENCODER": an_encoder, "CAPTIONS": tmp_path / "c.jsonl"}
    assert run("report", a_file, "-o", tmp_path / "out", *(places.get(each, each) for each in options)) == 1
    lines = capfd.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert message in lines[0]
    assert not (tmp_path / "out").exists()


def test_a_report_that_is_told_to_stop_leaves_nothing(an_encoder, tmp_path):
    """The signal comes while the work is under way, which the private folder shows."""
    write_volume(dim_volume(Grid((60, 60, 60), np.diag([2.0, 2.0, 2.0, 1.0]))), tmp_path / "large.nii.gz")
    out = tmp_path / "out"
    arguments = ["report", tmp_path / "large.nii.gz", "-o", out, "--encoder", an_encoder, "--phrases", "liver"]
    process = subprocess.Popen([*_COMMAND, *map(str, arguments)], stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while not (out.is_dir() and any(out.iterdir())) and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors.strip()) == (130, "error: interrupted; no result was written")
    assert not out.exists()
