"""What is fetched is what the catalogue says, and replaces another version only on request."""

from __future__ import annotations

from dataclasses import replace

import pytest
from Testing.unit.catalog.parts import WEIGHTS, hub_entry, left_in, make_bundle, serving

from Med3DInsightLib.bundles import BundleError
from Med3DInsightLib.catalog.errors import StoreError


def test_a_card_that_says_something_else_than_the_catalogue_is_refused(get, a_card, store, tmp_path):
    other = make_bundle(tmp_path / "made" / "liver", a_card, licence="CC BY-NC 4.0")
    lying = replace(hub_entry(other), licence="MIT")
    with serving(other) as server, pytest.raises(BundleError, match="licence is 'CC BY-NC 4.0' in the card and 'MIT'"):
        get(server, entry=lying)
    assert left_in(store) == []


def test_another_version_is_replaced_only_on_request(get, a_card, liver, store, tmp_path):
    with serving(liver) as server:
        get(server)
    newer = make_bundle(tmp_path / "newer" / "liver", a_card, b"new" * 1000, version="2.0.0")
    with serving(newer) as server:
        with pytest.raises(StoreError, match="another version.*--replace"):
            get(server, entry=hub_entry(newer))
        assert (store.folder / "liver" / "model.safetensors").read_bytes() == WEIGHTS
        assert get(server, entry=hub_entry(newer), in_place=True).version == "2.0.0"
    assert left_in(store) == ["liver"]


def test_a_damaged_copy_is_replaced(get, liver, store):
    with serving(liver) as server:
        get(server)
        (store.folder / "liver" / "model.safetensors").write_bytes(b"rotten")
        get(server)
    assert (store.folder / "liver" / "model.safetensors").read_bytes() == WEIGHTS
