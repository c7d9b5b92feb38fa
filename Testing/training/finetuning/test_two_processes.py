"""Two processes with half of every batch learn, measure and stop like one with all of it."""

from __future__ import annotations

import csv
import json
import signal
from dataclasses import replace

import pytest
from safetensors.torch import load_file

from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.volumes import write_volume
from med3dtrain.finetuning.settings.start import StartSettings
from med3dtrain.loops.errors import TrainingError
from med3dtrain.loops.examples import LabelledBatch
from med3dtrain.loops.numbered_batches import NumberedBatches

from .data import a_case, a_recipe, write_case
from .processes import (
    classify_without_dropout,
    exit_code,
    in_two_processes,
    start,
    steps_in,
    train,
    train_of_two_opinions,
    train_where_each_sees_its_own,
)

STEPS = 6


def recipe(**changes):
    """In float32, with the measurements of all steps and of the first half of them."""
    optimisation = replace(a_recipe().optimisation, steps=STEPS, mixed_precision=False)
    pace = replace(a_recipe().pace, measure_steps=STEPS // 2)
    return a_recipe(**{"optimisation": optimisation, "pace": pace, **changes})


@pytest.fixture(scope="module")
def uneven_cases(tmp_path_factory):
    """Every other case has no cube: the halves of a batch have different numbers of structures."""
    folder = tmp_path_factory.mktemp("uneven")
    for seed in range(6):
        write_case(folder, f"case{seed}", *a_case(seed, cube=seed % 2 == 0))
    return folder


@pytest.fixture(scope="module")
def a_table(tmp_path_factory):
    """Twelve volumes, a third of them with a cube: the halves of a batch have different weights."""
    folder = tmp_path_factory.mktemp("classified")
    with open(folder / "cases.csv", "w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["image", "class", "split"])
        for seed in range(12):
            write_volume(a_case(seed, (16, 16, 16), cube=seed % 3 == 0)[0], folder / f"v{seed}.nii.gz")
            rows.writerow([f"v{seed}.nii.gz", ["cube", "none", "none"][seed % 3], ["train", "validation"][seed // 6]])
    return folder / "cases.csv"


def in_one_and_in_two(function, source, made, folder):
    """The logged steps of one process, and of two."""
    alone = start(function, source, made, folder / "alone")
    assert in_two_processes(function, source, made, folder / "together") == [0, 0]
    assert exit_code(alone) == 0
    return steps_in(folder / "alone"), steps_in(folder / "together")


def require_equal(one, two):
    """The same loss and gradient in every step: later ones follow from updates that were the same."""
    assert [line["step"] for line in two] == [line["step"] for line in one] == list(range(STEPS))
    for line, other in zip(one, two, strict=True):
        tolerance = 1e-5 if line["step"] == 0 else 1e-3
        for name in ("loss", "gradient norm"):
            assert other[name] == pytest.approx(line[name], rel=tolerance), (line["step"], name)


def test_two_processes_segment_like_one_and_the_first_alone_writes(uneven_cases, tmp_path):
    one, two = in_one_and_in_two(train, uneven_cases, recipe(), tmp_path)
    require_equal(one, two)
    measured = [[line["score"] for line in lines if "score" in line] for lines in (one, two)]
    assert len(measured[1]) == 2
    assert measured[1] == pytest.approx(measured[0], abs=0.02)
    assert json.loads((tmp_path / "together" / "provenance.json").read_text())["processes"] == 2
    bundles = [Bundle.open(tmp_path / name / "tiny") for name in ("alone", "together")]
    bundles[1].verify_weights()
    moved = STEPS * recipe().optimisation.learning_rate
    first, second = (load_file(bundle.weights_path) for bundle in bundles)
    for name, tensor in first.items():
        assert float((tensor - second[name]).abs().mean()) < 0.02 * moved, name


def test_two_processes_classify_like_one_also_while_the_encoder_rests(a_table, tmp_path):
    plan = replace(a_recipe().plan, batch=4, patch_kji=(16, 16, 16))
    made = recipe(plan=plan, start=StartSettings(frozen_steps=STEPS // 2))
    one, two = in_one_and_in_two(classify_without_dropout, a_table, made, tmp_path)
    require_equal(one, two)
    cards = [Bundle.open(tmp_path / name / "tiny").card for name in ("alone", "together")]
    assert [each.measure for each in cards[0].results] == [each.measure for each in cards[1].results]


def test_processes_that_measure_differently_stop_together_for_good(uneven_cases, tmp_path):
    made = recipe(pace=replace(recipe().pace, measure_steps=1, patience=2))
    assert in_two_processes(train_of_two_opinions, uneven_cases, made, tmp_path) == [0, 0]
    # The first measurement is the best one of the process that decides; two more are no better.
    assert [line["step"] for line in steps_in(tmp_path)] == [0, 1, 2]
    weights = Bundle.open(tmp_path / "tiny").weights_path
    written = weights.stat().st_mtime_ns
    # Started again, both find that the run is over: neither waits for the other or writes.
    assert in_two_processes(train_of_two_opinions, uneven_cases, made, tmp_path) == [0, 0]
    assert weights.stat().st_mtime_ns == written
    assert len(steps_in(tmp_path)) == 3


@pytest.mark.parametrize("minutes", [0.0, 5.0])
def test_processes_that_see_different_checkpoints_are_all_told(uneven_cases, tmp_path, minutes):
    made = recipe(minutes=minutes, cases=replace(a_recipe().cases, cache=tmp_path / "cache"))
    assert exit_code(start(train, uneven_cases, made, tmp_path / "first", 4)) == -signal.SIGKILL
    outputs = (tmp_path / "first", tmp_path / "second")
    assert in_two_processes(train_where_each_sees_its_own, uneven_cases, made, outputs) == [0, 0]
    for output in outputs:
        assert "the processes of this run see different checkpoints" in (output / "told.txt").read_text()
    assert not (tmp_path / "second" / "checkpoint.safetensors").exists()


def test_a_batch_that_cannot_be_shared_is_refused():
    with pytest.raises(TrainingError, match="a batch of 2 cannot be shared by 3 processes"):
        NumberedBatches([], LabelledBatch.of, batch=2, workers=0, process=0, processes=3)
