"""med3dinsight models: the whole way from a catalogue to a model that can be used, in one line of error each."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest
from Testing.unit.catalog.file_server import FileServer, healthy, stalls_half_way
from Testing.unit.catalog.parts import hub_entry, hub_files, make_bundle, write_catalogue

from Med3DInsightLib.cli.main import main


@pytest.fixture
def liver(a_card, tmp_path):
    return make_bundle(tmp_path / "made" / "liver", a_card, licence="CC BY-SA 4.0")


@pytest.fixture
def place(liver, tmp_path, monkeypatch):
    """A catalogue with one model; store and settings are those of the environment."""
    monkeypatch.setenv("MED3DINSIGHT_MODELS", str(tmp_path / "store"))
    monkeypatch.setenv("MED3DINSIGHT_SETTINGS", str(tmp_path / "settings"))
    return write_catalogue(tmp_path / "catalogue.json", hub_entry(liver))


@pytest.fixture
def models(capfd):
    """Runs a subcommand; gives its exit code and what it printed."""

    def run(*arguments):
        code = main(["models", *map(str, arguments)])
        return (code, *capfd.readouterr())

    return run


def test_from_the_list_to_a_model_and_back(models, liver, place, tmp_path, monkeypatch):
    code, printed, _ = models("list", "grey", "liver", "--json", "--catalogue", place)
    assert code == 0
    assert [(model["name"], model["installed"]) for model in json.loads(printed)] == [("liver", None)]
    assert (
        "to get it: med3dinsight models get liver --accept-licence" in models("show", "liver", "--catalogue", place)[1]
    )
    with FileServer(hub_files(liver)) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        code, _, errors = models("get", "liver", "--catalogue", place)
        assert (code, len(errors.splitlines())) == (1, 1)
        assert "CC BY-SA 4.0" in errors
        assert "--accept-licence" in errors
        assert server.requests == []
        assert models("get", "liver", "--accept-licence", "--catalogue", place) == (
            0,
            f"liver 0.0.1 is in {tmp_path / 'store' / 'liver'}\n",
            "",
        )
        asked = len(server.requests)
        assert models("list", "--installed")[0] == 0
        assert "liver: whole" in models("verify", "liver")[1]
        assert "trained on: nothing" in models("show", "liver")[1]
        assert len(server.requests) == asked
    (tmp_path / "store" / "liver" / "model.safetensors").write_bytes(b"rotten")
    code, printed, errors = models("verify")
    assert code == 1
    assert "liver: damaged" in printed
    assert "hippocampus: whole" in printed
    assert errors.startswith("error: 1 of ")
    assert models("remove", "liver")[0] == 0
    assert models("remove", "liver")[0] == 1
    code, _, errors = models("remove", "hippocampus")
    assert code == 1
    assert "comes with the extension" in errors


def test_import_and_remembered_catalogues(models, liver, place, tmp_path):
    assert models("import", liver.folder, "--accept-licence")[0] == 0
    (liver.folder / "run.py").touch()
    code, _, errors = models("import", liver.folder)
    assert code == 1
    assert "run.py: does not belong into a bundle" in errors
    assert place in models("catalogues", "--add", place)[1]
    assert '"entry": {' in models("show", "liver", "--json")[1]
    assert place not in models("catalogues", "--remove", place)[1]


def test_what_a_card_says_does_not_reach_the_terminal_as_a_command(models, a_card, tmp_path, monkeypatch):
    monkeypatch.setenv("MED3DINSIGHT_MODELS", str(tmp_path / "store"))
    hostile = "Sees all\x1b]0;owned\x07\x9b2J\nand more"
    make_bundle(tmp_path / "store" / "liver", a_card, title=hostile, description=hostile, licence=hostile)
    for printed in (models("show", "liver")[1], models("list", "--installed")[1], models("show", "liver", "--json")[1]):
        assert "owned" in printed
        assert not {"\x1b", "\x07", "\x9b"} & set(printed)
    card = tmp_path / "store" / "liver" / "card.json"
    card.write_text(card.read_text().replace("grey matter", "\\u001b[2J").replace("white matter", "\\u001b[2J"))
    for printed in (models("show", "liver")[1], models("verify")[1]):
        assert "[2J" in printed
        assert "\x1b" not in printed


def test_names_of_files_that_are_no_text_are_printed_with_escapes(tmp_path, monkeypatch):
    monkeypatch.setenv("MED3DINSIGHT_MODELS", os.fsdecode(bytes(tmp_path / "st") + b"\xff"))
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8:strict")
    code = "import sys; from Med3DInsightLib.cli.main import main; sys.exit(main())"
    told = subprocess.run([sys.executable, "-c", code, "models", "store"], capture_output=True, text=True)
    assert (told.stdout, told.stderr) == (f"{tmp_path}/st\\udcff\n", "")
    scan = os.fsdecode(b"no\xffscan.nii")
    missing = [sys.executable, "-c", code, "segment", scan, "-o", str(tmp_path / "out")]
    told = subprocess.run(missing, capture_output=True, text=True)
    assert told.stderr == "error: no\\udcffscan.nii: there is no such file or folder. Check the path.\n"


def test_an_interruption_keeps_what_is_here_and_says_so(liver, place, tmp_path):
    with FileServer(hub_files(liver), [healthy, stalls_half_way]) as server:
        process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys; from Med3DInsightLib.cli.main import main; sys.exit(main())",
                *("models", "get", "liver", "--accept-licence", "--catalogue", place),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"HF_ENDPOINT": server.url},
        )
        assert server.stalled.wait(120)
        while not list((tmp_path / "store").glob(".partial/*/model.safetensors")):
            pass
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert process.returncode == 130
    assert "kept. Run med3dinsight models get liver again to go on" in errors
    assert len(errors.strip().splitlines()) == 1
    assert not (tmp_path / "store" / "liver").exists()


def test_the_folder_of_models_is_told_and_chosen(models, liver, tmp_path, monkeypatch):
    monkeypatch.delenv("MED3DINSIGHT_MODELS", raising=False)
    monkeypatch.setenv("MED3DINSIGHT_SETTINGS", str(tmp_path / "settings"))
    usual = models("store")
    chosen = models("store", "--folder", tmp_path / "shared")
    assert (chosen, models("store")) == ((0, f"{tmp_path / 'shared'}\n", ""),) * 2
    imported = models("import", liver.folder, "--accept-licence")
    assert imported == (0, f"liver 0.0.1 is in {tmp_path / 'shared' / 'liver'}\n", "")
    code, _, errors = models("store", "--folder", tmp_path, "--usual")
    assert (code, len(errors.splitlines())) == (1, 1)
    assert models("store", "--usual") == usual
