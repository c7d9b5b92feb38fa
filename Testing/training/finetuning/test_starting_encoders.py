"""What an encoder knows is taken over, and stays in the bundle as the recipe wants it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from Med3DInsightLib.bundles import Bundle, BundleError
from Med3DInsightLib.catalog.installed import InstalledModels
from Med3DInsightLib.networks.factory import load_network, save_network
from med3dtrain.finetuning.errors import FineTuningError
from med3dtrain.finetuning.planning.starting_encoder import starting_architecture
from med3dtrain.finetuning.settings.network import NetworkSettings
from med3dtrain.finetuning.settings.start import StartSettings

from .data import a_recipe
from .segmenting import run


def test_an_encoder_that_rests_is_the_one_of_the_bundle_at_the_end(undisturbed, a_data_set, tmp_path):
    first = undisturbed / "tiny"
    resting = a_recipe(start=StartSettings(bundle=str(first), frozen_steps=12), seed=9)
    probe = run(a_data_set, resting, tmp_path)
    before, after = load_network(Bundle.open(first)), load_network(probe)
    for name, tensor in before.backbone.state_dict().items():
        assert torch.equal(tensor, after.backbone.state_dict()[name]), name
    assert not torch.equal(before.decoder.head[2].weight, after.decoder.head[2].weight)


def test_what_the_encoder_learnt_from_before_is_in_the_card_and_told_if_it_is_measured_with(
    undisturbed, a_data_set, tmp_path
):
    """Half of the cases are measured with now, where a quarter was before."""
    said: list[str] = []
    plain = a_recipe(start=StartSettings(bundle=str(undisturbed / "tiny")))
    recipe = replace(plain, cases=replace(plain.cases, validation=0.5))
    card = run(a_data_set, recipe, tmp_path, said).card
    before = Bundle.open(undisturbed / "tiny").card
    assert set(before.learnt_from) <= set(card.learnt_from)
    both = len(set(before.learnt_from) & set(card.measured_with))
    assert both == 2
    assert any(f"its encoder learnt from {both} of the 4 cases to measure with" in line for line in said)


def test_low_rank_updates_are_merged_into_a_bundle_like_any_other(undisturbed, a_data_set, tmp_path):
    first = undisturbed / "tiny"
    bundle = run(a_data_set, a_recipe(start=StartSettings(bundle=str(first), rank=2)), tmp_path)
    before, after = load_network(Bundle.open(first)), load_network(bundle)
    changed = {
        name: int(torch.linalg.matrix_rank((after.backbone.state_dict()[name] - tensor).flatten(1), atol=1e-5))
        for name, tensor in before.backbone.state_dict().items()
        if "conv1" in name  # others are scaled besides, see even_levels()
    }
    assert set(changed.values()) == {2}
    results = {result.measure: result.value for result in bundle.card.results}
    assert "mean Dice" in results


def test_levels_of_an_encoder_that_learns_on_have_the_scales_of_fresh_ones(a_data_set, undisturbed, tmp_path):
    """Its coarsest level is made a hundred times larger before; that is not seen in what the run begins with."""
    drifted = load_network(Bundle.open(undisturbed / "tiny"))
    drifted.backbone.scale_levels((1.0, 1.0, 100.0))
    card = replace(Bundle.open(undisturbed / "tiny").card, name="drifted")
    bundle = save_network(drifted, card, tmp_path / "drifted")
    for start, scale in (("drifted", 1.0), ("resting", 100.0)):
        recipe = a_recipe(start=StartSettings(bundle=str(bundle.folder), frozen_steps=12 if start == "resting" else 0))
        learnt = load_network(run(a_data_set, recipe, tmp_path / start))
        level = learnt.backbone(torch.randn(1, 1, 16, 16, 16, generator=torch.Generator().manual_seed(0)))[-1]
        assert scale / 5 < float(level.detach().std()) < 5 * scale


def test_a_foreign_checkpoint_is_taken_over_by_a_key_map(undisturbed, a_data_set, tmp_path):
    weights = load_file(undisturbed / "tiny" / "model.safetensors")
    foreign = {name.replace("backbone.", "net.encoder."): tensor for name, tensor in weights.items()}
    save_file(foreign, tmp_path / "foreign.safetensors")
    (tmp_path / "keys.toml").write_text('[prefixes]\n"net.encoder." = ""\n')
    start_with = StartSettings(
        checkpoint=tmp_path / "foreign.safetensors", key_map=tmp_path / "keys.toml", frozen_steps=12
    )
    said = []
    bundle = run(a_data_set, a_recipe(start=start_with), tmp_path / "run", said)
    assert any("100.0% of the backbone's weights taken over" in line for line in said)
    taken_over = load_file(bundle.weights_path)
    assert all(torch.equal(taken_over[name], weights[name]) for name in weights if name.startswith("backbone."))
    unmapped = a_recipe(start=replace(start_with, key_map=None))
    with pytest.raises(FineTuningError, match=r"foreign\.safetensors: only 0% .*Write a key map"):
        run(a_data_set, unmapped, tmp_path / "other")


def test_a_foreign_checkpoint_with_numbers_that_are_none_is_refused_by_the_name_of_the_entry(
    undisturbed, a_data_set, tmp_path
):
    weights = load_file(undisturbed / "tiny" / "model.safetensors")
    foreign = {name.removeprefix("backbone."): tensor for name, tensor in weights.items() if "backbone" in name}
    spoilt = sorted(name for name, tensor in foreign.items() if tensor.is_floating_point())[0]
    foreign[spoilt].view(-1)[0] = torch.nan
    save_file(foreign, tmp_path / "foreign.safetensors")
    with pytest.raises(FineTuningError, match=rf"'{spoilt}' holds numbers that are NaN"):
        run(a_data_set, a_recipe(start=StartSettings(checkpoint=tmp_path / "foreign.safetensors")), tmp_path / "run")


def test_checkpoints_that_would_be_unpickled_are_refused(a_data_set, tmp_path):
    torch.save({"a": torch.zeros(1)}, tmp_path / "weights.pth")
    with pytest.raises(FineTuningError, match=r"weights\.pth: cannot be read as safetensors"):
        run(a_data_set, a_recipe(start=StartSettings(checkpoint=tmp_path / "weights.pth")), tmp_path / "run")


def test_an_installed_model_is_a_start_by_its_name_and_what_is_none_is_refused():
    shipped = InstalledModels().find("head-encoder").card.architecture
    assert starting_architecture(NetworkSettings(), StartSettings(bundle="head-encoder"), levels=4) == (
        shipped.backbone,
        shipped.backbone_arguments,
    )
    with pytest.raises(BundleError, match="no model 'nowhere'.*a folder with a bundle, or one of: .*head-encoder"):
        starting_architecture(NetworkSettings(), StartSettings(bundle="nowhere"), levels=4)
