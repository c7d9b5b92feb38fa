"""Bundles are imported, found, checked and removed; what is no bundle leaves the store as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from Testing.unit.catalog.parts import WEIGHTS, a_service, elsewhere, hub_entry, left_in, make_bundle, write_catalogue

from Med3DInsightLib.bundles import BundleError
from Med3DInsightLib.catalog.catalogue import Catalogue
from Med3DInsightLib.catalog.errors import CatalogueError, FetchError, LicenceNotAccepted, StoreError
from Med3DInsightLib.catalog.installed import InstalledModels, Place
from Med3DInsightLib.catalog.listing import ModelList
from Med3DInsightLib.catalog.requests import GetModelRequest, ImportModelRequest, VerifyModelsRequest
from Med3DInsightLib.catalog.settings import ModelSettings
from Med3DInsightLib.catalog.sources import FolderSource
from Med3DInsightLib.catalog.store import ModelStore


@pytest.fixture
def liver(a_card, tmp_path):
    return make_bundle(tmp_path / "usb", a_card)


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "store")


@pytest.fixture
def models(store):
    return InstalledModels(store=store)


@pytest.fixture
def bring_in(store, tmp_path):
    """Imports a folder."""
    return lambda folder, **options: a_service(tmp_path).import_model(
        ImportModelRequest(folder, store.folder, **options)
    )


def test_an_imported_bundle_is_found_by_the_name_on_its_card(bring_in, liver, models, tmp_path):
    (liver.folder / "model.safetensors").chmod(0o777)  # as everything on a USB drive
    model = bring_in(liver.folder)
    assert (model.name, model.folder) == ("liver", tmp_path / "store" / "liver")
    assert {"hippocampus", "liver"} <= set(models.names())
    assert models.find("liver").card == liver.card
    assert (models.place_of("liver"), models.place_of("hippocampus")) == (Place.STORE, Place.SHIPPED)
    assert not os.access(model.folder / "model.safetensors", os.X_OK)
    assert models.find(liver.folder).card == liver.card
    with pytest.raises(BundleError, match="no model 'spleen'.*liver.*models list"):
        models.find("spleen")


def link(folder):
    (folder / "card.json").rename(folder.parent / "card.json")
    (folder / "card.json").symlink_to(folder.parent / "card.json")


def pipe(folder):
    (folder / "model.safetensors").unlink()
    os.mkfifo(folder / "model.safetensors")


@pytest.mark.parametrize(
    ("spoil", "cause"),
    [
        (link, "card.json: is a link"),
        (pipe, "model.safetensors: does not belong"),
        (lambda folder: (folder / "run.py").write_text("print()"), "run.py: does not belong"),
        (lambda folder: (folder / "model.so").touch(0o755), "model.so: does not belong"),
        (lambda folder: (folder / "more").mkdir(), "more: does not belong"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"other"), "hash of the weights"),
        (lambda folder: (folder / "card.json").write_text("{"), "not valid JSON"),
        (lambda folder: (folder / "model.safetensors").unlink(), "no model.safetensors"),
        (lambda folder: (folder / "vocabulary.safetensors").write_bytes(b"x"), "hash of the vocabulary"),
    ],
)
def test_what_is_no_bundle_is_refused_and_nothing_is_written(bring_in, liver, store, spoil, cause):
    spoil(liver.folder)
    with pytest.raises(BundleError, match=cause):
        bring_in(liver.folder)
    assert left_in(store) == []
    assert not list(store.folder.glob(".partial/*"))


@pytest.mark.parametrize("name", ["../../x", "..", "/etc/x", "a/b", ".hidden", "con", "a\\b"])
def test_a_name_on_a_card_does_not_lead_out_of_the_store(bring_in, a_card, store, tmp_path, name):
    bundle = make_bundle(tmp_path / "usb", a_card, name=name)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(BundleError, match="cannot be the name"):
        bring_in(bundle.folder)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_shipped_model_keeps_its_name(bring_in, a_card, models, store, tmp_path):
    bundle = make_bundle(tmp_path / "usb", a_card, name="hippocampus")
    with pytest.raises(StoreError, match="'hippocampus' is the name of a model that comes with the extension"):
        bring_in(bundle.folder)
    assert models.hidden() == []
    # The store may hold one from before the extension shipped a model of that name.
    bundle.folder.rename(tmp_path / "hippocampus")
    store.folder.mkdir(exist_ok=True)
    (tmp_path / "hippocampus").rename(store.folder / "hippocampus")
    assert models.find("hippocampus").folder.parent == models.shipped.folder
    assert models.hidden() == ["hippocampus"]
    assert models.names().count("hippocampus") == 1


def test_a_licence_that_asks_for_more_is_accepted_once_for_this_model(bring_in, a_card, store, tmp_path):
    bundle = make_bundle(tmp_path / "usb", a_card, licence="CC BY-SA 4.0")
    with pytest.raises(LicenceNotAccepted, match="'liver' is CC BY-SA 4.0.*Read what it asks for.*--accept-licence"):
        bring_in(bundle.folder)
    assert not store.folder.exists()
    bring_in(bundle.folder, accept_licence=True)
    store.remove("liver")
    assert bring_in(bundle.folder).name == "liver"
    other = make_bundle(tmp_path / "usb", a_card, licence="CC BY-SA 4.0", name="spleen")
    with pytest.raises(LicenceNotAccepted):
        bring_in(other.folder)


def test_a_model_on_a_shared_drive_is_copied_and_checked(liver, store, tmp_path):
    place = write_catalogue(tmp_path / "c.json", elsewhere(hub_entry(liver), FolderSource("usb")))
    request = GetModelRequest("liver", (place,), store.folder)
    assert a_service(tmp_path).get(request).folder == store.folder / "liver"
    store.remove("liver")
    link(liver.folder)
    with pytest.raises(FetchError, match="card.json: is a link"):
        a_service(tmp_path).get(request)
    assert left_in(store) == []


def test_damage_is_found(bring_in, liver, store, tmp_path):
    folder = bring_in(liver.folder).folder
    service, request = a_service(tmp_path), VerifyModelsRequest(("liver", "hippocampus"), store.folder)
    assert [model.damage for model in service.verify(request)] == ["", ""]
    (folder / "model.safetensors").write_bytes(WEIGHTS[:-1] + b"?")
    assert "hash of the weights" in service.verify(request)[0].damage
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    (folder / "run.py").touch()
    assert "run.py" in service.verify(request)[0].damage
    with pytest.raises(BundleError, match="no model 'spleen'"):
        service.verify(VerifyModelsRequest(("spleen",), store.folder))


def test_removing_takes_only_what_is_in_the_store(bring_in, liver, store):
    bring_in(liver.folder)
    for name in ("spleen", "../usb", "."):
        with pytest.raises(StoreError):
            store.remove(name)
    store.remove("liver")
    assert (store.names(), left_in(store)) == ([], [])
    assert liver.folder.is_dir()


def test_a_list_joins_what_is_installed_with_what_can_be_fetched(bring_in, liver, a_card, models, tmp_path):
    bring_in(liver.folder)
    newer = replace(hub_entry(liver), version="2.0.0")
    spleen = hub_entry(make_bundle(tmp_path / "spleen", a_card, name="spleen", title="Spleen", licence="CC BY-SA 4.0"))
    listed = ModelList(models, [Catalogue(1, (newer, spleen))])
    assert [model.name for model in listed.matching()] == sorted({*models.shipped.names(), "liver", "spleen"})
    assert [model.name for model in listed.matching("cc by-sa GREY")] == ["spleen"]
    assert "spleen" not in [model.name for model in listed.matching(installed_only=True)]
    assert listed.named("liver").update == "2.0.0"
    assert (listed.named("spleen").place, listed.named("spleen").must_be_accepted) == (None, True)
    (models.store.folder / "liver" / "card.json").write_text("{")
    assert "not valid JSON" in listed.named("liver").problem
    with pytest.raises(CatalogueError, match="no model 'lung'.*--catalogue"):
        listed.named("lung")
    with pytest.raises(CatalogueError, match="two catalogues have a model of the name 'liver'"):
        ModelList(models, [Catalogue(1, (newer,)), Catalogue(1, (hub_entry(liver),))])


_TELLS = """
import sys
from pathlib import Path
from Med3DInsightLib.catalog.errors import StoreError
from Med3DInsightLib.catalog.installed import InstalledModels
from Med3DInsightLib.catalog.listing import ModelList
from Med3DInsightLib.catalog.store import ModelStore
store = ModelStore(Path(sys.argv[1]))
print(ModelList(InstalledModels(store=store), []).named("liver").problem)
store.folder.chmod(0)
try:
    store.names()
except StoreError as error:
    print(error)
store.folder.chmod(0o700)
"""


def test_what_may_not_be_read_is_told_in_one_line(bring_in, liver, store):
    bring_in(liver.folder)
    (store.folder / "liver").chmod(0)
    # Root may read everything; without these capabilities it is a user like others.
    powers = "-dac_override,-dac_read_search"
    as_others = ["setpriv", f"--bounding-set={powers}", f"--inh-caps={powers}"] if os.geteuid() == 0 else []
    command = [*as_others, sys.executable, "-c", _TELLS, str(store.folder)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    (store.folder / "liver").chmod(0o700)
    assert told == [
        f"{store.folder / 'liver' / 'card.json'}: cannot be read (Permission denied)."
        " Check that you are allowed to read it.",
        f"{store.folder}: the model store cannot be read (Permission denied). Choose another folder of models"
        " (on the command line: med3dinsight models store --folder).",
    ]


def test_settings_are_kept_and_damage_to_them_is_told(tmp_path):
    settings = ModelSettings(tmp_path / "settings" / "models.json")
    settings.add_catalogue("https://host/c.json")
    settings.accept("liver", "GPL-3.0")
    assert settings.read().catalogues == ("https://host/c.json",)
    assert settings.accepts("liver", "GPL-3.0")
    assert not settings.accepts("spleen", "GPL-3.0")
    settings.remove_catalogue("https://host/c.json")
    with pytest.raises(CatalogueError, match="not among the catalogues"):
        settings.remove_catalogue("https://host/c.json")
    settings.path.write_text(json.dumps({"surprise": 1}))
    with pytest.raises(CatalogueError, match=r"models.json: the settings are not valid.*delete it"):
        settings.read()
