"""A run ends, however often it is killed, with a bundle that is worth what its card says."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from Med3DInsightLib.analysis.device import Device
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.networks.factory import load_network
from Med3DInsightLib.volumes import read_volume
from med3dtrain.datasets.cases import list_cases
from med3dtrain.datasets.split import Split
from med3dtrain.datasets.truth import read_truth
from med3dtrain.evaluation.segmentation.measures import structure_scores
from med3dtrain.finetuning.augmentation import AugmentationSettings
from med3dtrain.finetuning.errors import FineTuningError
from med3dtrain.finetuning.recipe import FineTuningRecipe, StartSettings
from med3dtrain.finetuning.run import FineTuningRun
from med3dtrain.finetuning.segmentation.tasks import SegmentationTasks
from med3dtrain.loops.same_run import OtherRunError
from med3dtrain.loops.supervised import TrainingError

from .data import STRUCTURES, a_recipe
from .processes import exit_code, start, steps_in, train

REPOSITORY = Path(__file__).parents[3]


def run(source, recipe, output, said=None):
    report = (said if said is not None else []).append
    return FineTuningRun(SegmentationTasks(source, recipe, output), recipe, output, Device.CPU, report).run()


@pytest.fixture(scope="module")
def undisturbed(a_data_set, tmp_path_factory):
    """What python training/finetune.py makes of the data set, started as a user does."""
    folder = tmp_path_factory.mktemp("undisturbed")
    a_recipe().write(folder / "recipe.json")
    command = [sys.executable, REPOSITORY / "training" / "finetune.py", "segment", a_data_set]
    command += ["--recipe", folder / "recipe.json", "--output", folder / "run", "--device", "cpu"]
    environment = {"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1", "HOME": str(folder)}
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=REPOSITORY, env=environment)
    assert done.returncode == 0, done.stderr
    assert "wrote" in done.stdout
    return folder / "run"


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


def test_an_encoder_that_rests_is_the_one_of_the_bundle_at_the_end(undisturbed, a_data_set, tmp_path):
    first = undisturbed / "tiny"
    resting = a_recipe(start=StartSettings(bundle=first, frozen_steps=12), seed=9)
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
    plain = a_recipe(start=StartSettings(bundle=undisturbed / "tiny"))
    recipe = replace(plain, cases=replace(plain.cases, validation=0.5))
    card = run(a_data_set, recipe, tmp_path, said).card
    before = Bundle.open(undisturbed / "tiny").card
    assert set(before.learnt_from) <= set(card.learnt_from)
    both = len(set(before.learnt_from) & set(card.measured_with))
    assert both == 2
    assert any(f"its encoder learnt from {both} of the 4 cases to measure with" in line for line in said)


def test_low_rank_updates_are_merged_into_a_bundle_like_any_other(undisturbed, a_data_set, tmp_path):
    first = undisturbed / "tiny"
    bundle = run(a_data_set, a_recipe(start=StartSettings(bundle=first, rank=2)), tmp_path)
    before, after = load_network(Bundle.open(first)), load_network(bundle)
    changed = {
        name: torch.linalg.matrix_rank((after.backbone.state_dict()[name] - tensor).flatten(1), atol=1e-5)
        for name, tensor in before.backbone.state_dict().items()
        if tensor.ndim == 5
    }
    assert max(changed.values()) == 2
    results = {result.measure: result.value for result in bundle.card.results}
    assert "mean Dice" in results


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


def test_checkpoints_that_would_be_unpickled_are_refused(a_data_set, tmp_path):
    torch.save({"a": torch.zeros(1)}, tmp_path / "weights.pth")
    with pytest.raises(FineTuningError, match=r"weights\.pth: cannot be read as safetensors"):
        run(a_data_set, a_recipe(start=StartSettings(checkpoint=tmp_path / "weights.pth")), tmp_path / "run")


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
