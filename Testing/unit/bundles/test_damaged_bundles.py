"""What cannot be right in a bundle is one error when it is opened or loaded, not a crash or a wrong result later."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from Med3DInsightLib.bundles import Architecture, Bundle, BundleError, HeadKind
from Med3DInsightLib.bundles.bundle import sha256_of, write_card
from Med3DInsightLib.networks.factory import build_network, load_network, save_network


def with_weights(bundle, change):
    """The bundle with one kernel changed, and a card that agrees with it."""
    tensors = load_file(bundle.weights_path)
    kernel = next(key for key in tensors if key.startswith("backbone.stem") and key.endswith("weight"))
    save_file(tensors | {kernel: change(tensors[kernel])}, bundle.weights_path)
    write_card(bundle.folder, replace(bundle.card, weights_sha256=sha256_of(bundle.weights_path)))
    return Bundle.open(bundle.folder)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), 1e300])
def test_weights_that_float32_cannot_hold_are_refused(a_bundle, number):
    bundle = with_weights(a_bundle, lambda kernel: torch.full_like(kernel, number, dtype=torch.float64))
    with pytest.raises(BundleError, match="backbone.stem.*NaN, infinite or beyond float32. Ask whoever made"):
        load_network(bundle)


@pytest.mark.parametrize("dtype", [torch.int64, torch.bool, torch.complex64])
def test_weights_of_another_kind_of_number_are_refused(a_bundle, dtype):
    bundle = with_weights(a_bundle, lambda kernel: kernel.to(dtype))
    with pytest.raises(BundleError, match=rf"backbone.stem.*holds {dtype}, the architecture needs torch.float32"):
        load_network(bundle)


def test_float64_weights_are_loaded(a_bundle):
    bundle = with_weights(a_bundle, lambda kernel: kernel.double())
    assert all(parameter.dtype == torch.float32 for parameter in load_network(bundle).parameters())


def test_structures_and_classes_have_names_of_their_own(a_card):
    twins = tuple(replace(segment, name="kidney") for segment in a_card.segments)
    with pytest.raises(ValueError, match="'kidney' is the name of several structures or classes"):
        replace(a_card, segments=twins)
    classifier = Architecture("segresnet", {}, HeadKind.CLASSIFICATION, 3)
    with pytest.raises(ValueError, match="'b' is the name of several"):
        replace(a_card, architecture=classifier, segments=(), class_names=("a", "b", "b"))


def test_a_card_with_a_name_given_twice_is_refused(a_bundle):
    path = a_bundle.folder / "card.json"
    path.write_text(path.read_text().replace("white matter", "grey matter"))
    with pytest.raises(BundleError, match="'grey matter' is the name of several.*Download or copy the bundle again"):
        Bundle.open(a_bundle.folder)


def test_a_card_that_is_nested_without_end_is_refused(a_bundle):
    (a_bundle.folder / "card.json").write_text("[" * 100_000)
    with pytest.raises(BundleError, match="not valid JSON"):
        Bundle.open(a_bundle.folder)


def test_weights_that_are_gone_after_the_card_was_read_are_named(a_bundle):
    a_bundle.weights_path.unlink()
    with pytest.raises(BundleError, match=r"model\.safetensors: cannot be read \(No such file or directory\)"):
        a_bundle.verify_weights()


def test_distances_that_a_classifier_has_not_learnt_may_be_unknown(a_card, tmp_path):
    architecture = replace(a_card.architecture, head=HeadKind.CLASSIFICATION, classes=2)
    card = replace(a_card, architecture=architecture, segments=(), class_names=("a", "b"))
    bundle = save_network(build_network(architecture), card, tmp_path / "classifier")
    assert load_network(bundle).familiarity.distances.isnan().all()
