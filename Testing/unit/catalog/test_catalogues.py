"""Catalogues are data of a strict form, and names in them are safe as folders."""

from __future__ import annotations

import json
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from Testing.shipped_catalogue import shipped_catalogue
from Testing.unit.catalog.parts import hub_entry, make_bundle, write_catalogue

from Med3DInsightLib.catalog.catalogue import (
    Catalogue,
    catalogue_from_web,
    catalogue_text,
    parse_catalogue,
    read_catalogue,
    shipped_catalogue_path,
)
from Med3DInsightLib.catalog.errors import CatalogueError
from Med3DInsightLib.catalog.licences import is_permissive
from Med3DInsightLib.catalog.shipped import ShippedModels
from Med3DInsightLib.catalog.texts import inner_folder, model_name


@pytest.fixture
def told(a_card, tmp_path):
    """A catalogue with one model, as JSON that may be spoilt."""
    return json.loads(catalogue_text(Catalogue(1, (hub_entry(make_bundle(tmp_path / "liver", a_card)),))))


def test_the_shipped_catalogue_says_what_the_shipped_bundles_are():
    present = read_catalogue(shipped_catalogue_path())
    assert shipped_catalogue(ShippedModels(), present) == present, "run: python -m Testing.shipped_catalogue"


def test_a_catalogue_survives_writing_and_reading(told):
    catalogue = parse_catalogue(json.dumps(told).encode(), "here")
    assert parse_catalogue(catalogue_text(catalogue).encode(), "here") == catalogue
    assert catalogue.entry("liver").size_bytes == sum(file.size_bytes for file in catalogue.entry("liver").files)


@pytest.mark.parametrize(
    ("place", "value", "cause"),
    [
        (("models", 0, "files", 0, "name"), "../../x", "files.0.name.*card.json"),
        (("models", 0, "files", 0, "name"), "run.py", "files.0.name.*card.json"),
        (("models", 0, "files", 1, "name"), "card.json", "listed twice"),
        (("models", 0, "files", 1, "sha256"), "abc", "sha256"),
        (("models", 0, "files", 1, "size_bytes"), -1, "size_bytes"),
        (("models", 0, "files", 0, "size_bytes"), 10**9, "card.json is larger"),
        (("models", 0, "name"), "../liver", "cannot be the name"),
        (("models", 0, "title"), "\x1b[31mred", "cannot be printed"),
        (("models", 0, "licence"), " ", "empty"),
        (("models", 0, "task"), "cooking", "task"),
        (("models", 0, "source", "revision"), "main", "revision"),
        (("models", 0, "source", "folder"), "a/../../b", "no folder within"),
        (("models", 0, "source", "kind"), "ftp", "kind"),
        (("models", 0, "source"), {"kind": "web", "base_url": "file:///etc"}, "base_url"),
        (("models", 0, "source"), {"kind": "web", "base_url": "https://me:secret@host/x"}, "base_url"),
        (("models", 0, "run_me"), "rm", "run_me"),
        (("format_version",), 2, "reads up to 1"),
        (("format_version",), True, "no format_version"),
    ],
)
def test_what_the_format_does_not_allow_is_one_line_that_names_the_place(told, place, value, cause):
    *way, last = place
    spoilt = told
    for step in way:
        spoilt = spoilt[step]
    spoilt[last] = value
    with pytest.raises(CatalogueError, match=f"(?s)here: .*{cause}") as error:
        parse_catalogue(json.dumps(told).encode(), "here")
    assert "\n" not in str(error.value)


def test_two_models_of_one_name_are_refused_also_in_other_letters(told):
    told["models"].append({**told["models"][0], "name": "LIVER"})
    with pytest.raises(CatalogueError, match="two models have the name 'liver'"):
        parse_catalogue(json.dumps(told).encode(), "here")


def test_a_folder_is_found_from_the_catalogue_and_only_a_file_may_name_one(told, tmp_path):
    told["models"][0]["source"] = {"kind": "folder", "path": "bundles/liver"}
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps(told))
    assert read_catalogue(path).entry("liver").source.path == str(tmp_path / "bundles" / "liver")
    with pytest.raises(CatalogueError, match=r"https://host.*'liver' is in a folder"):
        catalogue_from_web(path.read_bytes(), "https://host/catalogue.json")


def test_only_the_extension_says_that_a_model_is_shipped(told, tmp_path):
    told["models"][0]["source"] = {"kind": "shipped"}
    (tmp_path / "catalogue.json").write_text(json.dumps(told))
    with pytest.raises(CatalogueError, match="says that it is shipped"):
        read_catalogue(tmp_path / "catalogue.json")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"[" * 100_000, b'{"format_version": 1, "models": {}}'])
def test_what_is_no_catalogue_is_one_line(content):
    with pytest.raises(CatalogueError, match="here: "):
        parse_catalogue(content, "here")


def test_a_catalogue_that_is_not_there_names_its_path(tmp_path):
    with pytest.raises(CatalogueError, match=r"nothing.json: the catalogue cannot be read.*Check the path"):
        read_catalogue(tmp_path / "nothing.json")


def test_written_catalogues_are_read_from_paths(a_card, tmp_path):
    place = write_catalogue(tmp_path / "c.json", hub_entry(make_bundle(tmp_path / "liver", a_card)))
    assert read_catalogue(Path(place)).entry("liver").title == "Tiny"


@given(st.text(max_size=12) | st.from_regex(r"[A-Za-z./\\:-]{1,8}", fullmatch=True))
def test_a_name_that_is_taken_stays_in_its_folder_on_every_system(name):
    try:
        model_name(name)
    except ValueError:
        return
    assert Path("/store", name).parent == Path("/store")
    assert PureWindowsPath("C:/store", name).parent == PureWindowsPath("C:/store")
    assert not name.startswith(".")
    assert not name.endswith((".", " "))


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "a\\b", "C:", "con", "NUL.txt", "COM1", "a b", "-a", "ä", "a" * 101]
)
def test_such_names_are_refused(name):
    with pytest.raises(ValueError, match="cannot be the name"):
        model_name(name)


@given(st.from_regex(r"[a./\\]{0,8}", fullmatch=True))
def test_a_folder_within_a_repository_stays_within_it(folder):
    try:
        inside = inner_folder(folder)
    except ValueError:
        return
    assert ".." not in inside.split("/")
    assert not inside.startswith("/")
    assert "\\" not in inside


def test_licences_that_ask_for_no_more_than_names_need_no_consent():
    assert all(map(is_permissive, ["Apache-2.0", "MIT", "BSD-3-Clause", "CC BY 4.0", "cc-by-4.0", "CC0"]))
    assert not any(map(is_permissive, ["CC BY-SA 4.0", "CC BY-NC 4.0", "GPL-3.0", "research only", ""]))
