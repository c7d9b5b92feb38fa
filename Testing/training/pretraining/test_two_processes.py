"""Two processes with half of every batch train like one with all of it."""

from __future__ import annotations

import signal
from dataclasses import replace

import pytest
from safetensors.torch import load_file

from . import parts
from .processes import exit_code, start, steps_in, train, train_in_two_processes

STEPS = 6


@pytest.fixture
def a_recipe(heads, a_teacher_folder):
    """Without dropout and in float32: which units are dropped cannot be the same in one process and in two."""
    recipe = parts.a_pretraining_recipe(*heads, a_teacher_folder)
    architecture = recipe.card.architecture
    without = replace(architecture, psat=replace(architecture.psat, dropout=0.0))
    return replace(
        recipe,
        card=replace(recipe.card, architecture=without),
        optimisation=replace(recipe.optimisation, steps=STEPS, warmup_steps=2, mixed_precision=False),
    )


def test_two_processes_train_like_one(a_recipe, tmp_path):
    alone = start(train, a_recipe, tmp_path / "alone")
    assert train_in_two_processes(a_recipe, tmp_path / "together") == [0, 0]
    assert exit_code(alone) == 0
    one, two = steps_in(tmp_path / "alone"), steps_in(tmp_path / "together")
    assert [line["step"] for line in two] == list(range(STEPS))
    # The same loss, gradient and noise estimate in every step; later ones follow from updates that were the same.
    for line, other in zip(one, two, strict=True):
        tolerance = 1e-5 if line["step"] == 0 else 1e-3
        for name in ("loss", "gradient norm", "image loss", "text loss", "image mass", "text mass"):
            assert other[name] == pytest.approx(line[name], rel=tolerance), (line["step"], name)
    first, second = (
        load_file(tmp_path / name / "tiny-encoder" / "model.safetensors") for name in ("alone", "together")
    )
    moved = STEPS * a_recipe.optimisation.learning_rate
    for name, tensor in first.items():
        assert float((tensor - second[name]).abs().mean()) < 0.02 * moved, name


def test_two_processes_that_are_started_again_when_all_is_done_end_at_once(a_recipe, tmp_path):
    for _ in range(2):
        assert train_in_two_processes(a_recipe, tmp_path) == [0, 0]
    assert [line["step"] for line in steps_in(tmp_path)] == list(range(STEPS))


def test_processes_that_see_different_checkpoints_end_together(a_recipe, tmp_path):
    pace = replace(a_recipe.pace, checkpoint_steps=2)
    recipe = replace(a_recipe, pace=pace, source=replace(a_recipe.source, cache=tmp_path / "cache"))
    assert exit_code(start(train, recipe, tmp_path / "first", 3)) == -signal.SIGKILL
    assert train_in_two_processes(recipe, tmp_path / "first", tmp_path / "second") == [1, 1]
    assert len(steps_in(tmp_path / "first")) == 4
    assert not (tmp_path / "second" / "checkpoint.safetensors").exists()
