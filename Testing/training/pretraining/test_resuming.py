"""A run that was killed ends, to the bit, where an undisturbed one ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from Med3DInsightLib.bundles import Bundle
from Med3DInsightLib.networks.factory import load_network
from Med3DInsightLib.volumes import Framing, Plane, Preparation, read_volume, slices_of
from med3dtrain.pretraining.recipe import PretrainingRecipe

from . import parts
from .processes import REPOSITORY, exit_code, start, steps_in, train


@pytest.fixture(scope="module")
def undisturbed(heads, a_teacher_folder, tmp_path_factory):
    """What python training/pretrain.py makes of the recipe, started as a user does."""
    folder = tmp_path_factory.mktemp("undisturbed")
    recipe = parts.a_pretraining_recipe(*heads, a_teacher_folder)
    recipe.write(folder / "recipe.json")
    command = [sys.executable, REPOSITORY / "training" / "pretrain.py", "--recipe", folder / "recipe.json"]
    command += ["--output", folder / "run", "--device", "cpu"]
    environment = {"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "HOME": str(folder)}
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=REPOSITORY, env=environment)
    assert done.returncode == 0, done.stderr
    assert "wrote" in done.stdout
    return folder / "run"


@pytest.fixture(scope="module")
def killed_and_continued(heads, a_teacher_folder, tmp_path_factory):
    """The same, killed with signal 9 three steps behind its checkpoint, and started again."""
    output = tmp_path_factory.mktemp("killed") / "run"
    recipe = parts.a_pretraining_recipe(*heads, a_teacher_folder)
    assert exit_code(start(train, recipe, output, 12)) == -signal.SIGKILL
    assert len(steps_in(output)) == 13
    assert not (output / "tiny-encoder").exists()
    assert exit_code(start(train, recipe, output)) == 0
    return output


def test_twenty_steps_are_ten_a_kill_and_ten_more(undisturbed, killed_and_continued):
    for name in ("checkpoint.safetensors", "tiny-encoder/model.safetensors"):
        whole, continued = load_file(undisturbed / name), load_file(killed_and_continued / name)
        assert whole.keys() == continued.keys()
        for entry, tensor in whole.items():
            assert torch.equal(tensor, continued[entry]), entry


def test_a_checkpoint_holds_network_average_optimizer_queue_and_noise(undisturbed):
    held = load_file(undisturbed / "checkpoint.safetensors")
    for beginning in (
        "step.student.encoder.psat.",
        "step.student.encoder.backbone.",
        "average.module.",
        "optimizer.0.",
    ):
        assert any(name.startswith(beginning) for name in held), beginning
    # The queue is full of pairs, and the share of wrong captions was estimated: they are no fresh buffers.
    assert (held["step.alignment.queue.ids"] >= 0).all()
    assert int(held["step.alignment.noise.0.seen"]) == parts.STEPS * 6
    assert float(held["step.alignment.noise.0.average"]) != parts.a_pretraining_recipe(*"abc").alignment.noise.initial


def test_the_log_has_every_step_once_with_the_same_figures(undisturbed, killed_and_continued):
    whole, continued = steps_in(undisturbed), steps_in(killed_and_continued)
    assert [line["step"] for line in continued] == list(range(parts.STEPS))
    for line, other in zip(whole, continued, strict=True):
        for lines in (line, other):
            lines.pop("time")
            lines.pop("seconds")
        assert line == other
    assert {"loss", "text loss", "image loss", "text mass", "learning rate"} <= set(whole[0])
    assert {"text R@1", "image R@1", "plane accuracy", "position error"} <= set(whole[9])


def test_a_finished_run_that_is_started_again_trains_no_more(undisturbed, heads, a_teacher_folder):
    files = [undisturbed / name for name in ("checkpoint.safetensors", "tiny-encoder/model.safetensors")]
    before = [path.stat().st_mtime_ns for path in files]
    assert exit_code(start(train, parts.a_pretraining_recipe(*heads, a_teacher_folder), undisturbed)) == 0
    assert [path.stat().st_mtime_ns for path in files] == before
    assert len(steps_in(undisturbed)) == parts.STEPS


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_says_in_one_line_how_to_go_on(heads, a_teacher_folder, tmp_path, number):
    recipe = parts.a_pretraining_recipe(*heads, a_teacher_folder)
    endless = replace(recipe, optimisation=replace(recipe.optimisation, steps=100_000))
    endless.write(tmp_path / "recipe.json")
    command = [sys.executable, REPOSITORY / "training" / "pretrain.py", "--recipe", tmp_path / "recipe.json"]
    command += ["--output", tmp_path / "run", "--device", "cpu"]
    with subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE, text=True) as process:
        log = tmp_path / "run" / "log.jsonl"
        while not (log.exists() and steps_in(tmp_path / "run")):
            assert process.poll() is None
            time.sleep(0.1)
        process.send_signal(number)
        said = process.stderr.read().strip().splitlines()
        assert process.wait() == 1
    assert said[-1] == f"Error: interrupted; the last checkpoint is in {tmp_path / 'run'}. Run it again to go on."
    assert not any("Traceback" in line for line in said)


def test_recipe_and_versions_are_written_beside_the_result(undisturbed, heads, a_teacher_folder):
    read = PretrainingRecipe.read(undisturbed / "recipe.json")
    assert read == parts.a_pretraining_recipe(*heads, a_teacher_folder)
    provenance = (undisturbed / "provenance.json").read_text()
    assert '"git_revision"' in provenance
    assert torch.__version__.split("+")[0] in provenance


def test_the_bundle_reads_all_slices_of_a_volume(undisturbed, heads):
    bundle = Bundle.open(undisturbed / "tiny-encoder")
    encoder = load_network(bundle)
    prepared = Preparation.of(read_volume(heads[0] / "head1.nii.gz"), bundle.card.recipe)
    box = Framing.box(prepared.model_grid, (0, 0, 0), parts.PATCH)
    x = torch.from_numpy(box.apply(prepared.array_kji).copy())[None, None]
    for plane in parts.PLANES:
        places = slices_of(box.target, plane)
        with torch.inference_mode():
            read = encoder(x, [box.target], [places])
        assert read.shape == (1, len(places), 20)
        assert read.isfinite().all()
        assert not torch.allclose(read[0, 0], read[0, -1], atol=1e-3)
    assert bundle.card.teacher.startswith("tiny clip@")
    measured = {result.measure: result.value for result in bundle.card.results}
    assert {"text R@1", "image R@1", "plane accuracy", "position error"} <= set(measured)
    assert all(result.command == "python training/pretrain.py --recipe recipe.json" for result in bundle.card.results)
    assert "Learnt from 3 volumes with 27 described slices." in bundle.card.observations
    weights = load_file(bundle.weights_path)
    averaged = load_file(undisturbed / "checkpoint.safetensors")
    for name, tensor in weights.items():
        assert torch.equal(tensor, averaged[f"average.module.encoder.{name}"]), name
    assert slices_of(box.target, Plane.AXIAL)


def test_another_recipe_teacher_or_captions_do_not_continue_a_run(
    killed_and_continued, heads, a_teacher_folder, tmp_path
):
    from Med3DInsightLib.analysis.computing.device import Device
    from med3dtrain.loops.same_run import OtherRunError
    from med3dtrain.pretraining.run import PretrainingRun

    from ..teachers import tiny_models

    recipe = parts.a_pretraining_recipe(*heads, a_teacher_folder)
    faster = replace(recipe, optimisation=replace(recipe.optimisation, learning_rate=0.5))
    other = replace(
        recipe, teacher=replace(recipe.teacher, model=str(tiny_models.save_clip(tmp_path / "clip", seed=1)))
    )
    captions = tmp_path / "captions.jsonl"
    captions.write_bytes(b"".join(heads[1].read_bytes().splitlines(keepends=True)[:-1]))
    fewer = replace(recipe, source=replace(recipe.source, captions=captions))
    before = (killed_and_continued / "checkpoint.safetensors").read_bytes()
    for changed, said in (
        (faster, r"began with optimisation\.learning_rate = 0\.001, not 0\.5"),
        (other, r"began with the teacher .* and .*, not .*clip"),
        (fewer, r"have changed since the run began \(4 volumes, 36 slices then, 4 volumes, 35 slices now\)"),
    ):
        with pytest.raises(OtherRunError, match=rf"checkpoint\.safetensors: .*{said}"):
            PretrainingRun(changed, killed_and_continued, Device.CPU, print).run()
    assert (killed_and_continued / "checkpoint.safetensors").read_bytes() == before
