"""A bundle is what its card says, or it is refused in one line."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest
import torch
from pydantic import TypeAdapter
from safetensors.torch import load_file, save_file

from Med3DInsightLib.bundles import Bundle, BundleError, ModelCard
from Med3DInsightLib.bundles.bundle import sha256_of
from Med3DInsightLib.networks.factory import build_network, load_network, save_network


def change_card(bundle, **changes):
    path = bundle.folder / "card.json"
    entries = json.loads(path.read_text())
    for key, value in changes.items():
        place = entries
        *parents, last = key.split("__")
        for parent in parents:
            place = place[parent]
        if value is None:
            del place[last]
        else:
            place[last] = value
    path.write_text(json.dumps(entries))


def change_weights(bundle, tensors):
    """Replace the weights and let the card agree with them."""
    save_file(tensors, bundle.weights_path)
    change_card(bundle, weights_sha256=sha256_of(bundle.weights_path))


def test_a_bundle_gives_back_the_card_and_the_network(a_bundle, a_card):
    opened = Bundle.open(a_bundle.folder)
    assert opened.card.segments == a_card.segments
    assert opened.card.recipe == a_card.recipe
    torch.manual_seed(0)
    original = build_network(a_card.architecture).eval()
    x = torch.randn(1, 1, 16, 16, 16)
    assert torch.equal(load_network(opened)(x), original(x))


def test_half_precision_weights_are_loaded_as_float32(a_card, tmp_path):
    bundle = save_network(build_network(a_card.architecture), a_card, tmp_path / "half", torch.float16)
    assert all(tensor.dtype == torch.float16 for tensor in load_file(bundle.weights_path).values())
    assert all(parameter.dtype == torch.float32 for parameter in load_network(bundle).parameters())


def test_weights_may_be_read_by_whoever_may_read_the_card(a_bundle):
    assert a_bundle.weights_path.stat().st_mode == (a_bundle.folder / "card.json").stat().st_mode


def test_a_bundle_holds_nothing_but_a_card_and_safetensors(a_bundle):
    assert sorted(path.name for path in a_bundle.folder.iterdir()) == ["card.json", "model.safetensors"]


def test_a_mirrored_average_needs_both_sides_of_every_structure(a_card):
    first, second = a_card.segments
    for names in [("kidney_left", "kidney_right"), ("Left Lung", "right lung"), ("aorta", "leftover")]:
        pair = replace(first, name=names[0]), replace(second, name=names[1])
        assert replace(a_card, segments=pair, mirrored_average=True).mirrored_average
    alone = replace(first, name="Kidney_Left"), second
    assert not replace(a_card, segments=alone).mirrored_average
    with pytest.raises(ValueError, match="both sides of a structure, and 'Kidney_Left' has no twin"):
        replace(a_card, segments=alone, mirrored_average=True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format_version": 2}, "format version 2.*Update Med3DInsight"),
        ({"format_version": "new"}, "not a positive whole number"),
        ({"format_version": None}, "no format_version"),
        ({"recipe": None}, "recipe: Field required"),
        ({"recipe__spacing_ijk_mm": None}, r"recipe\.spacing_ijk_mm: Field required"),
        ({"recipe__spacing_ijk_mm": [0, 1, 1]}, "positive"),
        ({"recipe__spacing_ijk_mm": "wide"}, r"recipe\.spacing_ijk_mm"),
        ({"architecture__classes": 7}, "7 classes need label values"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_card_that_does_not_fit_the_format_is_refused(a_bundle, changes, message):
    change_card(a_bundle, **changes)
    with pytest.raises(BundleError, match=message) as caught:
        Bundle.open(a_bundle.folder)
    assert "card.json" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_card_that_is_not_json_is_refused(a_bundle):
    (a_bundle.folder / "card.json").write_text("{")
    with pytest.raises(BundleError, match="not valid JSON"):
        Bundle.open(a_bundle.folder)


@pytest.mark.parametrize("name", ["card.json", "model.safetensors"])
def test_a_missing_file_is_named(a_bundle, name):
    (a_bundle.folder / name).unlink()
    with pytest.raises(BundleError, match=f"no {name}"):
        Bundle.open(a_bundle.folder)


def test_changed_weights_are_refused_before_they_are_read(a_bundle):
    with a_bundle.weights_path.open("r+b") as stream:
        stream.seek(-1, 2)
        stream.write(b"\x00" if stream.read(1) != b"\x00" else b"\x01")
    with pytest.raises(BundleError, match="hash of the weights"):
        load_network(a_bundle)


def test_a_pickle_in_the_place_of_the_weights_is_not_unpickled(a_bundle, tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    torch.save({"weight": Trap()}, a_bundle.weights_path)
    change_card(a_bundle, weights_sha256=sha256_of(a_bundle.weights_path))
    with pytest.raises(BundleError, match="cannot be read"):
        load_network(Bundle.open(a_bundle.folder))
    assert not (tmp_path / "sprung").exists()


def test_a_missing_an_unknown_and_a_misshapen_entry_are_named(a_bundle):
    tensors = load_file(a_bundle.weights_path)
    kernel = next(key for key in tensors if key.startswith("backbone.stem") and key.endswith("weight"))
    change_weights(a_bundle, {key: tensor for key, tensor in tensors.items() if key != kernel})
    with pytest.raises(BundleError, match=f"lack entry '{kernel}'"):
        load_network(Bundle.open(a_bundle.folder))
    change_weights(a_bundle, tensors | {"extra": torch.zeros(1)})
    with pytest.raises(BundleError, match="unknown entry 'extra'"):
        load_network(Bundle.open(a_bundle.folder))
    change_weights(a_bundle, tensors | {kernel: torch.zeros(1, 2, 3)})
    with pytest.raises(BundleError, match=r"has shape \(1, 2, 3\)"):
        load_network(Bundle.open(a_bundle.folder))


def test_an_unknown_backbone_is_refused(a_bundle):
    change_card(a_bundle, architecture__backbone="net-of-tomorrow")
    with pytest.raises(BundleError, match="no backbone 'net-of-tomorrow'"):
        load_network(Bundle.open(a_bundle.folder))


def test_a_backbone_that_cannot_be_built_is_refused(a_bundle):
    change_card(a_bundle, architecture__backbone_arguments={"blocks": []})
    with pytest.raises(BundleError, match="there is at least one level"):
        load_network(Bundle.open(a_bundle.folder))


def test_an_interrupted_writing_leaves_a_bundle_that_is_refused(a_bundle, a_card):
    """The card is written last: new weights with the old card do not pass."""
    torch.manual_seed(1)
    other = {name: tensor.contiguous() for name, tensor in build_network(a_card.architecture).state_dict().items()}
    save_file(other, a_bundle.weights_path)
    with pytest.raises(BundleError, match="hash"):
        load_network(Bundle.open(a_bundle.folder))


def test_a_card_is_read_anew_each_time_which_costs_little(a_bundle):
    """Panels read it whenever they refresh; what is expensive is to find out what a card may look like."""
    assert Bundle.open(a_bundle.folder).card.title != "another"

    began = time.process_time()
    TypeAdapter(ModelCard)
    between = time.process_time()
    for _ in range(5):
        Bundle.open(a_bundle.folder)
    assert time.process_time() - between < between - began

    change_card(a_bundle, title="another")
    assert Bundle.open(a_bundle.folder).card.title == "another"
