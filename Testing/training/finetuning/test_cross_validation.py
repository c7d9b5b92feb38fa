"""Cross-validation measures every case once, and sums up what was measured."""

from __future__ import annotations

import importlib.util
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from Med3DInsightLib.volumes import write_volume
from med3dtrain.datasets.classified_table import read_classified_table
from med3dtrain.datasets.errors import DatasetError
from med3dtrain.datasets.split import Subset
from med3dtrain.finetuning.errors import FineTuningError
from med3dtrain.finetuning.segmentation.case_figures import CASE_FIGURES, read_case_figures
from med3dtrain.finetuning.series.cross_validated import CrossValidated, MeasuredFold
from med3dtrain.finetuning.settings.recipe import FineTuningRecipe

from .data import a_case, a_recipe
from .processes import steps_in

REPOSITORY = Path(__file__).parents[3]
FOLDS = 2


@pytest.fixture(scope="module")
def command():
    spec = importlib.util.spec_from_file_location("cross_validate_command", REPOSITORY / "training/cross_validate.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def write_recipe(path, **changes):
    """Two steps; the command has to be told how many folds."""
    recipe = a_recipe(optimisation=replace(a_recipe().optimisation, steps=2, warmup_steps=0))
    replace(recipe, **changes).write(path)
    return path


def cross_validate(command, source, folder, kind="segment", *options):
    arguments = [kind, source, "--output", folder / "cv", "--recipe", folder / "recipe.json", "--device", "cpu"]
    command.main([str(each) for each in (*arguments, *options)])


@pytest.fixture(scope="module")
def two_folds(command, a_data_set, tmp_path_factory):
    folder = tmp_path_factory.mktemp("two_folds")
    write_recipe(folder / "recipe.json")
    cross_validate(command, a_data_set, folder, "segment", "--cases.folds", FOLDS)
    return folder


def test_every_case_is_measured_once_and_learnt_from_in_the_other_folds(two_folds):
    found = json.loads((two_folds / "cv" / "cross_validation.json").read_text())
    measured = [list(fold["cases"]) for fold in found["folds"]]
    assert sorted(measured[0] + measured[1]) == [f"case{seed}" for seed in range(8)]
    for number, fold in enumerate(found["folds"]):
        split = (two_folds / "cv" / fold["name"] / "split.csv").read_text().splitlines()
        assert sorted(f"{name},validation" for name in measured[number]) == sorted(
            line for line in split if line.endswith(",validation")
        )
        dices = [case["Dice ball"] for case in fold["cases"].values()]
        assert fold["figures"]["Dice ball"] == pytest.approx(np.mean(dices), abs=1e-4)


def test_a_second_start_trains_nothing_and_says_the_same(command, two_folds, a_data_set, capsys):
    cv = two_folds / "cv"
    files = [cv / f"fold_{number}" / "tiny" / "model.safetensors" for number in range(FOLDS)]
    before, told = [path.stat().st_mtime_ns for path in files], (cv / "cross_validation.json").read_text()
    cross_validate(command, a_data_set, two_folds, "segment", "--cases.folds", FOLDS)
    assert [path.stat().st_mtime_ns for path in files] == before
    assert (cv / "cross_validation.json").read_text() == told
    printed = capsys.readouterr().out
    assert "| figure | fold_0 | fold_1 | mean ± SD of 2 folds | all 8 cases, 95 % interval |" in printed
    assert "| mean Dice | 0." in printed


def test_folds_share_what_was_looked_at_and_prepared(two_folds):
    cache = two_folds / "cv" / "cache"
    assert len((cache / "inspected.jsonl").read_text().splitlines()) == 8
    assert len(list(cache.glob("*.labels.npy"))) == 8
    assert not list((two_folds / "cv").glob("fold_*/cache")) + list((two_folds / "cv").glob("fold_*/inspected.jsonl"))


def test_a_fold_does_not_go_on_with_another_recipe(command, two_folds, a_data_set):
    with pytest.raises(SystemExit, match=r"fold_0/checkpoint.*began with sampling\.on_structures = 0\.4, not 0\.9"):
        cross_validate(
            command, a_data_set, two_folds, "segment", "--cases.folds", FOLDS, "--sampling.on-structures", 0.9
        )


def test_the_first_fold_decides_how_many_steps_fit_into_minutes(command, a_data_set, tmp_path):
    write_recipe(tmp_path / "recipe.json", minutes=0.003)
    cross_validate(command, a_data_set, tmp_path, "segment", "--cases.folds", FOLDS)
    folds = [tmp_path / "cv" / f"fold_{number}" for number in range(FOLDS)]
    first, second = (FineTuningRecipe.read(fold / "recipe.json") for fold in folds)
    assert (first.minutes, second.minutes) == (0.003, 0.0)
    steps = first.optimisation.steps
    assert second.optimisation.steps == steps == len(steps_in(folds[0])) == len(steps_in(folds[1]))


def test_a_split_or_too_many_folds_are_refused_before_anything_is_trained(command, a_data_set, tmp_path):
    write_recipe(tmp_path / "recipe.json")
    (tmp_path / "split.csv").write_text("name,split\n")
    with pytest.raises(SystemExit, match=r"split\.csv: a split that is given has no folds"):
        cross_validate(command, a_data_set, tmp_path, "segment", "--cases.split", tmp_path / "split.csv")
    with pytest.raises(SystemExit, match="8 cases cannot be parted into 9 folds"):
        cross_validate(command, a_data_set, tmp_path, "segment", "--cases.folds", 9)
    assert not list(tmp_path.glob("cv/*/checkpoint.safetensors"))


@pytest.fixture(scope="module")
def a_table(tmp_path_factory):
    """Nine volumes, three of them with a cube; the last of both kinds are for the test."""
    folder = tmp_path_factory.mktemp("classified")
    lines = ["image,class,split"]
    for seed in range(9):
        write_volume(a_case(seed, (16, 16, 16), cube=seed % 3 == 0)[0], folder / f"v{seed}.nii.gz")
        lines.append(f"v{seed}.nii.gz,{'none' if seed % 3 else 'cube'},{'train' if seed < 6 else 'test'}")
    (folder / "cases.csv").write_text("\n".join(lines))
    return folder / "cases.csv"


def test_classes_are_parted_evenly_and_the_test_stays_apart(a_table):
    folds = [read_classified_table(a_table, None, 0.2, FOLDS, fold) for fold in range(FOLDS)]
    measured = [[case.name for case in cases.of(Subset.VALIDATION)] for cases in folds]
    assert sorted(measured[0] + measured[1]) == [f"v{seed}.nii.gz" for seed in range(6)]
    for cases in folds:
        assert sorted(case.class_number for case in cases.of(Subset.VALIDATION)) == [0, 1, 1]
        assert [case.name for case in cases.of(Subset.TEST)] == ["v6.nii.gz", "v7.nii.gz", "v8.nii.gz"]
    with pytest.raises(DatasetError, match="2 cases of the class 'cube' cannot be parted into 3 folds"):
        read_classified_table(a_table, None, 0.2, 3, 0)


def test_classification_is_summed_up_over_folds(command, a_table, tmp_path, capsys):
    write_recipe(tmp_path / "recipe.json", plan=replace(a_recipe().plan, patch_kji=(16, 16, 16)))
    cross_validate(command, a_table, tmp_path, "classify", "--cases.folds", FOLDS)
    assert "| figure | fold_0 | fold_1 | mean ± SD of 2 folds |\n" in capsys.readouterr().out
    found = json.loads((tmp_path / "cv" / "cross_validation.json").read_text())
    values = [fold["figures"]["validation AUC"] for fold in found["folds"]]
    assert found["over_folds"]["validation AUC"]["mean"] == pytest.approx(np.mean(values))
    assert found["over_cases"] == {}


def test_all_cases_count_the_same_however_large_their_fold_is():
    folds = (
        MeasuredFold("fold_0", {"mean Dice": 0.5, "Dice a": 0.5}, {"one": {"Dice a": 0.4}, "two": {"Dice a": 0.6}}),
        MeasuredFold("fold_1", {"mean Dice": 0.9, "Dice a": 1.0, "Dice b": 0.8}, {"x": {"Dice a": 1.0, "Dice b": 0.8}}),
    )
    found = CrossValidated(folds)
    assert found.over_folds()["mean Dice"].mean == pytest.approx(0.7)
    assert found.over_folds()["mean Dice"].standard_deviation == pytest.approx(0.4 / np.sqrt(2))
    over = found.over_cases()
    assert over["Dice a"].value == pytest.approx(2.0 / 3)
    assert over["mean Dice"].value == pytest.approx((2.0 / 3 + 0.8) / 2)
    assert over["Dice a"].low == pytest.approx(0.4)
    assert over["Dice a"].high == pytest.approx(1.0)
    rows = found.table().splitlines()
    assert rows[3] == "| Dice a | 0.500 | 1.000 | 0.750 ± 0.354 | 0.667 [0.400, 1.000] |"
    assert rows[4] == "| Dice b | none | 0.800 | 0.800 of 1 | 0.800 [0.800, 0.800] |"


def test_damaged_figures_of_cases_are_named(tmp_path):
    assert read_case_figures(tmp_path) == {}
    (tmp_path / CASE_FIGURES).write_text('{"case": ')
    with pytest.raises(FineTuningError, match=r"case_figures\.json: .*cannot be read"):
        read_case_figures(tmp_path)
