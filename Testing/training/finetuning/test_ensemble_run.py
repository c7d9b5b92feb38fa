"""Several networks are trained by one command and become one bundle, measured as it is used."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from dataclasses import replace
from functools import partial
from statistics import fmean

import pytest
import torch

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.networks.factory import load_network
from med3dtrain.finetuning.segmentation.case_figures import read_case_figures
from med3dtrain.finetuning.segmentation.tasks import SegmentationTasks
from med3dtrain.finetuning.series.ensemble_run import EnsembleRun
from med3dtrain.finetuning.settings.recipe import FineTuningRecipe
from med3dtrain.finetuning.settings.start import StartSettings
from med3dtrain.runs.errors import RunError

from .data import REPOSITORY, a_recipe
from .processes import steps_in
from .segmenting import run as run_one


@pytest.fixture(scope="module")
def command():
    spec = importlib.util.spec_from_file_location("finetune_command", REPOSITORY / "training/finetune.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def two_of(recipe):
    return replace(recipe, members=2, optimisation=replace(recipe.optimisation, steps=6))


def run(source, recipe, output):
    return EnsembleRun(partial(SegmentationTasks, source), recipe, output, Device.CPU, lambda line: None, "it").run()


@pytest.fixture(scope="module")
def two(a_data_set, tmp_path_factory):
    """The folder of a run of two networks, in which the bundle is tiny; with one thread, as all in this folder."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("two")
    run(a_data_set, two_of(a_recipe()), folder)
    torch.set_num_threads(threads)
    return folder


def test_members_differ_by_their_seed_alone(two, a_data_set, tmp_path):
    joined = load_network(Bundle.open(two / "tiny"))
    for number in range(2):
        seed = a_recipe().seed + number
        alone = run_one(a_data_set, replace(two_of(a_recipe(seed=seed)), members=1), tmp_path / str(number))
        expected = load_network(alone).backbone.state_dict()
        found = joined.backbone.members[number].state_dict()
        assert all(torch.equal(tensor, found[name]) for name, tensor in expected.items())


def test_the_card_tells_how_the_average_measures(two):
    card = Bundle.open(two / "tiny").card
    assert card.architecture.members == 2
    results = {result.measure: result.value for result in card.results}
    of_cases = read_case_figures(two)
    assert len(of_cases) == len(card.measured_with) == 2
    for structure in ("Dice ball", "Dice cube"):
        assert results[structure] == pytest.approx(fmean(case[structure] for case in of_cases.values()), abs=1e-4)
    assert {result.command for result in card.results} == {"it"}
    first, second = (Bundle.open(two / f"network_{number}" / "tiny").card for number in range(2))
    assert first.results[0].command == "it --members 1 --seed 5"
    assert second.results[0].command == "it --members 1 --seed 6"
    assert set(card.learnt_from) == {*first.learnt_from, *second.learnt_from}


def test_a_second_start_changes_nothing(two, a_data_set):
    before = {path: path.stat().st_mtime_ns for path in two.glob("**/model.safetensors")}
    assert len(before) == 3
    run(a_data_set, two_of(a_recipe()), two)
    assert before == {path: path.stat().st_mtime_ns for path in two.glob("**/model.safetensors")}


def test_a_run_that_was_stopped_after_the_first_network_goes_on_to_the_same_weights(two, a_data_set, tmp_path):
    folder = shutil.copytree(two, tmp_path / "stopped")
    shutil.rmtree(folder / "tiny")
    shutil.rmtree(folder / "network_1")
    run(a_data_set, two_of(a_recipe()), folder)
    ends = [(each / "tiny" / "model.safetensors").read_bytes() for each in (two, folder)]
    assert ends[0] == ends[1]


def test_a_bundle_that_is_no_result_of_the_run_is_not_replaced(two, a_data_set, tmp_path):
    shutil.copytree(two / "tiny", tmp_path / "tiny")
    with pytest.raises(RunError, match="tiny: is there already"):
        run(a_data_set, two_of(a_recipe()), tmp_path)


def test_minutes_are_shared_and_all_have_as_many_steps(a_data_set, tmp_path):
    run(a_data_set, replace(a_recipe(), members=2, minutes=0.006), tmp_path)
    first, whole = (FineTuningRecipe.read(folder / "recipe.json") for folder in (tmp_path / "network_0", tmp_path))
    assert (first.minutes, whole.minutes, whole.members) == (0.003, 0.006, 2)
    steps = whole.optimisation.steps
    assert steps == len(steps_in(tmp_path / "network_0")) == len(steps_in(tmp_path / "network_1"))


def test_another_run_can_start_from_the_encoder_of_several(two, a_data_set, tmp_path):
    start = StartSettings(bundle=str(two / "tiny"))
    optimisation = replace(a_recipe().optimisation, steps=2, warmup_steps=0)
    bundle = run_one(a_data_set, a_recipe(start=start, optimisation=optimisation), tmp_path)
    assert bundle.card.architecture.members == 1


def test_the_command_makes_members_for_structures_and_not_for_classes(command, a_data_set, tmp_path):
    two_of(a_recipe()).write(tmp_path / "recipe.json")
    options = ["--recipe", str(tmp_path / "recipe.json"), "--device", "cpu"]
    command.main(["segment", str(a_data_set), "--output", str(tmp_path / "run"), *options])
    card = json.loads((tmp_path / "run" / "tiny" / "card.json").read_text())
    assert card["architecture"]["members"] == 2
    with pytest.raises(SystemExit, match="several networks are averaged where they segment only. Leave members out."):
        command.main(["classify", str(tmp_path / "table.csv"), "--output", str(tmp_path / "classes"), *options])
