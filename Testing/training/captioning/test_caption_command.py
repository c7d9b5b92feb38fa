"""Volumes in, captions out: every slice once, with a summary, and what is wrong in one line."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from Med3DInsightLib.captions import Flag
from Med3DInsightLib.captions.files import read_captions
from Med3DInsightLib.volumes import Grid, Modality, Plane, Volume, write_volume
from med3dtrain.captioning.subjects import reading
from med3dtrain.datasets.bad_input import BadInput, OnBadInput
from med3dtrain.datasets.volume_list import list_volumes
from med3dtrain.datasets.volume_store import VolumeStore
from med3dtrain.pretraining.samples.captioned import captioned_volumes

from .parts import LABELS, caption

FILE = Path("captions.jsonl")


def test_a_folder_is_described_once_and_summed_up(study, capsys):
    caption(*LABELS, "--axial", "4", "--coronal", "2", "--sagittal", "0", "--modality", "CT")
    captions = list(read_captions(FILE))
    assert Counter((each.volume_id, each.plane) for each in captions) == {
        (name, plane): count for name in ("a", "b", "sub/c") for plane, count in ((Plane.AXIAL, 4), (Plane.CORONAL, 2))
    }
    assert len({each.key for each in captions}) == 18
    summary = json.loads(Path("captions.summary.json").read_text())
    assert summary["figures"]["captions"] == summary["written"] == 18
    assert summary["figures"]["by_plane"] == {"axial": 12, "coronal": 6}
    assert summary["figures"]["volumes"] == 3
    assert summary["figures"]["words"]["least"] > 5
    assert "18 captions written" in capsys.readouterr().out


def test_another_run_adds_what_is_missing_and_reads_no_volume_that_is_finished(study, monkeypatch):
    caption(*LABELS, "--axial", "4")
    before = FILE.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(reading, "read_volume", lambda *_: pytest.fail("a finished volume was read again"))
        caption(*LABELS, "--axial", "4")
    assert FILE.read_bytes() == before
    Path(".captions.jsonl.volumes").unlink()
    caption(*LABELS, "--axial", "4")
    assert FILE.read_bytes() == before
    caption(*LABELS, "--choice", "all")
    assert FILE.read_bytes().startswith(before)
    assert len(list(read_captions(FILE))) == 3 * (12 + 10 + 8)


def test_pretraining_reads_the_file(study, a_recipe):
    caption(*LABELS, "--axial", "3", "--modality", "CT")
    store = VolumeStore(study / "store", a_recipe)
    prepared = [store.get(each) for each in list_volumes(Path("scans"), Modality.CT)]
    bad = BadInput(OnBadInput.STOP, print)
    volumes = captioned_volumes(FILE, prepared, 0.5, bad, print)
    assert [len(each.slices) for each in volumes] == [3 + 8 + 8] * 3


@pytest.mark.parametrize(("choice", "count"), [("uniform", 5), ("foreground", 5), ("structures", 10), ("all", 12)])
def test_slices_are_chosen_as_asked(study, choice, count):
    caption("scans/a.nii.gz", *LABELS, "--choice", choice, "--axial", "5", "--coronal", "0", "--sagittal", "0")
    assert 5 <= len(list(read_captions(FILE))) <= count


def test_slices_in_the_air_are_described_only_if_asked_for(study):
    hu = np.full((12, 10, 8), -1000, np.int16)
    hu[2:5] = 40
    write_volume(Volume(hu, Grid(hu.shape, np.diag([-4.0, -4.0, 5.0, 1.0]))), Path("scans/a.nii.gz"))
    few = ("--axial", "4", "--coronal", "0", "--sagittal", "0", "--modality", "CT")
    caption("scans/a.nii.gz", *LABELS, *few)
    assert [each.index for each in read_captions(FILE)] == [2, 3, 4]
    before = FILE.read_bytes()
    caption("scans/a.nii.gz", *LABELS, *few, "--least-body", "0")
    assert FILE.read_bytes().startswith(before)
    assert [each.index for each in read_captions(FILE)] == [2, 3, 4, 1, 7, 10]


def test_a_volume_that_cannot_be_used_is_named_and_skipped_or_ends_the_job(study, capsys):
    Path("scans/b.nii.gz").write_bytes(b"not an image")
    Path("maps/sub/c.nii.gz").unlink()
    with pytest.raises(SystemExit, match=r"Error: .*scans.b\.nii\.gz: "):
        caption(*LABELS, "--on-bad-input", "stop")
    assert {each.volume_id for each in read_captions(FILE)} == {"a"}
    caption(*LABELS)
    told = capsys.readouterr().out
    assert "skipped: scans/b.nii.gz: " in told
    assert "skipped: scans/sub/c.nii.gz: 'sub/c' has no label map among maps" in told
    assert len(json.loads(Path("captions.summary.json").read_text())["skipped"]) == 2


def test_label_maps_beside_their_volumes_are_not_volumes(study):
    for name in ("a", "b"):
        Path(f"maps/{name}.nii.gz").rename(f"scans/{name}_seg.nii.gz")
    Path("scans/sub/c.nii.gz").unlink()
    caption("--backend", "labels", "--labels", "scans/{name}_seg.nii.gz", "--names", "names.json", "--axial", "1")
    assert {each.volume_id for each in read_captions(FILE)} == {"a", "b"}


def test_a_list_of_volumes_may_be_given(study):
    Path("list.txt").write_text("# two\nscans/a.nii.gz\tCT\nscans/sub/c.nii.gz\n")
    arguments = ("--backend", "labels", "--labels", "maps/{name}.nii.gz", "--names", "names.json", "--axial", "1")
    Path("maps/scans").symlink_to(study / "maps")
    caption("list.txt", *arguments)
    captions = list(read_captions(FILE))
    assert {each.volume_id for each in captions} == {"scans/a.nii.gz", "scans/sub/c.nii.gz"}
    assert sum("CT" in each.text for each in captions) == len(captions) / 2


def test_copies_of_a_volume_are_described_once(study):
    Path("scans/z.nii.gz").write_bytes(Path("scans/a.nii.gz").read_bytes())
    Path("maps/z.nii.gz").write_bytes(Path("maps/a.nii.gz").read_bytes())
    caption(*LABELS, "--axial", "2")
    assert len(list(read_captions(FILE))) == 3 * (2 + 8 + 8)


def test_the_first_of_near_duplicates_is_flagged_when_the_job_ends(study):
    rows = ["volume,plane,index,text"]
    rows += [f"a,axial,{index},The liver and the spleen look normal in this slice." for index in (0, 1, 11)]
    Path("texts.csv").write_text("\n".join([*rows, "a,axial,5,Something quite different is to be seen here."]))
    caption("scans/a.nii.gz", "--backend", "file", "--texts", "texts.csv", "--duplicate-distance-mm", "30")
    flags = {each.index: each.flags for each in read_captions(FILE)}
    assert flags == dict.fromkeys((0, 1, 11), (Flag.NEAR_DUPLICATE,)) | {5: ()}
    scores = {each.index: each.score for each in read_captions(FILE)}
    assert scores[0] == scores[11] < scores[5]
    before = FILE.read_bytes()
    caption("scans/a.nii.gz", "--backend", "file", "--texts", "texts.csv", "--duplicate-distance-mm", "30")
    assert FILE.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--backend", "labels"), "--backend labels needs --labels"),
        (("--backend", "labels", "--labels", "maps"), "--backend labels needs --names"),
        ((*LABELS, "--model", "m"), "--model does not go with --backend labels"),
        ((*LABELS, "--allow-upload", "a.example"), "--allow-upload does not go with --backend labels"),
        ((*LABELS, "--deface"), "--deface does not go with --backend labels"),
        ((*LABELS, "--texts", "t.csv"), "--texts does not go with --backend labels"),
        ((*LABELS, "--axial", "0", "--coronal", "0", "--sagittal", "0"), "no slice is asked for"),
        ((*LABELS, "--axial", "-1"), "no slice is asked for"),
        ((*LABELS, "--least-body", "2"), "--least-body is a share"),
        ((*LABELS, "--shard", "4/3"), "there is no shard 4/3"),
        ((*LABELS, "--shard", "half"), "'half' is not a shard"),
        ((*LABELS, "--window", "50", "50"), "a window needs low < high"),
        ((*LABELS, "--repeated-share", "2"), "shares and penalties are from 0 to 1"),
        (("--backend", "labels", "--labels", "nowhere", "--names", "names.json"), "nowhere: there are no label maps"),
        ((*LABELS, "--labels", "maps/a.nii.gz", "--shard", "1/3"), "maps/a.nii.gz: is one label map for 3 volumes"),
        (("nowhere", *LABELS), "nowhere: is neither a folder nor a list"),
        (("--backend", "file"), "--backend file needs --texts"),
        (("--backend", "transformers"), "--backend transformers needs --model"),
        (("--backend", "transformers", "--model", "m", "--url", "http://a/v1"), "--url does not go with"),
        (("--backend", "transformers", "--model", "m", "--temperature", "-1"), "the temperature is -1"),
        (("--backend", "transformers", "--model", "m", "--dtype", "int4"), "there is no number format 'int4'"),
        (("--backend", "transformers", "--model", "m", "--prompt", "poem"), "there is no prompt 'poem'"),
        (("--backend", "transformers", "--model", "m", "--prompt", "question"), "needs a question"),
        (("--backend", "transformers", "--model", "m", "--choice", "structures"), "--choice structures needs label"),
        (("--backend", "openai", "--model", "m"), "--backend openai needs --url"),
        (("--backend", "openai", "--model", "m", "--url", "http://127.0.0.1:9/v1"), "Say --allow-upload 127.0.0.1"),
        (("--backend", "openai", "--url", "http://127.0.0.1:9/v1"), "--backend openai needs --model"),
    ],
)
def test_what_does_not_go_together_is_one_line_and_nothing_is_written(study, arguments, message):
    before = sorted(study.rglob("*"))
    with pytest.raises(SystemExit) as raised:
        caption(*arguments)
    assert message in str(raised.value)
    assert str(raised.value).startswith("Error: ")
    assert "\n" not in str(raised.value)
    assert sorted(study.rglob("*")) == before
