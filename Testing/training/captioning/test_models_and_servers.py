"""The command asks real models and real servers, and nobody when it only rehearses."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import pytest
from PIL import Image

from Med3DInsightLib.captions.files import read_captions

from ...unit.captions.remote.fault_server import FaultServer, answer_of
from .parts import LABELS, caption, write_study

FEW = ("--axial", "2", "--coronal", "1", "--sagittal", "0", "--modality", "CT")


def remote(server, *more):
    return ("--backend", "openai", "--model", "tiny", "--url", server.url, *FEW, *more)


def test_a_server_gets_pixels_and_prompts_only_if_its_host_was_named(study, capsys):
    with FaultServer() as server:
        with pytest.raises(SystemExit, match=r"Error: pictures would be sent to 127.0.0.1.*--allow-upload 127.0.0.1"):
            caption(*remote(server))
        assert server.connections == 0
        caption(*remote(server, "--allow-upload", "127.0.0.1", "--price-in", "0.5", "--price-out", "2"))
        assert len(server.exchanges) == 9
        sent = b"".join(server.received)
    pictures = b"".join(base64.b64decode(found) for found in re.findall(rb"base64,([A-Za-z0-9+/=]+)", sent))
    for name in (b"sub/c", b".nii", b"scans", str(study).encode()):
        assert name not in sent + pictures
    captions = list(read_captions(Path("captions.jsonl")))
    assert {each.text for each in captions} == {"Axial CT slice of the liver."}
    assert {each.window.name for each in captions} <= {"soft tissue", "bone", "lung", "brain"}
    summary = json.loads(Path("captions.summary.json").read_text())
    assert (summary["figures"]["tokens_in"], summary["figures"]["tokens_out"]) == (9 * 300, 9 * 7)
    assert summary["cost"] == pytest.approx((2700 * 0.5 + 63 * 2) / 1000)
    assert "tokens: 2700 read, 63 written, 1.48 at the given prices" in capsys.readouterr().out
    assert "wrong_plane" in summary["figures"]["by_flag"]


def test_slices_that_a_server_does_not_describe_are_asked_for_again(study):
    def refuse(exchange):
        exchange.say(b'{"error": {"message": "no"}}', 400)

    def answer(exchange):
        exchange.say(answer_of("The liver."))

    with FaultServer([answer, refuse, answer]) as server:
        with pytest.raises(SystemExit, match="1 slices got no caption. Run it again"):
            caption(*remote(server, "--allow-upload", "127.0.0.1", "--concurrency", "1"))
        assert len(list(read_captions(Path("captions.jsonl")))) == 8
        caption(*remote(server, "--allow-upload", "127.0.0.1"))
        assert len(server.exchanges) == 10
    assert len({each.key for each in read_captions(Path("captions.jsonl"))}) == 9


def test_a_rehearsal_draws_a_sheet_tells_the_prompts_and_sends_nothing(study, capsys):
    before = set(study.rglob("*"))
    with FaultServer() as server:
        caption(*remote(server, "--dry-run", "--price-in", "1", "--picture-tokens", "256"))
        assert server.connections == 0
        assert set(study.rglob("*")) - before == {study / "captions.sheet.png"}
        told = capsys.readouterr().out
        assert "3 volumes, about 9 slices (3.0 a volume)" in told
        assert "This picture is one axial slice of a CT volume" in told
        assert "This picture is one coronal slice of a CT volume" in told
        assert re.search(r"estimated tokens: \d+ read \(256 for a picture", told)
        assert "estimated cost: " in told
        with Image.open("captions.sheet.png") as sheet:
            assert sheet.width > 300
        with pytest.raises(SystemExit, match="captions.sheet.png: already exists"):
            caption(*remote(server, "--dry-run"))
    caption(*LABELS, "--dry-run", "--overwrite", "--axial", "1")


def test_a_rehearsal_estimates_only_what_is_not_described_yet(study, capsys):
    with FaultServer() as server:
        options = remote(server, "--picture-tokens", "256")
        caption("scans/a.nii.gz", *options, "--allow-upload", "127.0.0.1")
        caption(*options, "--dry-run")
        told = capsys.readouterr().out
        assert "3 volumes, about 9 slices (3.0 a volume)" in told
        assert "about 3 of them are described already; what follows is about the other 6" in told
        assert "captions.sheet.png: 6 slices of 2 volumes" in told
        assert "900 written (150 an answer)" in told
        caption(*options, "--dry-run", "--overwrite", "--axial", "3")  # other slices, but for the coronal one
        assert "12 slices (4.0 a volume)\nabout 1 of them are described" in capsys.readouterr().out
        caption(*options, "--dry-run", "--overwrite", "--revision", "2")  # another source
        assert "about 0 of them are described already; what follows is about the other 9" in capsys.readouterr().out
        assert len(server.exchanges) == 3
    caption("scans/a.nii.gz", *options, "--dry-run", "--overwrite")
    assert "about 3 of them are described already; what follows is about the other 0\n" in capsys.readouterr().out


def test_volumes_that_a_rehearsal_does_not_read_are_counted_by_their_captions(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(write_study(tmp_path, tuple(f"v{number}" for number in range(6)), (4, 5, 6)))
    options = (*LABELS, "--axial", "2", "--coronal", "0", "--sagittal", "0")
    for name, count in (("v0", "1"), ("v1", "2"), ("v5", "4")):
        caption(f"scans/{name}.nii.gz", *options, "--axial", count)
    with open("captions.jsonl", "ab") as stream:
        stream.write(b'{"format_version": 1, "volu')  # as a kill leaves it
    capsys.readouterr()
    caption(*options, "--dry-run")
    told = capsys.readouterr().out
    assert "6 volumes, about 12 slices (2.0 a volume)\nabout 5 of them are described already" in told
    assert "captions.sheet.png: 6 slices of 3 volumes" in told
    assert "lines that are no captions: 1, the first: captions.jsonl: line 8 is not a caption" in told


def test_a_rehearsal_without_the_model_says_that_it_cannot_tell_what_is_described(study, capsys):
    Path("captions.jsonl").touch()
    caption("--backend", "transformers", "--model", "nowhere/model", *FEW, "--dry-run")
    told = capsys.readouterr().out
    assert "what captions.jsonl describes already cannot be told: the model 'nowhere/model' is not on this" in told
    assert "3 volumes, about 9 slices" in told
    assert "estimated tokens" in told


def test_a_local_model_describes_the_slices(study):
    from ...unit.captions.local.tiny_vision_language import save_llava

    folder = save_llava(study / "tiny-llava")
    caption("--backend", "transformers", "--model", str(folder), *FEW, "--max-tokens", "5", "--batch", "2")
    captions = list(read_captions(Path("captions.jsonl")))
    assert len(captions) == 9
    assert {(each.backend, each.model) for each in captions} == {("transformers", "tiny-llava")}
    assert all(each.tokens_out <= 5 and each.tokens_in > 0 for each in captions)


def test_a_table_gives_its_texts_to_the_slices_that_it_names(study, capsys):
    rows = [{"scan": "a", "view": "ax", "slice": 3, "report": "The liver is large."}]
    rows.append({"scan": "sub/c", "view": "cor", "slice": 1, "report": "The spleen is small."})
    Path("texts.jsonl").write_text("\n".join(map(json.dumps, rows)))
    columns = ("--text-column", "report", "--volume-column", "scan", "--plane-column", "view")
    columns += ("--index-column", "slice", "--first-index", "1")
    caption("--backend", "file", "--texts", "texts.jsonl", "--model", "Dr Who", *columns)
    found = {(each.volume_id, each.plane.value, each.index): each for each in read_captions(Path("captions.jsonl"))}
    assert {key: each.text for key, each in found.items()} == {
        ("a", "axial", 2): "The liver is large.",
        ("sub/c", "coronal", 0): "The spleen is small.",
    }
    assert {each.model for each in found.values()} == {"Dr Who"}
    assert "no caption: 88 slices" in capsys.readouterr().out
