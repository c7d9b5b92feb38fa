"""Captions from the command line: kept when a run is killed, and without the face where that is asked for."""

from __future__ import annotations

import base64
import subprocess
import sys
import threading
import time

import numpy as np
from Testing.unit.captions.parts import a_caption
from Testing.unit.captions.pictures.test_defacing import a_head
from Testing.unit.captions.remote.fault_server import FaultServer, healthy

from Med3DInsightLib.captions import Window
from Med3DInsightLib.captions.files import CaptionsFile, read_captions
from Med3DInsightLib.captions.pictures.faces import without_face
from Med3DInsightLib.captions.slices import CaptionSubject
from Med3DInsightLib.cli.main import main
from Med3DInsightLib.volumes import Modality, Plane, read_volume, slice_of, write_volume

_COMMAND = [sys.executable, "-c", "import sys; from Med3DInsightLib.cli.main import main; sys.exit(main())"]


def run(*arguments):
    return main([str(argument) for argument in arguments])


def server_options(server):
    named = ("--backend", "openai", "--url", server.url, "--model", "tiny", "--attempts", 1)
    return (*named, "--allow-upload", "127.0.0.1")


def test_a_command_that_was_killed_goes_on_and_describes_each_slice_once(a_scan, tmp_path):
    out, release = tmp_path / "captions.jsonl", threading.Event()

    def hang(exchange):
        release.wait(60)
        exchange.cut_off()

    where = ("--plane", "axial", "--indices", 4, 8, 12, "--concurrency", 1)
    with FaultServer([healthy, hang, healthy]) as server:
        command = ("describe", a_scan, "-o", out, *server_options(server), *where)
        with subprocess.Popen([*_COMMAND, *map(str, command)]) as first:
            while not (out.is_file() and out.stat().st_size and len(server.exchanges) == 2):
                assert first.poll() is None
                time.sleep(0.02)
            first.kill()
        release.set()
        out.write_bytes(out.read_bytes() + b'{"format_version": 1, "volume')  # as if killed while it wrote the next
        assert run(*command) == 0
        assert len(server.exchanges) == 4
        assert sorted(caption.index for caption in read_captions(out)) == [4, 8, 12]
        before = out.read_bytes()
        assert run(*command) == 0
        assert (len(server.exchanges), out.read_bytes()) == (4, before)
        assert run(*command, "--overwrite") == 0
        assert len(server.exchanges) == 7


def test_beginning_anew_loses_nothing_before_there_is_something_new(a_scan, tmp_path, capfd):
    out, where = tmp_path / "captions.jsonl", ("--plane", "axial", "--indices", 4, 12)
    with FaultServer([healthy, healthy, lambda exchange: exchange.say(b"{}", 400)]) as server:
        command = ("describe", a_scan, "-o", out, *server_options(server), *where)
        assert run(*command) == 0
        before = out.read_bytes()
        assert run(*command, "--overwrite") == 1
    assert "no slice got a caption" in capfd.readouterr().err
    assert out.read_bytes() == before
    out.rename(tmp_path / ".captions.jsonl.earlier")  # as a run that begins anew leaves it when it is killed at once
    out.touch()
    with FaultServer() as server:
        assert run("describe", a_scan, "-o", out, *server_options(server), *where) == 0
        assert not server.exchanges
    assert "2 captions: " in (told := capfd.readouterr().out)
    assert "(2 of an earlier run)" in told
    assert out.read_bytes() == before
    assert not (tmp_path / ".captions.jsonl.earlier").exists()


def test_the_file_of_a_job_that_has_not_written_yet_is_left_alone(a_scan, tmp_path, capfd):
    out = tmp_path / "captions.jsonl"
    with CaptionsFile.open(out) as captions, FaultServer() as server:
        command = ("describe", a_scan, "-o", out, *server_options(server), "--plane", "axial", "--indices", 4)
        assert run(*command) == run(*command, "--overwrite") == 1
        assert "another job is writing to it" in capfd.readouterr().err
        captions.append([a_caption()])
    assert list(read_captions(out)) == [a_caption()]


def test_a_face_is_not_shown_and_the_captions_say_so(tmp_path, capfd):
    out, head_file = tmp_path / "captions.jsonl", tmp_path / "head.nii.gz"
    write_volume(a_head()[0], head_file)
    options = ("--modality", "CT", "--plane", "sagittal", "--indices", 25)
    with FaultServer([healthy]) as server:
        command = ("describe", head_file, *server_options(server), *options)
        assert run(*command, "-o", out) == run(*command, "-o", out, "--deface") == 0
        plain, defaced = (
            exchange.request["messages"][0]["content"][0]["image_url"]["url"] for exchange in server.exchanges
        )
        head = read_volume(head_file, Modality.CT)
        expected = CaptionSubject("", head, drawn=without_face(head, labels_of=lambda mr: mr))
        picture = expected.picture(slice_of(head.grid, Plane.SAGITTAL, 25))
        assert base64.b64decode(defaced.partition("base64,")[2]) == picture.png
        assert plain != defaced
    prompts = [caption.prompt for caption in read_captions(out)]
    assert prompts == [prompts[0], f"{prompts[0]} [defaced]"]
    assert run("describe", head_file, "-o", out, *server_options(server), *options, "--deface", "--dry-run") == 0
    assert "1 of 1 pictures" in capfd.readouterr().out


def test_sentences_from_another_label_map_stand_beside_the_former_ones_and_name_theirs(a_scan, tmp_path, capfd):
    out, names = tmp_path / "captions.jsonl", tmp_path / "names.txt"
    names.write_text("1 liver\n2 spleen\n")
    volume = read_volume(a_scan)
    labels = np.zeros(volume.grid.shape_kji, np.uint8)
    labels[:, 2:8, 2:8] = 1
    where = ("--plane", "axial", "--indices", 4, 8, "--backend", "labels", "--names", names)
    write_volume(volume.with_array(labels), tmp_path / "first.nii.gz")
    assert run("describe", a_scan, "-o", out, *where, "--labels", tmp_path / "first.nii.gz") == 0
    first = list(read_captions(out))
    assert run("describe", a_scan, "-o", out, *where, "--labels", tmp_path / "first.nii.gz") == 0
    assert list(read_captions(out)) == first

    write_volume(volume.with_array(2 * labels), tmp_path / "second.nii.gz")
    assert run("describe", a_scan, "-o", out, *where, "--labels", tmp_path / "second.nii.gz") == 0
    both = list(read_captions(out))
    assert both[:2] == first
    assert [caption.model for caption in both] == ["label map 'first.nii.gz'"] * 2 + ["label map 'second.nii.gz'"] * 2
    assert all("liver" in caption.text for caption in both[:2])
    assert all("spleen" in caption.text for caption in both[2:])


def test_slices_are_described_anew_in_another_window(a_scan, tmp_path):
    out, where = tmp_path / "captions.jsonl", ("--plane", "axial", "--indices", 4, 8)
    with FaultServer() as server:
        command = ("describe", a_scan, "-o", out, *server_options(server), *where)
        assert run(*command) == 0
        automatic = list(read_captions(out))
        assert run(*command, "--window", 0, 50) == 0
        assert len(server.exchanges) == 4
        given = list(read_captions(out))
        assert [(each.key, each.window) for each in given] == [
            (each.key, Window("given", 0.0, 50.0)) for each in automatic
        ]
        assert run(*command, "--window", 0, 50) == 0
        assert len(server.exchanges) == 4
        assert run(*command) == 0
        assert len(server.exchanges) == 6
    assert [each.window for each in read_captions(out)] == [each.window for each in automatic]
