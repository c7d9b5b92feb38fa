"""What is told of the computers that are contacted."""

from __future__ import annotations

import pytest
from Testing.unit.catalog.parts import COMMIT

from Med3DInsightLib.catalog.contacts import host_of_source, hosts_of_catalogues, kept_catalogues
from Med3DInsightLib.catalog.settings import ModelSettings
from Med3DInsightLib.catalog.sources import FolderSource, HubSource, WebSource


@pytest.mark.parametrize(
    ("source", "host"),
    [
        (HubSource("someone/models", COMMIT), "huggingface.co"),
        (WebSource("https://models.example.org:8443/liver"), "models.example.org:8443"),
        (FolderSource("/share/liver"), ""),
    ],
)
def test_the_host_of_a_source_is_told(source, host):
    assert host_of_source(source) == host


def test_another_hub_is_told(monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://mirror.example.org/hub/")
    assert host_of_source(HubSource("someone/models", COMMIT)) == "mirror.example.org"


def test_hosts_of_catalogues_are_told_once_and_without_passwords():
    places = ("/share/a.json", "HTTPS://me:secret@one.org/a.json", "https://one.org?token=1", "https://two.org#x")
    assert hosts_of_catalogues(places) == ("one.org", "two.org")


def test_catalogues_of_the_settings_and_the_environment_are_looked_into(tmp_path, monkeypatch):
    monkeypatch.setenv("MED3DINSIGHT_CATALOGUES", "/b.json; /a.json")
    settings = ModelSettings(tmp_path / "models.json")
    settings.add_catalogue("/a.json")
    assert kept_catalogues(settings) == ("/a.json", "/b.json")
