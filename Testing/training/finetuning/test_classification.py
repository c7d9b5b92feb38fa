"""Learning what whole volumes are ends with a bundle that says so, calibrated and modest."""

from __future__ import annotations

import csv
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes import Modality, VolumeError, read_volume
from med3dtrain.datasets.classified_table import read_classified_table
from med3dtrain.datasets.errors import DatasetError
from med3dtrain.datasets.medmnist import read_medmnist
from med3dtrain.datasets.split import Subset
from med3dtrain.finetuning.classification.tasks import ClassificationTasks
from med3dtrain.finetuning.errors import FineTuningError
from med3dtrain.finetuning.settings.start import StartSettings

from . import processes
from .classifying import recipe, run
from .data import a_case, a_recipe


@pytest.fixture(scope="session")
def a_bundle_that_classifies(a_table, tmp_path_factory):
    torch.set_num_threads(1)
    return run(a_table, tmp_path_factory.mktemp("classify"))


def test_a_session_says_what_a_volume_is_and_the_card_how_often_it_is_right(a_bundle_that_classifies, a_table):
    session = Session.open(a_bundle_that_classifies, Device.CPU)
    cases = read_classified_table(a_table, Modality.MR, 0.2)
    assert cases.class_names == ("cube", "none")
    right = []
    for case in cases.of(Subset.TEST):
        result = session.classify(case.read())
        assert sum(result.probabilities.values()) == pytest.approx(1.0)
        assert 0.0 <= result.unlikeness <= 1.0
        right.append(result.most_probable == cases.class_names[case.class_number])
    figures = {each.measure: each.value for each in a_bundle_that_classifies.card.results}
    assert figures["test accuracy"] == pytest.approx(np.mean(right), abs=1e-4)
    assert {"validation AUC", "validation calibration error", "test AUC", "test F1"} <= set(figures)
    assert figures["validation AUC"] >= 0.7
    assert len(a_bundle_that_classifies.card.learnt_from) == 12


def test_a_volume_of_another_kind_is_called_unlike_the_training_data(a_bundle_that_classifies):
    session = Session.open(a_bundle_that_classifies, Device.CPU)
    image, _ = a_case(0, (16, 18, 16))
    generator = np.random.default_rng(0)
    noise = image.with_array(generator.choice([0.0, 100.0], image.array_kji.shape).astype(np.float32))
    assert session.classify(noise).is_unfamiliar


def test_a_model_that_classifies_does_not_segment_and_the_other_way_round(a_bundle_that_classifies, a_bundle):
    image, _ = a_case(0)
    with pytest.raises(UserError, match="'tiny' does not segment"):
        Session.open(a_bundle_that_classifies, Device.CPU).segment(image)
    with pytest.raises(UserError, match="does not classify"):
        Session.open(a_bundle, Device.CPU).classify(image)


def test_a_turned_volume_is_the_same_volume(a_bundle_that_classifies, a_table):
    import SimpleITK as sitk

    session = Session.open(a_bundle_that_classifies, Device.CPU)
    path = a_table.parent / "v0.nii.gz"
    sitk.WriteImage(sitk.DICOMOrient(sitk.ReadImage(str(path)), "PIR"), str(a_table.parent / "turned.nrrd"))
    straight = session.classify(read_volume(path, Modality.MR))
    turned = session.classify(read_volume(a_table.parent / "turned.nrrd", Modality.MR))
    assert turned.probabilities == pytest.approx(straight.probabilities, abs=1e-4)


def test_a_run_that_was_killed_ends_where_an_undisturbed_one_does(a_bundle_that_classifies, a_table, tmp_path):
    assert processes.exit_code(processes.start(processes.classify, a_table, recipe(), tmp_path, 13)) == -signal.SIGKILL
    assert processes.exit_code(processes.start(processes.classify, a_table, recipe(), tmp_path)) == 0
    whole, continued = (
        load_file(folder / "model.safetensors") for folder in (a_bundle_that_classifies.folder, tmp_path / "tiny")
    )
    for name, tensor in whole.items():
        assert torch.equal(tensor, continued[name]), name


def test_an_encoder_that_segments_can_learn_to_classify(a_bundle, a_table, tmp_path):
    bundle = run(a_table, tmp_path, start=StartSettings(bundle=str(a_bundle.folder), frozen_steps=24))
    before, after = load_file(a_bundle.weights_path), load_file(bundle.weights_path)
    shared = [name for name in before if name.startswith("backbone.")]
    assert shared
    assert all(torch.equal(before[name], after[name]) for name in shared)


def write_medmnist(path, sizes=(8, 4, 4), **changes):
    generator = np.random.default_rng(3)
    arrays = {}
    for part, count in zip(("train", "val", "test"), sizes, strict=True):
        labels = np.arange(count) % 2
        images = generator.integers(0, 40, (count, 12, 12, 12), dtype=np.uint8)
        images[labels == 1, 3:9, 3:9, 3:9] += 200
        arrays |= {f"{part}_images": images, f"{part}_labels": labels[:, None].astype(np.uint8)}
    np.savez(path, **{**arrays, **changes})
    return path


def test_a_file_of_medmnist_is_learnt_from(tmp_path):
    path = write_medmnist(tmp_path / "tinymnist3d.npz")
    names = replace(a_recipe().cases, classes=("normal", "changed"))
    bundle = run(path, tmp_path / "run", cases=names)
    assert bundle.card.class_names == ("normal", "changed")
    assert {each.measure: each.value for each in bundle.card.results}["test AUC"] == 1.0


def test_a_file_that_is_not_of_medmnist_is_refused(tmp_path):
    objects = write_medmnist(tmp_path / "pickled.npz", train_images=np.array([{"a": 1}], dtype=object))
    with pytest.raises(DatasetError, match=r"pickled\.npz: cannot be read as MedMNIST"):
        read_medmnist(objects)
    with pytest.raises(DatasetError, match="has labels from 0 to 1 for 1 class names"):
        read_medmnist(write_medmnist(tmp_path / "a.npz"), ("one",))
    whole = (tmp_path / "a.npz").read_bytes()
    for content in (b"no archive", b"", whole[: len(whole) // 2]):
        (tmp_path / "b.npz").write_bytes(content)
        with pytest.raises(DatasetError, match=r"b\.npz: cannot be read"):
            read_medmnist(tmp_path / "b.npz")


def test_a_volume_on_two_sides_is_refused(tmp_path):
    images = np.random.default_rng(0).integers(0, 255, (8, 12, 12, 12), dtype=np.uint8)
    path = write_medmnist(tmp_path / "leaky.npz", train_images=images, test_images=images[:4])
    with pytest.raises(DatasetError, match=r"leaky\.npz test 0 .* is the same volume as leaky\.npz train 0"):
        read_medmnist(path)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["image,subset", "v0.nii.gz,cube"], "has no column class"),
        (["image,class", "v0.nii.gz,"], "line 2 lacks an image or a class"),
        (["image,class", "v0.nii.gz,cube"], "all cases have the class 'cube'"),
        (["image,class", "v0.nii.gz,cube", "absent.nii.gz,none"], r"absent\.nii\.gz: cannot be read"),
        (["image,class", "v0.nii.gz,cube", "v0.nii.gz,none"], "has the case 'v0.nii.gz' twice"),
        (["image,class,split", "v0.nii.gz,cube,train", "v1.nii.gz,none,trian"], "has the split 'trian'"),
        (["image,class,split", "v0.nii.gz,cube,train", "v1.nii.gz,none,test"], "no train case has the class 'none'"),
        (["image,class,split", "v0.nii.gz,cube,train", "v1.nii.gz,none"], "has the split ''"),
        (
            ["image,class", "v0.nii.gz,cube", "v2.nii.gz,cube", "v1.nii.gz,none"],
            r"'none' has a single case, v1\.nii\.gz",
        ),
    ],
)
def test_a_table_that_cannot_be_used_is_named(a_table, lines, message):
    table = a_table.parent / "other.csv"
    table.write_text("\n".join(lines))
    with pytest.raises(DatasetError, match=message) as refused:
        read_classified_table(table, None, 0.5)
    assert "\n" not in str(refused.value)


def test_every_class_is_on_both_sides_of_a_table_without_a_split(a_table):
    table = a_table.parent / "unsplit.csv"
    classes = ["cube" if seed % 2 == 0 else "none" for seed in range(18)]
    rows = [f"v{seed}.nii.gz,{name}" for seed, name in enumerate(classes) if name == "cube" or seed < 4]
    table.write_text("\n".join(["image,class", *rows]))
    cases = read_classified_table(table, None, 0.25)
    counts = [[case.class_number for case in cases.of(subset)] for subset in (Subset.TRAINING, Subset.VALIDATION)]
    assert [[numbers.count(0), numbers.count(1)] for numbers in counts] == [[7, 1], [2, 1]]


@pytest.mark.parametrize("entry", [{"share": 0.5}, {"test": Path("held_out")}, {"split": Path("split.csv")}])
def test_settings_that_only_segmentation_obeys_are_refused(a_table, tmp_path, entry):
    settings = replace(recipe().cases, **entry)
    with pytest.raises(FineTuningError, match=rf"cases\.{next(iter(entry))} is for segmentation alone"):
        run(a_table, tmp_path, cases=settings)


def test_a_case_for_the_test_that_cannot_be_read_is_named_before_anything_is_learnt(a_table, tmp_path):
    for path in a_table.parent.glob("v*.nii.gz"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "cases.csv").write_text(a_table.read_text())
    with open(a_table, newline="") as stream:
        tested = next(row["image"] for row in csv.DictReader(stream) if row["split"] == "test")
    (tmp_path / tested).write_bytes(b"no image")
    with pytest.raises(VolumeError, match=tested):
        run(tmp_path / "cases.csv", tmp_path / "run")
    assert not list((tmp_path / "run").glob("*.safetensors"))


def test_it_is_said_if_the_network_sees_a_part_of_the_volume(a_table, tmp_path):
    said: list[str] = []
    small = replace(recipe(), plan=replace(recipe().plan, patch_kji=(8, 8, 8)))
    ClassificationTasks(a_table, small, tmp_path).make(torch.device("cpu"), said.append)
    assert any("sees the middle 11% of the median volume" in line for line in said)


def test_the_check_reads_every_volume(a_table, tmp_path):
    tasks = ClassificationTasks(a_table, recipe(), tmp_path)
    assert tasks.check(print) == "12 train, 4 validation, 2 test cases; cube, none"
    damaged = a_table.parent / "damaged"
    damaged.mkdir(exist_ok=True)
    for path in a_table.parent.glob("*.nii.gz"):
        (damaged / path.name).write_bytes(path.read_bytes())
    (damaged / "cases.csv").write_text(a_table.read_text())
    (damaged / "v5.nii.gz").write_bytes(b"no image")
    with pytest.raises(VolumeError, match=r"v5\.nii\.gz"):
        ClassificationTasks(damaged / "cases.csv", recipe(), tmp_path).check(print)
