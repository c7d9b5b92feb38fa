"""What an option means does not depend on what happens to lie in the current folder."""

from __future__ import annotations

from Testing.unit.captions.remote.fault_server import FaultServer
from Testing.unit.insight_bundles import an_encoder_bundle

from Med3DInsightLib.cli.main import main

_SERVER = ("--backend", "openai", "--url", "http://127.0.0.1:9/v1", "--model", "tiny")


def run(*arguments):
    return main([str(argument) for argument in arguments])


def test_without_a_text_tower_the_current_folder_is_not_taken_for_one(a_scan, a_card, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    encoder = an_encoder_bundle(a_card, tmp_path / "encoder").folder
    with FaultServer() as server:
        named = ("--backend", "openai", "--url", server.url, "--model", "tiny", "--allow-upload", "127.0.0.1")
        assert run("ask", a_scan, "Is there free fluid?", *named, "--encoder", encoder, "--plane", "axial") == 1
        assert server.connections == 0
    said = capfd.readouterr().err
    assert "is not one of the 2 phrases" in said
    assert "free text needs the text tower" in said


def test_a_shipped_prompt_is_meant_whatever_has_its_name_in_the_current_folder(a_scan, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "slices").mkdir()
    (tmp_path / "plain").write_text('id = "mine"\nversion = 1\ntext = "Mine."\n')
    where = ("--plane", "axial", "--indices", 12, "--dry-run")
    assert run("ask", a_scan, "Is there free fluid?", *_SERVER, *where) == 0
    assert "--- prompt 'slices'" in capfd.readouterr().out
    assert run("describe", a_scan, "-o", tmp_path / "captions.jsonl", *_SERVER, *where) == 0
    assert "--- prompt 'plain'" in capfd.readouterr().out
    (tmp_path / "mine.toml").write_text((tmp_path / "plain").read_text())
    assert run("describe", a_scan, "-o", "mine.jsonl", *_SERVER, *where, "--prompt", "mine.toml") == 0
    assert "\nMine.\n---" in capfd.readouterr().out
