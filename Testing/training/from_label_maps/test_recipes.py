"""Recipes for learning from label maps: files that stand on each other, and what is wrong with them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from Med3DInsightLib.errors import UserError
from med3dtrain.from_label_maps.recipe import LabelMapRecipe

from .training import trained

CONFIGS = Path(__file__).resolve().parents[3] / "training" / "configs"


def test_a_recipe_has_the_entries_of_its_base_but_for_its_own(a_recipe_file):
    above = a_recipe_file.with_name("above.toml")
    above.write_text('base = "recipe.toml"\nseed = 7\n[optimisation]\nsteps = 9\n[card]\nversion = "2"\n')
    base, recipe = LabelMapRecipe.read(a_recipe_file), LabelMapRecipe.read(above)
    assert (recipe.seed, recipe.optimisation.steps, recipe.card.version) == (7, 9, "2")
    assert replace(recipe.optimisation, steps=base.optimisation.steps) == base.optimisation
    assert (recipe.card.title, recipe.synthesis) == (base.card.title, base.synthesis)


def test_the_published_recipe_is_the_one_of_the_shipped_bundle():
    from Med3DInsightLib.catalog.installed import InstalledModels

    recipe = LabelMapRecipe.read(CONFIGS / "brain_structures_cpu_4.toml")
    shipped = InstalledModels().find("brain-structures").card
    for entry in ("architecture", "recipe", "segments", "trained_on", "licence", "version", "mirrored_average"):
        assert getattr(shipped, entry) == getattr(recipe.card, entry), entry


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('base = "recipe.toml"\n[optimisation]\nsteps = "many"', r"above\.toml: optimisation\.steps"),
        ('base = "recipe.toml"\nheldout = ["one.nii.gz"]', r"above\.toml: heldout: Unexpected"),
        (
            'base = "recipe.toml"\n[synthesis]\nskull_strip_probabilty = 0.1',
            r"above\.toml: synthesis\.skull_strip_probabilty: Unexpected",
        ),
        (
            'base = "recipe.toml"\n[synthesis.appearance]\nbias = 0.1',
            r"above\.toml: synthesis\.appearance\.bias: Unexpected",
        ),
        ('base = "recipe.toml"\nlabel_table = 3', r"above\.toml: .*label_table is 3, not the name of a file"),
        ("base = 3", r"above\.toml: .*base is 3, not the name of a file"),
        ('base = "recipe.toml"\nsegments = 3', r"above\.toml: .*segments is 3, not the name of a file"),
        ('base = "recipe.toml"\nsegments = "freesurfer_labels.csv"', r"above\.toml: cannot be read as a recipe"),
        ('base = "recipe.toml"\ncard = 1', r"above\.toml: card: "),
        ('base = "recipe.toml"\nseed = -1', r"above\.toml: the recipe: .*seed is not negative"),
        ('base = "recipe.toml"\n[optimisation]\nbatch = 0', r"above\.toml: optimisation: .*batch is at least 1"),
        ('base = "recipe.toml"\n[synthesis]\nlabel_spacing_mm = 0', r"above\.toml: synthesis: .*are positive"),
        ('base = "recipe.toml"\n[synthesis]\nshares = { T3 = 1.0 }', r"above\.toml: synthesis: .*no contrast 'T3'"),
        ('base = "none.toml"', r"above\.toml: cannot be read as a recipe \(.*none\.toml"),
        ("steps =", r"above\.toml: cannot be read as a recipe"),
        ("", r"above\.toml: seed: Field required"),
        ('base = "above.toml"', r"above\.toml: cannot be read as a recipe"),
    ],
)
def test_what_is_wrong_with_a_recipe_is_named(a_recipe_file, text, told):
    above = a_recipe_file.with_name("above.toml")
    above.write_text(text)
    with pytest.raises(UserError, match=told):
        LabelMapRecipe.read(above)


def test_a_card_that_is_no_table_is_refused_also_where_segments_are_shared(a_recipe_file):
    a_recipe_file.with_name("segments.toml").write_text("segments = []\n")
    above = a_recipe_file.with_name("above.toml")
    above.write_text('base = "recipe.toml"\nsegments = "segments.toml"\ncard = 1\n')
    with pytest.raises(UserError, match=r"above\.toml: card: "):
        LabelMapRecipe.read(above)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[card.architecture]\nbackbone = "segresnett"', "no backbone 'segresnett'.* Change card.architecture"),
        (
            "[synthesis]\ncrop_voxel = 17",
            "crop_voxel is 17, and the network .* reads multiples of 2 voxels",
        ),
    ],
)
def test_a_network_that_cannot_be_built_or_cannot_read_a_crop_is_named(
    a_recipe_file, a_label_folder, tmp_path, text, told
):
    above = a_recipe_file.with_name("above.toml")
    above.write_text(f'base = "recipe.toml"\n{text}\n')
    with pytest.raises(UserError, match=told):
        trained(above, a_label_folder, tmp_path / "run")


def test_a_label_table_that_is_not_there_is_named(a_recipe_file):
    recipe = LabelMapRecipe.read(a_recipe_file)
    recipe.label_table.unlink()
    with pytest.raises(UserError, match="cannot be used as a label table"):
        recipe.read_label_table()
