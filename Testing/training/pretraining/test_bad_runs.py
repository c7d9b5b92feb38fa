"""What goes wrong in a run is named, and nothing that was written is lost."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.storage import OutputError, sole_run
from Med3DInsightLib.volumes import VolumeError
from med3dtrain.alignment.alignment import Alignment
from med3dtrain.datasets.bad_input import OnBadInput
from med3dtrain.datasets.prepared_volume import PreparedVolume
from med3dtrain.loops.errors import TrainingError
from med3dtrain.pretraining.errors import PretrainingError
from med3dtrain.pretraining.run import PretrainingRun
from med3dtrain.reconstruction.settings import ReconstructionSettings
from med3dtrain.runs.errors import RunError
from med3dtrain.teachers.cache.errors import CacheError

from ..teachers import tiny_models
from . import parts
from .processes import steps_in


@pytest.fixture
def a_short_recipe(a_recipe):
    return replace(
        a_recipe,
        optimisation=replace(a_recipe.optimisation, steps=6),
        pace=replace(a_recipe.pace, checkpoint_steps=3),
    )


def run(recipe, output, said=None):
    return PretrainingRun(recipe, output, Device.CPU, (said if said is not None else []).append).run()


@pytest.fixture
def a_set_with_a_damaged_volume(tmp_path):
    volumes, captions = parts.write_heads(tmp_path / "damaged", count=3)
    path = volumes / "head1.nii.gz"
    path.write_bytes(path.read_bytes()[:900])
    return volumes, captions


def test_an_unreadable_volume_stops_the_run_by_name(a_short_recipe, a_set_with_a_damaged_volume, tmp_path):
    volumes, captions = a_set_with_a_damaged_volume
    source = replace(a_short_recipe.source, volumes=volumes, captions=captions)
    with pytest.raises(VolumeError, match=r"head1\.nii\.gz: ") as stopped:
        run(replace(a_short_recipe, source=source), tmp_path / "run")
    assert "\n" not in str(stopped.value)
    assert not (tmp_path / "run" / "checkpoint.safetensors").exists()


def test_an_unreadable_volume_is_skipped_and_noted_if_that_is_wanted(
    a_short_recipe, a_set_with_a_damaged_volume, tmp_path
):
    volumes, captions = a_set_with_a_damaged_volume
    source = replace(
        a_short_recipe.source, volumes=volumes, captions=captions, on_bad_input=OnBadInput.SKIP, held_out=0.0
    )
    said = []
    bundle = run(replace(a_short_recipe, source=source), tmp_path / "run", said)
    assert "Learnt from 2 volumes with 18 described slices." in bundle.card.observations
    assert any("head1.nii.gz" in line and line.startswith("skipped: ") for line in said)
    assert any("slices of the volume 'head1'" in line for line in said)
    notes = [json.loads(line).get("note") for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [note for note in notes if note] == said
    assert bundle.card.results == ()


def test_a_loss_that_is_not_finite_stops_and_leaves_the_checkpoint_before_it(a_short_recipe, tmp_path, monkeypatch):
    forward = Alignment.forward
    calls = []

    def broken_at_step_four(self, read_outs, teacher, ids):
        calls.append(ids)
        if len(calls) == 5:
            read_outs = {term: rows.clone() for term, rows in read_outs.items()}
            read_outs["text"] = torch.where(torch.arange(len(ids))[:, None] == 1, float("nan"), read_outs["text"])
            loss = forward(self, {name: torch.nan_to_num(rows) for name, rows in read_outs.items()}, teacher, ids)
            return replace(loss, total=loss.total + read_outs["text"].sum())
        return forward(self, read_outs, teacher, ids)

    monkeypatch.setattr(Alignment, "forward", broken_at_step_four)
    with pytest.raises(TrainingError, match=r"checkpoint\.safetensors: step 4 gives a loss that is not finite") as it:
        run(a_short_recipe, tmp_path / "run")
    assert "head" in str(it.value)
    assert " mm" in str(it.value)
    assert [line["step"] for line in steps_in(tmp_path / "run")] == [0, 1, 2, 3]
    monkeypatch.setattr(Alignment, "forward", forward)
    continued = run(a_short_recipe, tmp_path / "run")
    undisturbed = run(a_short_recipe, tmp_path / "other")
    assert continued.card.weights_sha256 == undisturbed.card.weights_sha256


def test_the_volume_whose_voxels_are_not_finite_is_the_one_that_is_named(a_short_recipe, tmp_path, monkeypatch):
    read = PreparedVolume.read

    def broken(self, box):
        voxels = read(self, box)
        return np.full_like(voxels, np.nan) if self.listed.name == "head2" else voxels

    monkeypatch.setattr(PreparedVolume, "read", broken)
    source = replace(a_short_recipe.source, held_out=0.0)
    with pytest.raises(TrainingError, match=r"its samples: head2, \w+ at -?[0-9.]+ mm; head2, [^;]*; head2, [^;]*\. "):
        run(replace(a_short_recipe, source=source), tmp_path / "run")


def test_a_teacher_that_does_not_match_the_cache_is_named_with_the_one_that_does(a_short_recipe, tmp_path):
    source = replace(a_short_recipe.source, cache=tmp_path / "cache")
    run(replace(a_short_recipe, source=source), tmp_path / "run")
    frozen = replace(source, cached_only=True)
    assert run(replace(a_short_recipe, source=frozen), tmp_path / "again") is not None
    other = replace(a_short_recipe.teacher, model=str(tiny_models.save_clip(tmp_path / "other-clip", seed=1)))
    with pytest.raises(CacheError, match=r"have no embedding by .*other-clip .* in this cache; it has some by ") as it:
        run(replace(a_short_recipe, source=frozen, teacher=other), tmp_path / "mismatch")
    assert a_short_recipe.teacher.model in str(it.value)


def test_two_runs_do_not_write_into_one_folder(a_short_recipe, tmp_path):
    (tmp_path / "run").mkdir()
    with sole_run(tmp_path / "run"), pytest.raises(OutputError, match="another run is writing"):
        run(a_short_recipe, tmp_path / "run")


def test_a_bundle_that_is_there_already_is_not_replaced(a_short_recipe, tmp_path):
    (tmp_path / "run" / "tiny-encoder").mkdir(parents=True)
    with pytest.raises(RunError, match="tiny-encoder: is there already"):
        run(a_short_recipe, tmp_path / "run")


def test_what_does_not_fit_is_told_before_volumes_are_prepared(a_short_recipe, tmp_path):
    recipe = replace(a_short_recipe, reconstruction=ReconstructionSettings(cube=16))
    with pytest.raises(PretrainingError, match="one cube of 16 voxels"):
        run(recipe, tmp_path / "run")
    assert not list((tmp_path / "run").rglob("*.npy"))


def test_a_damaged_checkpoint_is_named(a_short_recipe, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "checkpoint.safetensors").write_bytes(b"no such thing")
    with pytest.raises(UserError, match=r"checkpoint\.safetensors: the checkpoint cannot be read"):
        run(a_short_recipe, tmp_path / "run")
