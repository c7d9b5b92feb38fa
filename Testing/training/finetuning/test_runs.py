"""A run ends, however often it is killed, with a bundle that is worth what its card says."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.networks.factory import load_network
from Med3DInsightLib.volumes import read_volume
from med3dtrain.datasets.cases import list_cases
from med3dtrain.datasets.split import Split
from med3dtrain.datasets.truth import read_truth
from med3dtrain.evaluation.segmentation.measures import structure_scores
from med3dtrain.finetuning.errors import FineTuningError
from med3dtrain.finetuning.learning.run import FineTuningRun
from med3dtrain.finetuning.segmentation.tasks import SegmentationTasks
from med3dtrain.finetuning.settings.augmentation import AugmentationSettings
from med3dtrain.finetuning.settings.recipe import FineTuningRecipe
from med3dtrain.finetuning.settings.start import StartSettings
from med3dtrain.loops.errors import TrainingError
from med3dtrain.loops.same_run import OtherRunError
from med3dtrain.runs.errors import RunError

from .data import REPOSITORY, STRUCTURES, a_recipe
from .processes import exit_code, start, steps_in, train
from .segmenting import run


def test_a_run_that_was_killed_ends_where_an_undisturbed_one_does(undisturbed, a_data_set, tmp_path):
    assert exit_code(start(train, a_data_set, a_recipe(), tmp_path, 9)) == -signal.SIGKILL
    assert len(steps_in(tmp_path)) == 10
    assert not (tmp_path / "tiny").exists()
    assert exit_code(start(train, a_data_set, a_recipe(), tmp_path)) == 0
    for name in ("checkpoint.safetensors", "tiny/model.safetensors"):
        whole, continued = load_file(undisturbed / name), load_file(tmp_path / name)
        assert whole.keys() == continued.keys()
        for entry, tensor in whole.items():
            assert torch.equal(tensor, continued[entry]), entry
    assert [line["step"] for line in steps_in(tmp_path)] == list(range(12))
    cards = [Bundle.open(folder / "tiny").card for folder in (tmp_path, undisturbed)]
    assert [result.value for result in cards[0].results] == [result.value for result in cards[1].results]
    assert replace(cards[0], results=()) == replace(cards[1], results=())


def test_the_card_says_what_a_session_of_the_bundle_measures(undisturbed, a_data_set):
    bundle = Bundle.open(undisturbed / "tiny")
    session = Session.open(bundle, Device.CPU)
    measured = {}
    cases = list_cases(a_data_set, "Tr")
    validation = set(Split.read(undisturbed / "split.csv", [case.name for case in cases]).validation)
    assert len(validation) == 2
    for case in cases:
        if case.name in validation:
            volume = read_volume(case.image, a_recipe().cases.modality)
            truth = read_truth(case.label, volume.grid, bundle.card.segments).labels
            for scores in structure_scores(session.segment(volume).labels, truth, bundle.card.segments):
                measured.setdefault(f"Dice {scores.name}", []).append(scores.dice)
    results = {result.measure: result.value for result in bundle.card.results}
    for name, dices in measured.items():
        assert results[name] == round(sum(dices) / 2, 4)
    assert len(bundle.card.learnt_from) == 6
    assert len(bundle.card.measured_with) == 2
    assert not set(bundle.card.learnt_from) & set(bundle.card.measured_with)


def test_enough_steps_learn_the_structures(a_data_set, tmp_path):
    optimisation = replace(a_recipe().optimisation, steps=100, learning_rate=1e-2, average_decay=0.9)
    recipe = a_recipe(pace=replace(a_recipe().pace, measure_steps=100), optimisation=optimisation)
    bundle = run(a_data_set, recipe, tmp_path)
    results = {result.measure: result.value for result in bundle.card.results}
    assert results["mean Dice"] > 0.7


def test_a_finished_run_that_is_started_again_trains_no_more(undisturbed, a_data_set):
    path = undisturbed / "tiny" / "model.safetensors"
    before = path.stat().st_mtime_ns
    assert run(a_data_set, a_recipe(), undisturbed).folder == undisturbed / "tiny"
    assert path.stat().st_mtime_ns == before
    assert len(steps_in(undisturbed)) == 12


def test_the_bundle_that_is_started_from_is_not_replaced(undisturbed, a_data_set, tmp_path):
    first = Bundle.open(shutil.copytree(undisturbed / "tiny", tmp_path / "tiny"))
    with pytest.raises(RunError, match="tiny: is there already, and no checkpoint"):
        run(a_data_set, a_recipe(start=StartSettings(bundle=str(first.folder))), tmp_path)
    first.verify_weights()


def test_a_device_that_is_not_there_is_refused_also_in_float32(a_data_set, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    recipe = a_recipe(optimisation=replace(a_recipe().optimisation, mixed_precision=False))
    with pytest.raises(UserError, match="no usable CUDA device"):
        FineTuningRun(SegmentationTasks(a_data_set, recipe, tmp_path), recipe, tmp_path, Device.CUDA).run()


def test_another_recipe_or_other_cases_are_refused_by_name(undisturbed, a_data_set):
    changed = a_recipe(optimisation=replace(a_recipe().optimisation, learning_rate=1e-4))
    with pytest.raises(OtherRunError, match=r"began with optimisation\.learning_rate = 0\.003, not 0\.0001"):
        run(a_data_set, changed, undisturbed)
    fewer = a_recipe(cases=replace(a_recipe().cases, share=0.5))
    with pytest.raises(OtherRunError, match="the cases or their split have changed"):
        run(a_data_set, fewer, undisturbed)


def test_a_loss_that_is_not_finite_names_the_cases_and_keeps_the_checkpoint(a_data_set, tmp_path, monkeypatch):
    from med3dtrain.finetuning.segmentation.objective import SegmentationObjective

    forward, calls = SegmentationObjective.forward, []

    def broken_at_step_five(self, images, labels):
        calls.append(1)
        loss = forward(self, images, labels)
        return loss * torch.nan if len(calls) == 6 else loss

    monkeypatch.setattr(SegmentationObjective, "forward", broken_at_step_five)
    with pytest.raises(
        TrainingError, match=r"step 5 gives a loss that is not finite; the batch's cases: case\d; case\d"
    ):
        run(a_data_set, a_recipe(), tmp_path)
    held = load_file(tmp_path / "checkpoint.safetensors")
    assert all(tensor.isfinite().all() for name, tensor in held.items() if name.startswith("objective."))
    monkeypatch.undo()
    assert run(a_data_set, a_recipe(), tmp_path) is not None


def test_minutes_become_steps_once(a_data_set, tmp_path):
    said = []
    recipe = a_recipe(minutes=0.02)
    run(a_data_set, recipe, tmp_path, said)
    assert any("0.02 minutes allow" in line for line in said)
    steps = FineTuningRecipe.read(tmp_path / "recipe.json").optimisation.steps
    assert len(steps_in(tmp_path)) == steps
    for _ in range(2):
        said.clear()
        assert run(a_data_set, replace(recipe, minutes=5.0), tmp_path, said).card.name == "tiny"
        assert [line for line in said if "minutes" in line] == [
            f"the run keeps its {steps} steps and not 5 minutes, since its learning rate follows the number of steps "
            "that it began with"
        ]
    assert len(steps_in(tmp_path)) == steps
    said.clear()
    run(a_data_set, recipe, tmp_path, said)
    assert not [line for line in said if "minutes" in line]


def test_the_check_only_looks(a_data_set, tmp_path, capsys):
    command = [sys.executable, REPOSITORY / "training" / "finetune.py", "segment", a_data_set, "--check"]
    command += ["--output", tmp_path / "run", "--device", "cpu"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=REPOSITORY)
    assert done.returncode == 0, done.stderr
    assert "6 cases to learn from, 2 to measure with; structure 1, structure 2" in done.stdout
    assert not (tmp_path / "run" / "checkpoint.safetensors").exists()


def test_a_model_may_average_over_mirror_images_that_it_learnt_from(a_data_set, tmp_path):
    def recipe(flips, structures):
        plain = a_recipe(augmentation=AugmentationSettings(flips=flips))
        cases = replace(plain.cases, structures=structures)
        return replace(plain, cases=cases, plan=replace(plain.plan, mirrored_average=True))

    bundle = run(a_data_set, recipe("R", STRUCTURES), tmp_path / "run")
    assert bundle.card.mirrored_average
    averaged, plain = (
        Session(replace(bundle.card, mirrored_average=average), load_network(bundle), torch.device("cpu"))
        for average in (True, False)
    )
    case = next(iter(list_cases(a_data_set)))
    volume = read_volume(case.image)
    assert (averaged.segment(volume).labels.array_kji != plain.segment(volume).labels.array_kji).any()
    with pytest.raises(FineTuningError, match="learns from mirrored images"):
        run(a_data_set, recipe("A", STRUCTURES), tmp_path / "not mirrored")
    with pytest.raises(FineTuningError, match="'left ear' has one"):
        run(a_data_set, recipe("R", {1: "left ear", 2: "right ear"}), tmp_path / "sides")


def test_training_stops_when_nothing_gets_better(a_data_set, tmp_path):
    pace = replace(a_recipe().pace, measure_steps=2, patience=1)
    endless = a_recipe(pace=pace, optimisation=replace(a_recipe().optimisation, steps=400, learning_rate=1e-9))
    assert run(a_data_set, endless, tmp_path) is not None
    assert len(steps_in(tmp_path)) == 4
