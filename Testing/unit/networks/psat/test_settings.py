"""The published sizes, settings as data, and PSAT in a bundle."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter, ValidationError
from safetensors.torch import load_file

from Med3DInsightLib.bundles import Architecture, Bundle, BundleError, HeadKind, ModelCard, PsatSettings
from Med3DInsightLib.networks.backbones.backbone import Backbone
from Med3DInsightLib.networks.factory import build_network, load_network, save_network
from Med3DInsightLib.networks.pretrained_encoder import PretrainedEncoder
from Med3DInsightLib.networks.psat.factory import build_psat
from Med3DInsightLib.volumes import Grid
from Med3DInsightLib.volumes.slices import Plane, slices_of

from .parts import GRIDS, SMALL

NNFORMER_CHANNELS, NNFORMER_STRIDES = (96, 192, 384, 768), (4, 8, 16, 32)


def parameters_of(module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def linear(inputs: int, outputs: int) -> int:
    return inputs * outputs + outputs


@pytest.mark.parametrize("feed_forward", [2048, 8])
def test_the_faithful_setting_has_the_published_sizes(feed_forward):
    """6 layers, width 768, 300 queries, 3 x 128 positions, read-out 512, from arXiv 2509.09064."""
    with torch.device("meta"):
        psat = build_psat(
            replace(PsatSettings.faithful(), feed_forward=feed_forward), NNFORMER_CHANNELS, NNFORMER_STRIDES
        )
    attention, norm = 4 * linear(768, 768), 2 * 768
    layer = 2 * attention + linear(768, feed_forward) + linear(feed_forward, 768) + 3 * norm
    assert parameters_of(psat.tokens) == 0
    assert parameters_of(psat.conditioning) == 3 * 128 * 768
    assert parameters_of(psat.queries) == 300 * 768
    assert [parameters_of(one) for one in psat.decoder.layers] == [layer] * 6
    assert parameters_of(psat.decoder) == 6 * layer + norm
    assert parameters_of(psat.read_out) == linear(768, 512)
    assert {one.self_attention.heads for one in psat.decoder.layers} == {8}
    assert {one.dropout.p for one in psat.decoder.layers} == {0.1}
    assert parameters_of(psat) == 3 * 128 * 768 + 300 * 768 + 6 * layer + norm + linear(768, 512)


def test_the_faithful_setting_attends_the_64_tokens_of_nnformers_bottleneck():
    with torch.device("meta"):
        psat = build_psat(PsatSettings.faithful(), NNFORMER_CHANNELS, NNFORMER_STRIDES)
    bottleneck = torch.randn(1, 768, 4, 4, 4)
    memory = psat.tokens([bottleneck], [Grid((128, 128, 128), np.eye(4))])
    assert torch.equal(memory.tokens, bottleneck.flatten(2).transpose(1, 2))
    assert memory.tokens.shape == (1, 64, 768)


def test_the_default_has_the_depth_and_width_of_the_paper_and_mends_five_things():
    default, faithful = PsatSettings(), PsatSettings.faithful()
    differ = {name for name in PsatSettings.__dataclass_fields__ if getattr(default, name) != getattr(faithful, name)}
    assert differ == {"queries", "conditioning", "condition_tokens", "token_positions", "normalise_tokens"}


@pytest.mark.parametrize("settings", [PsatSettings(), PsatSettings.faithful(), replace(SMALL, levels=2, dropout=0.0)])
def test_settings_survive_json(settings):
    adapter = TypeAdapter(PsatSettings)
    assert adapter.validate_json(adapter.dump_json(settings)) == settings


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"width": 100, "heads": 8}, "width 100 cannot be shared among 8 heads"),
        ({"queries": 0}, "queries is 0"),
        ({"levels": 0}, "levels is 0"),
        ({"dropout": 1.0}, "dropout is 1.0"),
    ],
)
def test_settings_that_cannot_be_built_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        PsatSettings(**changes)
    with pytest.raises(ValidationError, match=message):
        TypeAdapter(PsatSettings).validate_python(changes)


@pytest.fixture
def an_encoder_card(a_card) -> ModelCard:
    architecture = Architecture(
        "segresnet", {"init_filters": 8, "blocks": [1, 1, 1]}, HeadKind.NONE, psat=replace(SMALL, levels=2)
    )
    return replace(a_card, architecture=architecture, segments=(), teacher="example/teacher@0123abc")


@pytest.fixture
def an_encoder_bundle(an_encoder_card, tmp_path) -> Bundle:
    torch.manual_seed(0)
    return save_network(build_network(an_encoder_card.architecture), an_encoder_card, tmp_path / "encoder")


def changed_card(bundle: Bundle, change) -> Bundle:
    path = bundle.folder / "card.json"
    entries = json.loads(path.read_text())
    change(entries)
    path.write_text(json.dumps(entries))
    return Bundle.open(bundle.folder)


@torch.inference_mode()
def test_a_pretrained_encoder_comes_back_from_its_bundle(an_encoder_bundle, an_encoder_card):
    opened = Bundle.open(an_encoder_bundle.folder)
    assert opened.card.architecture == an_encoder_card.architecture
    assert opened.card.teacher == "example/teacher@0123abc"
    torch.manual_seed(0)
    original = build_network(an_encoder_card.architecture).eval()
    loaded = load_network(opened)
    assert isinstance(loaded, PretrainedEncoder)
    assert isinstance(loaded.backbone, Backbone)
    x, grids = torch.randn(2, 1, 32, 48, 64), GRIDS
    places = [slices_of(grid, Plane.AXIAL)[:3] for grid in grids]
    embeddings = loaded(x, grids, places)
    assert embeddings.shape == (2, 3, 7)
    assert torch.equal(embeddings, original(x, grids, places))


def test_backbone_and_psat_have_their_own_prefix(an_encoder_bundle):
    names = load_file(an_encoder_bundle.weights_path)
    assert {name.split(".")[0] for name in names} == {"backbone", "psat"}


def test_a_card_from_before_psat_is_read_as_one_without(a_bundle):
    def before(entries):
        del entries["architecture"]["psat"], entries["teacher"]

    opened = changed_card(a_bundle, before)
    assert opened.card.architecture.psat is None
    assert load_network(opened).classes == 3


def psat_of(entries):
    return entries["architecture"]["psat"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda entries: psat_of(entries).update(flavour=1), r"architecture\.psat\.flavour"),
        (lambda entries: psat_of(entries).update(conditioning="by smell"), r"architecture\.psat\.conditioning"),
        (lambda entries: psat_of(entries).update(heads=7), "cannot be shared among 7 heads"),
        (lambda entries: entries.update(teacher=""), "psat and the name of its teacher belong together"),
        (lambda entries: entries["architecture"].update(psat=None), "belong together"),
        (lambda entries: entries["architecture"].update(head="segmentation"), "'segmentation' has no psat"),
    ],
)
def test_a_card_whose_psat_is_wrong_is_one_clear_error(an_encoder_bundle, change, message):
    with pytest.raises(BundleError, match=message) as caught:
        changed_card(an_encoder_bundle, change)
    assert "card.json" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda entries: psat_of(entries).update(levels=4), "attends 4 levels, and the backbone has 3"),
        (lambda entries: psat_of(entries).update(queries=6), r"'psat.queries.vectors' has shape \(5, 24\)"),
        (lambda entries: psat_of(entries).update(layers=2), "unknown entry 'psat.decoder.layers.2"),
    ],
)
def test_weights_that_do_not_fit_the_settings_are_refused(an_encoder_bundle, change, message):
    with pytest.raises(BundleError, match=message):
        load_network(changed_card(an_encoder_bundle, change))
