"""The dialog "Models" by clicks: what there is, fetched from a server on this computer, imported, checked, removed."""

from __future__ import annotations

from dataclasses import replace

import pytest
import slicer
from Testing.unit.catalog.file_server import FileServer, healthy, stalls_half_way
from Testing.unit.catalog.parts import WEIGHTS, hub_entry, hub_files, make_bundle, write_catalogue

from Med3DInsightLib.analysis.requests import PRESELECTED_MODEL
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.catalog.entry import BundleFile
from Med3DInsightLib.catalog.settings import ModelSettings

from .insight_steps import choose, type_text
from .models_steps import (
    PATIENCE_S,
    assert_done,
    choose_model,
    listed,
    offered,
    open_models,
    press_close,
    read_catalogue,
    weights_so_far,
    workers,
)
from .panel_steps import click, wait_until

HALF = len(WEIGHTS) // 2


@pytest.fixture
def store(tmp_path, monkeypatch):
    """An empty folder of models and no settings, before a panel looks at them."""
    monkeypatch.setenv("MED3DINSIGHT_MODELS", str(tmp_path / "store"))
    monkeypatch.setenv("MED3DINSIGHT_SETTINGS", str(tmp_path / "settings"))
    return tmp_path / "store"


@pytest.fixture
def a_panel(store, a_desktop, a_module):
    """MedInsight Segment, shown, with another model than it takes by itself."""
    panel = a_desktop.show(a_module)
    choose(panel.ui.modelSelector, "hippocampus")
    return panel


@pytest.fixture
def liver(a_card, tmp_path) -> Bundle:
    """A model whose licence has to be accepted."""
    return make_bundle(tmp_path / "made" / "liver", a_card, licence="CC BY-SA 4.0", title="Liver <b>& more</b>")


@pytest.fixture
def serve(liver, tmp_path, monkeypatch):
    """A hub that has the model and behaves as told when it is asked for the weights, and a catalogue that names it."""

    def start(*behaviours, entry=None):
        server = FileServer(hub_files(liver), [healthy, *behaviours, healthy])
        place = write_catalogue(tmp_path / "catalogue.json", entry or hub_entry(liver))
        return server, place

    return start


@pytest.fixture
def reach(monkeypatch):
    """Lets a server stand for the hub."""
    return lambda server: monkeypatch.setenv("HF_ENDPOINT", server.url)


def test_opening_the_dialog_contacts_nobody_and_says_who_would_be(a_desktop, store, liver, reach, a_panel):
    with FileServer({"/catalogue.json": b"{}"}) as server:
        reach(server)
        ModelSettings().add_catalogue(f"{server.url}/catalogue.json")
        models = open_models(a_desktop, a_panel)
        host = server.url.removeprefix("http://")
        assert models.ui.readingLabel.text == f"Reading contacts {host}."
        assert listed(models)["hippocampus"] == "shipped"
        details = choose_model(a_desktop, models, "hippocampus")
        assert "posterior hippocampus" in details
        assert not models.ui.downloadButton.enabled
        assert "comes with the extension" in models.ui.downloadButton.toolTip
        assert not models.ui.removeButton.enabled
        type_text(models.ui.searchEdit, "posterior segmentation")
        assert list(listed(models)) == ["hippocampus"]
        type_text(models.ui.searchEdit, "no such word")
        assert listed(models) == {}
        assert server.requests == []
    assert workers() == []


def test_a_model_is_downloaded_cancelled_taken_up_again_and_can_be_chosen(a_desktop, store, serve, reach, a_panel):
    shipped = offered(a_panel)
    server, place = serve(stalls_half_way)
    with server:
        reach(server)
        models = open_models(a_desktop, a_panel)
        read_catalogue(a_desktop, models, place)
        details = choose_model(a_desktop, models, "liver")
        assert "Liver <b>& more</b>" in details
        assert "CC BY-SA 4.0" in details
        assert models.ui.contactLabel.text == f"Downloading contacts {server.url.removeprefix('http://')}."
        assert server.requests == []

        a_desktop.dialogs.answer("CC BY-SA 4.0", False)
        click(models.ui.downloadButton)
        assert (server.requests, models.jobs.busy) == ([], False)

        click(models.ui.downloadButton)
        status = models.ui.statusLabel
        wait_until(a_desktop, lambda: status.text.startswith("Downloading, 0.") and weights_so_far(store), PATIENCE_S)
        assert models.ui.progressBar.value > 0
        assert offered(a_panel) == shipped
        assert_done(a_desktop, models, models.ui.cancelButton, "Cancelled.")

        assert_done(a_desktop, models, models.ui.downloadButton, "'liver' 0.0.1 is installed")
        assert server.asked("model.safetensors")[-1]["Range"] == f"bytes={HALF}-"
        assert len([shown for shown in a_desktop.dialogs.texts("question") if "CC BY-SA" in shown]) == 2
    assert (offered(a_panel), a_panel.ui.modelSelector.currentText) == ([*shipped, "liver"], "hippocampus")
    assert listed(models)["liver"] == "installed"
    choose(a_panel.ui.modelSelector, "liver")
    assert "Random weights" in a_panel.ui.modelDetails.text
    press_close(models.ui.searchEdit.window())
    wait_until(a_desktop, lambda: workers() == [], 30)


def test_models_are_imported_checked_and_removed_and_a_wrong_hash_is_told(
    a_desktop, store, liver, serve, reach, a_panel
):
    shipped = offered(a_panel)
    files = tuple(
        replace(file, sha256="0" * 64) if file.name == BundleFile.WEIGHTS else file for file in hub_entry(liver).files
    )
    server, place = serve(entry=replace(hub_entry(liver), files=files))
    with server:
        reach(server)
        models = open_models(a_desktop, a_panel)
        read_catalogue(a_desktop, models, place)
        choose_model(a_desktop, models, "liver")
        assert_done(a_desktop, models, models.ui.downloadButton, "the hash of the file is")
        assert (weights_so_far(store), offered(a_panel)) == (0, shipped)

    a_desktop.dialogs.answer("Folder of the model to import", str(liver.folder.parent))
    assert_done(a_desktop, models, models.ui.importButton, "does not belong into a bundle")
    a_desktop.dialogs.answer("Folder of the model to import", str(liver.folder))
    assert_done(a_desktop, models, models.ui.importButton, "'liver' 0.0.1 is installed")
    assert offered(a_panel) == [*shipped, "liver"]

    assert_done(a_desktop, models, models.ui.verifyButton, "every file is as it should be")
    (store / "liver" / "model.safetensors").write_bytes(b"x" + WEIGHTS[1:])
    assert_done(a_desktop, models, models.ui.verifyButton, "Damaged: liver")

    a_desktop.dialogs.answer("Remove the model", False)
    click(models.ui.removeButton)
    assert (store / "liver").is_dir()
    choose(a_panel.ui.modelSelector, "liver")
    assert_done(a_desktop, models, models.ui.removeButton, "'liver' was removed")
    assert not (store / "liver").exists()
    assert (offered(a_panel), a_panel.ui.modelSelector.currentText) == (shipped, PRESELECTED_MODEL)


@pytest.mark.parametrize("ending", ["dialog", "scene", "reload"])
def test_whatever_ends_during_a_download_leaves_nothing_running(a_desktop, store, serve, reach, a_panel, ending):
    server, place = serve(stalls_half_way)
    ModelSettings().accept("liver", "CC BY-SA 4.0")
    with server:
        reach(server)
        models = open_models(a_desktop, a_panel)
        read_catalogue(a_desktop, models, place)
        choose_model(a_desktop, models, "liver")
        click(models.ui.downloadButton)
        wait_until(a_desktop, server.stalled.is_set, PATIENCE_S)
        assert len(workers()) == 1
        if ending == "dialog":
            press_close(models.ui.searchEdit.window())
        elif ending == "scene":
            slicer.mrmlScene.Clear(False)
        else:
            a_desktop.modules.reload("MedInsightSegment")
        wait_until(a_desktop, lambda: workers() == [], 30)
    assert not (store / "liver").exists()
    panel = a_desktop.modules.module("MedInsightSegment").enter()
    assert listed(open_models(a_desktop, panel))["hippocampus"] == "shipped"
    assert not panel.panel.models.panel.jobs.busy


def test_the_console_fetches_a_model(a_desktop, store, serve, reach, a_panel):
    server, place = serve()
    with server:
        reach(server)
        assert a_panel.logic.getModel("liver", acceptLicence=True, catalogue=place) == "liver"
    assert (store / "liver" / "model.safetensors").read_bytes() == WEIGHTS


def test_both_panels_offer_what_was_imported_and_keep_their_choice(a_desktop, store, liver, a_panel):
    shipped = offered(a_panel)
    module = a_desktop.modules.module("Med3DInsight")
    insight = a_desktop.show(module)
    assert "liver" not in insight.ui.modelsLabel.text
    make_bundle(store / "liver", liver.card)
    insight.panel.onModelsChanged()
    assert "Liver &lt;b&gt;" in insight.ui.modelsLabel.text
    click(insight.ui.moreModelsButton)
    assert insight.panel.models.window.visible
    assert listed(insight.panel.models.panel)["liver"] == "installed"
    module.exit()
    panel = a_desktop.show(a_desktop.modules.module("MedInsightSegment"))
    assert (offered(panel), panel.ui.modelSelector.currentText) == ([*shipped, "liver"], "hippocampus")


def test_a_damaged_model_is_not_offered_and_the_dialog_says_why(a_desktop, store, liver, a_panel):
    shipped = offered(a_panel)
    make_bundle(store / "liver", liver.card)
    (store / "liver" / "card.json").write_text("{")
    a_panel.panel.segment.refreshModels()
    assert offered(a_panel) == shipped
    models = open_models(a_desktop, a_panel)
    assert listed(models)["liver"] == "damaged"
    assert "card.json" in choose_model(a_desktop, models, "liver")
    assert models.ui.removeButton.enabled


def test_another_folder_of_models_is_chosen_by_clicks_and_the_selectors_follow(
    a_desktop, store, liver, a_panel, tmp_path, monkeypatch
):
    make_bundle(tmp_path / "shared" / "liver", liver.card)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    models = open_models(a_desktop, a_panel)
    assert models.ui.storeLabel.text == str(store)
    assert not models.ui.chooseStoreButton.enabled
    assert "MED3DINSIGHT_MODELS" in models.ui.chooseStoreButton.toolTip
    monkeypatch.delenv("MED3DINSIGHT_MODELS")
    press_close(a_panel.panel.models.window)
    models = open_models(a_desktop, a_panel)
    usual = models.ui.storeLabel.text
    shipped = offered(a_panel)
    a_desktop.dialogs.answer("Folder to keep models in", str(tmp_path / "shared"))
    click(models.ui.chooseStoreButton)
    assert models.ui.storeLabel.text == str(tmp_path / "shared")
    assert listed(models)["liver"] == "installed"
    assert offered(a_panel) == [*shipped, "liver"]
    click(models.ui.usualStoreButton)
    assert (models.ui.storeLabel.text, offered(a_panel)) == (usual, shipped)
