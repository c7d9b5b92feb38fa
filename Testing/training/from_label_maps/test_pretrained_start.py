"""A network that learns from label maps may begin with an encoder that was pretrained."""

from __future__ import annotations

from dataclasses import replace

import torch
from safetensors.torch import load_file

from Med3DInsightLib.bundles import HeadKind
from Med3DInsightLib.networks.factory import build_network, save_network
from med3dtrain.from_label_maps.recipe import LabelMapRecipe

from .training import trained


def likeness(one, other):
    """1 if one is the other times a positive number."""
    return float(torch.cosine_similarity(one.float().flatten(), other.float().flatten(), dim=0))


def test_the_weights_of_an_encoder_are_learnt_on_and_the_head_is_fresh(a_recipe_file, a_label_folder, tmp_path):
    recipe = a_recipe_file.read_text()
    still = tmp_path / "still.toml"
    still.write_text(recipe.replace("learning_rate = 1.5e-3", "learning_rate = 1e-12"))
    assert still.read_text() != recipe
    card = LabelMapRecipe.read(still).card
    encoder_card = replace(
        card, name="encoder", segments=(), architecture=replace(card.architecture, head=HeadKind.NONE, classes=0)
    )
    torch.manual_seed(5)
    encoder = save_network(build_network(encoder_card.architecture), encoder_card, tmp_path / "encoder")

    pretrained = load_file(trained(still, a_label_folder, tmp_path / "pretrained", encoder).weights_path)
    fresh = load_file(trained(still, a_label_folder, tmp_path / "fresh").weights_path)

    of_encoder = load_file(encoder.weights_path)
    kernels = [name for name, tensor in of_encoder.items() if tensor.dim() == 5]
    assert kernels
    for name in kernels:  # they are the same but for the scales of levels, see even_levels()
        assert likeness(pretrained[f"backbone.{name}"], of_encoder[name]) > 0.9999
        assert likeness(fresh[f"backbone.{name}"], of_encoder[name]) < 0.5
    of_decoder = [name for name, tensor in fresh.items() if name.startswith("decoder.") and tensor.dim() == 5]
    assert of_decoder
    for name in of_decoder:
        assert torch.equal(pretrained[name], fresh[name])
