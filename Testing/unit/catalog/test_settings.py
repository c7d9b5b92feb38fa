"""What a user has decided about models stays decided: the folder they are kept in, and what licences ask for."""

from __future__ import annotations

from pathlib import Path

import pytest
from Testing.unit.catalog.parts import make_bundle

from Med3DInsightLib.catalog.errors import CatalogueError
from Med3DInsightLib.catalog.installed import InstalledModels
from Med3DInsightLib.catalog.licences import is_permissive, licence_page
from Med3DInsightLib.catalog.places import usual_store_folder
from Med3DInsightLib.catalog.settings import ModelSettings
from Med3DInsightLib.catalog.store import ModelStore


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.delenv("MED3DINSIGHT_MODELS", raising=False)
    return ModelSettings(tmp_path / "models.json")


def test_a_folder_that_was_chosen_holds_the_models_until_the_usual_one_is_chosen_again(settings, tmp_path, a_card):
    models = InstalledModels(store=ModelStore(settings=settings))
    assert settings.store_folder() == usual_store_folder()
    make_bundle(tmp_path / "shared" / "liver", a_card)
    settings.choose_store(tmp_path / "shared")
    assert "liver" in models.names()
    assert ModelSettings(settings.path).store_folder() == tmp_path / "shared"
    settings.choose_store(None)
    assert settings.store_folder() == usual_store_folder()
    assert "liver" not in models.names()


def test_a_folder_is_remembered_by_its_whole_path(settings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings.choose_store(Path("shared"))
    assert settings.store_folder() == tmp_path / "shared"


def test_the_environment_comes_before_what_was_chosen_and_choosing_says_so(settings, tmp_path, monkeypatch):
    settings.choose_store(tmp_path / "shared")
    monkeypatch.setenv("MED3DINSIGHT_MODELS", str(tmp_path / "named"))
    assert ModelStore(settings=settings).folder == tmp_path / "named"
    with pytest.raises(CatalogueError, match="MED3DINSIGHT_MODELS names the folder"):
        settings.choose_store(None)
    monkeypatch.delenv("MED3DINSIGHT_MODELS")
    assert settings.store_folder() == tmp_path / "shared"


def test_settings_of_before_the_folder_could_be_chosen_are_read(settings):
    settings.path.write_text('{"format_version": 1, "catalogues": ["/a.json"], "accepted_licences": []}')
    assert settings.store_folder() == usual_store_folder()
    settings.choose_store(Path("/share"))
    assert settings.read().catalogues == ("/a.json",)


@pytest.mark.parametrize(
    ("licence", "page"),
    [
        ("CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
        ("cc-by-nc-nd-3.0", "https://creativecommons.org/licenses/by-nc-nd/3.0/"),
        ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
        ("CC BY-SA 4.0/../evil", ""),
        ("GPL-3.0", ""),
        ("", ""),
    ],
)
def test_a_creative_commons_licence_has_a_page(licence, page):
    assert licence_page(licence) == page
    assert not is_permissive(licence) or licence == "CC BY 4.0"


def test_what_a_killed_removal_has_left_goes_with_the_next(settings, tmp_path, a_card):
    store = ModelStore(tmp_path / "store", settings)
    make_bundle(store.folder / "liver", a_card)
    left = store.folder / ".removed-abc" / "spleen"
    left.mkdir(parents=True)
    (left / "card.json").write_text("{}")
    about_to_be_used = store.folder / ".removed-def"
    about_to_be_used.mkdir()
    store.remove("liver")
    assert sorted(path.name for path in store.folder.iterdir()) == [".locks", ".removed-def"]
