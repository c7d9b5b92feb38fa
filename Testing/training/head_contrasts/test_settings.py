"""Settings of a set of heads are read, and what is wrong with them is named."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from Med3DInsightLib.errors import UserError
from med3dtrain.finetuning.settings.recipe import FineTuningRecipe
from med3dtrain.head_contrasts.settings import HeadContrastSettings

CONFIGS = Path(__file__).resolve().parents[3] / "training" / "configs"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("seed = 'x'", r"set\.toml: seed: "),
        ("training_heads = 0", "are at least 1"),
        ('scanners = [{ classes = { T1 = ["T3"] }, synthesis = {} }]', "no contrast 'T3'; choose from T1, "),
        ("scanners = [{ classes = { T1 = [] }, synthesis = {} }]", "'T1' has no contrast"),
        ('scanners = [{ classes = { "a/b" = ["T1"] }, synthesis = {} }]', "'a/b' cannot be"),
        ('scanners = [{ classes = { T1 = ["T1"] }, synthesis = {} }]', "at least two classes"),
        ('scanners = [{ classes = { T1 = ["T1"] }, synthesis = { size = 3 } }]', "synthesis.size"),
        ("heads = 5", "heads: "),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, line, message):
    lines = {
        "seed": "seed = 0",
        "label_table": 'label_table = "t.csv"',
        "held_out": "held_out = []",
        "training_heads": "training_heads = 2",
        "validation_heads": "validation_heads = 1",
        "scanners": 'scanners = [{ classes = { T1 = ["T1"], T2 = ["T2"] }, synthesis = {} }]',
    }
    path = tmp_path / "set.toml"
    path.write_text("\n".join(lines.values()))
    assert HeadContrastSettings.read(path).training_heads == 2
    lines[line.split()[0]] = line
    path.write_text("\n".join(lines.values()))
    with pytest.raises(UserError, match=message) as refused:
        HeadContrastSettings.read(path)
    assert "\n" not in str(refused.value)
    assert "set.toml" in str(refused.value)


def test_the_published_settings_hold_out_what_the_structures_do_and_their_recipe_counts_the_heads():
    settings = HeadContrastSettings.read(CONFIGS / "head_contrasts_set.toml")
    structures = tomllib.loads((CONFIGS / "brain_structures_cpu.toml").read_text())
    assert list(settings.held_out) == structures["held_out"]
    classes = [name for scanner in settings.scanners for name in scanner.classes]
    assert sorted(classes) == ["CT", "FLAIR", "T1", "T2"]
    for scanner in settings.scanners:
        assert scanner.synthesis.appearance.reversal_probability == 0.0
    recipe = FineTuningRecipe.read(CONFIGS / "finetune_head_contrast.toml")
    assert f"{len(classes) * settings.training_heads} synthetic heads" in recipe.about.trained_on
    assert recipe.plan.spacing_ijk_mm == (settings.scanners[0].synthesis.spacing_mm,) * 3
    assert recipe.plan.patch_kji == (settings.scanners[0].synthesis.crop_voxel,) * 3
