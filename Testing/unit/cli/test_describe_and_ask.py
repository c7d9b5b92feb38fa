"""Captions and answers from the command line: what the service says, and nothing sent that was not allowed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from PIL import Image
from Testing.unit.analysis.describing.parts import ANSWER, answers_in_pieces
from Testing.unit.captions.local.tiny_vision_language import save_llava
from Testing.unit.captions.parts import a_trunk
from Testing.unit.captions.remote.fault_server import FaultServer, answer_of
from Testing.unit.captions.remote.test_streamed_answers import BROKEN
from Testing.unit.insight_bundles import an_encoder_bundle

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.analysis.describing.backend_choice import LabelMapSentences, LocalModel
from Med3DInsightLib.analysis.describing.requests import AskRequest, DescribeRequest
from Med3DInsightLib.analysis.describing.slices_asked import ListedSlices, SliceIndex, SpreadSlices
from Med3DInsightLib.analysis.service import AnalysisService
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.captions.files import read_captions
from Med3DInsightLib.captions.label_maps.label_map_source import LabelMapSource
from Med3DInsightLib.captions.prompting import Sampling
from Med3DInsightLib.cli.main import main
from Med3DInsightLib.volumes import LabelLayer, Plane, read_volume, write_volume

_COMMAND = [sys.executable, "-c", "import sys; from Med3DInsightLib.cli.main import main; sys.exit(main())"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A scan, its label map, and the names of its values."""
    folder = tmp_path_factory.mktemp("scans")
    volume, layer = a_trunk()
    write_volume(volume, folder / "scan.nii.gz")
    write_volume(layer.volume, folder / "map.nii.gz")
    (folder / "names.json").write_text(json.dumps(layer.names))
    return folder


@pytest.fixture
def labels(files):
    return ("--backend", "labels", "--labels", files / "map.nii.gz", "--names", files / "names.json")


@pytest.fixture
def service():
    return AnalysisService(Bundle.open)


def run(*arguments):
    return main([str(argument) for argument in arguments])


def server_options(server, *allowed):
    options = ("--backend", "openai", "--url", server.url, "--model", "tiny", "--attempts", 1)
    return (*options, "--allow-upload", *allowed) if allowed else options


def one_line(capfd):
    lines = capfd.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_label_maps_are_described_as_the_service_does_it(files, labels, service, tmp_path, capfd):
    out = tmp_path / "out" / "captions.jsonl"
    assert run("describe", files / "scan.nii.gz", "-o", out, *labels, "--slices", 2, "--seed", 5) == 0
    volume = read_volume(files / "scan.nii.gz")
    layer = LabelLayer(read_volume(files / "map.nii.gz"), a_trunk()[1].names)
    request = DescribeRequest(LabelMapSentences(5), SpreadSlices(per_plane=2), volume_id="scan.nii.gz")
    expected = service.describe(request, volume, [layer])
    sourced = LabelMapSource.of("map.nii.gz", [layer]).named
    assert tuple(read_captions(out)) == tuple(map(sourced, expected.captions))
    said = capfd.readouterr().out
    assert f"axial {expected.captions[0].index}: {expected.captions[0].text}" in said
    assert "6 captions" in said
    assert [path.name for path in out.parent.iterdir() if path.suffix != ".lock"] == ["captions.jsonl"]


def test_a_server_describes_what_was_named_once_it_is_allowed(files, tmp_path, capfd):
    out = tmp_path / "captions.jsonl"
    say = lambda exchange: exchange.say(answer_of("\x1b[2J<b>Axial</b> CT slice of the liver."))  # noqa: E731
    with FaultServer([say]) as server:
        where = ("--plane", "axial", "--indices", 4, 12)
        assert run("describe", files / "scan.nii.gz", "-o", out, *server_options(server), *where) == 1
        assert "--allow-upload 127.0.0.1" in one_line(capfd)
        assert (server.connections, server.received) == (0, [])
        assert not out.exists()
        allowed = server_options(server, "127.0.0.1")
        assert run("describe", files / "scan.nii.gz", "-o", out, *allowed, *where) == 0
    captions = list(read_captions(out))
    assert {caption.index for caption in captions} == {4, 12}
    assert {caption.text for caption in captions} == {"\ufffd[2J<b>Axial</b> CT slice of the liver."}
    assert "\x1b[2J" not in capfd.readouterr().out


def test_slices_without_a_caption_are_told_and_without_any_nothing_is_written(files, tmp_path, capfd):
    out = tmp_path / "captions.jsonl"
    say = (lambda exchange: exchange.say(answer_of("Axial CT slice of the liver.")), lambda e: e.say(b"{}", 400))
    where = ("--plane", "axial", "--indices", 4, 12, "--concurrency", 1)
    with FaultServer(say) as server:
        command = ("describe", files / "scan.nii.gz", *server_options(server, "127.0.0.1"), *where)
        assert run(*command, "-o", out) == 1
        said = capfd.readouterr()
        assert "no caption of axial slice 12: 127.0.0.1 answers 400" in said.out
        assert "1 slices got no caption" in said.err
        assert [caption.index for caption in read_captions(out)] == [4]
        assert run(*command, "-o", tmp_path / "none" / "captions.jsonl") == 1
        assert "no slice got a caption" in one_line(capfd)
    assert not (tmp_path / "none" / "captions.jsonl").exists()


def test_ask_names_the_slices_and_prints_the_answer(files, capfd):
    with FaultServer([answers_in_pieces]) as server:
        where = ("--plane", "axial", "--indices", 12, 4)
        options = (*server_options(server, "127.0.0.1"), *where)
        assert run("ask", files / "scan.nii.gz", "Is the liver there?", *options) == 0
        (exchange,) = server.exchanges
    shown, answer = capfd.readouterr().out.strip().splitlines()
    assert shown.startswith("shown: axial 12 (")
    assert "), axial 4 (" in shown
    assert answer == ANSWER
    *images, text = exchange.request["messages"][0]["content"]
    assert len(images) == 2
    assert text["text"].endswith("Question: Is the liver there?")


def test_an_answer_that_breaks_off_is_one_line_behind_what_came(files, capfd):
    with FaultServer([BROKEN["cut connection"]]) as server:
        options = (*server_options(server, "127.0.0.1"), "--plane", "axial", "--indices", 12)
        assert run("ask", files / "scan.nii.gz", "Is the liver there?", *options) == 1
    said = capfd.readouterr()
    assert said.out.endswith("The liver is in \n")
    assert "not the whole answer" in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_a_local_model_answers_as_in_the_service(files, service, tmp_path, capfd):
    folder = save_llava(tmp_path / "tiny")
    options = ("--backend", "transformers", "--model", folder, "--device", "cpu", "--max-tokens", 8)
    where = ("--plane", "axial", "--indices", 12)
    assert run("ask", files / "scan.nii.gz", "Is the liver there?", *options, *where) == 0
    choice = LocalModel(str(folder), device=Device.CPU, sampling=Sampling(8))
    request = AskRequest("Is the liver there?", choice, ListedSlices((SliceIndex(Plane.AXIAL, 12),)))
    expected = service.ask(request, read_volume(files / "scan.nii.gz"))
    said = capfd.readouterr().out.splitlines()
    assert said[1].strip() == expected.text
    assert ("limit of tokens" in said[-1]) == (not expected.complete)


def test_a_dry_run_shows_prompts_and_pictures_and_sends_nothing(files, tmp_path, capfd):
    out, sheet = tmp_path / "captions.jsonl", tmp_path / "asked.png"
    with FaultServer() as server:
        options = (*server_options(server), "--dry-run")
        assert run("describe", files / "scan.nii.gz", "-o", out, *options, "--slices", 1) == 0
        said = capfd.readouterr().out
        assert said.count("--- prompt 'plain'") == 3
        assert "one sagittal slice of a" in said
        assert "3 of 3 pictures" in said
        asked = ("ask", files / "scan.nii.gz", "Is it?", *options, "--sheet", sheet, "--plane", "axial", "--indices", 4)
        assert run(*asked) == 0
        assert "Question: Is it?" in capfd.readouterr().out
        assert (server.connections, server.received) == (0, [])
        assert run(*asked) == 1
        assert "already holds asked.png" in one_line(capfd)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["asked.png", "captions.sheet.png"]
    with Image.open(tmp_path / "captions.sheet.png") as three, Image.open(sheet) as one:
        assert three.width > 2 * one.width


def test_an_encoder_chooses_the_slices(files, a_card, tmp_path, capfd):
    encoder = an_encoder_bundle(a_card, tmp_path / "encoder").folder
    with FaultServer([answers_in_pieces]) as server:
        found = ("--encoder", encoder, "--slices", 2, "--phrase", "liver", "--planes", "axial", "coronal")
        options = (*server_options(server, "127.0.0.1"), *found)
        assert run("ask", files / "scan.nii.gz", "Is the liver there?", *options) == 0
        (exchange,) = server.exchanges
    assert len(exchange.request["messages"][0]["content"]) == 3
    assert capfd.readouterr().out.splitlines()[1] == ANSWER


@pytest.mark.parametrize(
    ("options", "cause"),
    [
        (("--backend", "openai", "--model", "m"), "needs --url"),
        (("--backend", "openai", "--url", "http://127.0.0.1/v1"), "needs --model"),
        (("--backend", "transformers", "--model", "m", "--url", "http://x/v1"), "--url does not go with"),
        (("--backend", "openai", "--model", "m", "--url", "http://x/v1", "--batch", "4"), "--batch does not go with"),
        (
            (
                "--backend",
                "labels",
            ),
            "needs --labels and --names",
        ),
        (("--backend", "labels", "--indices", "3"), "--indices needs one plane"),
        (("--backend", "labels", "--slices", "0"), "are none"),
        (("--backend", "labels", "--plane", "oblique"), "an oblique plane has no slices"),
        (("--backend", "labels", "--plane", "oblique", "--indices", "3"), "an oblique plane has no slices"),
        (("--backend", "labels", "--url", "http://x/v1"), "--url does not go with"),
        (("--backend", "labels", "--deface"), "--deface does not go with"),
    ],
)
def test_options_that_do_not_go_together_are_one_line(files, tmp_path, capfd, options, cause):
    assert run("describe", files / "scan.nii.gz", "-o", tmp_path / "captions.jsonl", *options) == 1
    assert cause in one_line(capfd)
    assert not list(tmp_path.iterdir())


def test_a_question_needs_slices(files, capfd):
    assert run("ask", files / "scan.nii.gz", "Why?", "--backend", "transformers", "--model", "m") == 1
    assert "--plane and --indices, or --encoder" in one_line(capfd)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no local sockets")
def test_the_shared_worker_gives_the_same(files, labels, tmp_path, monkeypatch, capfd):
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    with subprocess.Popen([*_COMMAND, "serve"], stdout=subprocess.PIPE, text=True) as worker:
        try:
            assert worker.stdout.readline() == "ready\n"
            here, there = tmp_path / "here.jsonl", tmp_path / "there.jsonl"
            command = ("describe", files / "scan.nii.gz", *labels, "--slices", 1)
            assert run(*command, "-o", here) == run(*command, "-o", there, "--worker") == 0
            first, second = (text for text in capfd.readouterr().out.split("3 captions: ")[:2])
            assert there.read_bytes() == here.read_bytes()
            assert second.splitlines()[1:] == first.splitlines()
            with FaultServer([answers_in_pieces]) as server:
                asked = ("ask", files / "scan.nii.gz", "Is it?", "--plane", "axial", "--indices", 4, "--worker")
                assert run(*asked, *server_options(server, "127.0.0.1")) == 0
            assert capfd.readouterr().out.splitlines()[1] == ANSWER
        finally:
            worker.terminate()
