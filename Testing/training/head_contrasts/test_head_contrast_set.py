"""A set of synthetic heads says of each what its contrast is, and keeps label maps for training and measuring apart."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.analysis.session import Session
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes import Grid, IntensityScale, Modality, Volume, read_volume, write_volume
from med3dtrain.bundling.making import convert
from med3dtrain.bundling.whole_bundle import WholeBundle
from med3dtrain.datasets.classified_table import read_classified_table
from med3dtrain.datasets.split import Subset
from med3dtrain.finetuning.classification.tasks import ClassificationTasks
from med3dtrain.finetuning.learning.run import FineTuningRun
from med3dtrain.finetuning.settings.recipe import FineTuningRecipe
from med3dtrain.head_contrasts.head_contrast_set import HeadContrastSet
from med3dtrain.head_contrasts.heads import Heads
from med3dtrain.head_contrasts.settings import HeadContrastSettings, Scanner
from med3dtrain.head_contrasts.whole_scale_ct import NAME, whole_scale_ct
from med3dtrain.synthesis.appearance import AppearanceRule
from med3dtrain.synthesis.deformation import DeformationRule
from med3dtrain.synthesis.images import SynthesisRule
from med3dtrain.synthesis.label_table import LabelTable

CONFIGS = Path(__file__).resolve().parents[3] / "training" / "configs"
SYNTHESIS = SynthesisRule(crop_voxel=16, spacing_mm=4.0, smooth_probability=0.0, skull_strip_probability=0.0)
SETTINGS = HeadContrastSettings(
    seed=3,
    label_table=Path("freesurfer_labels.csv"),
    held_out=("b.nii.gz",),
    training_heads=4,
    validation_heads=2,
    scanners=(Scanner({"T1": ("T1",), "T2": ("T2",)}, SYNTHESIS), Scanner({"CT": (NAME, "CT")}, SYNTHESIS)),
)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def table():
    return LabelTable.read(CONFIGS / "freesurfer_labels.csv")


def ids_of_a_head(radius):
    """Nested balls of skin, skull, CSF, cortex and white matter at 1 mm."""
    at = np.stack(np.meshgrid(*[np.arange(56)] * 3, indexing="ij"), -1) - 27.5
    far = np.linalg.norm(at, axis=-1) / radius
    ids = np.zeros(far.shape, np.int16)
    for size, label in ((1.0, 511), (0.9, 515), (0.75, 24), (0.65, 3), (0.4, 2)):
        ids[far < size] = label
    return ids


@pytest.fixture
def label_maps(tmp_path):
    """The head of a is twice as wide as that of b, which is held out."""
    folder = tmp_path / "maps"
    folder.mkdir()
    for name, radius in (("a", 26), ("b", 13)):
        affine = np.diag([1.0, 1.0, 1.0, 1.0])
        write_volume(Volume(ids_of_a_head(radius), Grid((56,) * 3, affine)), folder / f"{name}.nii.gz")
    return folder


def write(label_maps, settings=SETTINGS, name="set", said=None):
    report = (said if said is not None else []).append
    return HeadContrastSet(settings, CONFIGS, label_maps, report).write(label_maps.parent / name)


def contents(table):
    return {path.name: path.read_bytes() for path in (table.parent / "heads").iterdir()}


def test_every_head_is_listed_with_its_class_and_side_and_the_same_settings_draw_the_same(label_maps):
    table = write(label_maps)
    with open(table, newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["class"], row["split"]) for row in rows] == [
        (name, subset)
        for subset, count in (("train", 4), ("validation", 2))
        for name in ("T1", "T2", "CT")
        for _ in range(count)
    ]
    head = read_volume(table.parent / rows[0]["image"])
    assert head.array_kji.dtype == np.int16
    assert head.grid.axis_codes == "RAS"
    assert head.grid.spacing_ijk_mm == pytest.approx([4.0] * 3)
    assert head.modality == Modality.UNKNOWN
    assert contents(write(label_maps, name="again")) == contents(table)
    assert len(set(contents(table).values())) == 18


def test_heads_of_the_two_sides_come_from_label_maps_of_their_own(label_maps):
    """Heads of b take up an eighth of the room that those of a do; nothing else is varied much."""
    calm = AppearanceRule(0.05, 0.02, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0)
    plain = replace(SYNTHESIS, deformation=DeformationRule(5.0, 0.05, 0.0, 0.5, (4, 4), 0.5), appearance=calm)
    table = write(label_maps, replace(SETTINGS, scanners=(Scanner({"T1": ("T1",), "T2": ("T2",)}, plain),)))
    cases = read_classified_table(table, None, 0.2)
    sizes = {
        subset: [np.mean(case.read().array_kji > 300) for case in cases.of(subset) if "T1" in case.name]
        for subset in (Subset.TRAINING, Subset.VALIDATION)
    }
    assert [len(each) for each in sizes.values()] == [4, 2]
    assert min(sizes[Subset.TRAINING]) > 2 * max(sizes[Subset.VALIDATION])


def test_a_set_that_was_stopped_goes_on_and_one_that_grows_keeps_what_it_has(label_maps):
    table = write(label_maps)
    before = contents(table)
    gone, kept = table.parent / "heads" / "T2_train_0002.nii.gz", table.parent / "heads" / "CT_train_0000.nii.gz"
    gone.unlink()
    (gone.parent / f".partial-{gone.name}").write_bytes(b"half of a head")
    written_at = kept.stat().st_mtime_ns
    said = []
    write(label_maps, said=said)
    assert contents(table) == before
    assert kept.stat().st_mtime_ns == written_at
    assert "T2, train: 1 heads drawn, 3 were there" in said
    write(label_maps, replace(SETTINGS, training_heads=5), said=said)
    assert "T2, train: 1 heads drawn, 4 were there" in said
    assert before.items() <= contents(table).items()


def test_heads_of_another_kind_are_not_mixed_in(label_maps):
    write(label_maps)
    with pytest.raises(UserError, match="drawn with other seed") as refused:
        write(label_maps, replace(SETTINGS, seed=4))
    assert "\n" not in str(refused.value)
    write_volume(Volume(ids_of_a_head(20), Grid((56,) * 3, np.eye(4))), label_maps / "a.nii.gz")
    with pytest.raises(UserError, match="drawn with other label_maps"):
        write(label_maps)


def test_label_maps_that_cannot_be_used_are_named(label_maps):
    with pytest.raises(UserError, match=r"has no c\.nii\.gz, which is held out"):
        write(label_maps, replace(SETTINGS, held_out=("c.nii.gz",)))
    with pytest.raises(UserError, match="all label maps are held out"):
        write(label_maps, replace(SETTINGS, held_out=("a.nii.gz", "b.nii.gz")))
    coarse = Volume(ids_of_a_head(20), Grid((56,) * 3, np.diag([2.0, 2.0, 2.0, 1.0])))
    write_volume(coarse, label_maps / "a.nii.gz")
    with pytest.raises(UserError, match=r"a\.nii\.gz: the spacing is"):
        write(label_maps)


def test_a_head_that_is_cut_is_a_smaller_file_at_its_place(table):
    parts = torch.from_numpy(table.part_indices(ids_of_a_head(26)))
    whole, cut = (
        Heads([parts], table, Scanner({"T1": ("T1",)}, replace(SYNTHESIS, crop_probability=share)), "T1", 0)
        for share in (0.0, 1.0)
    )
    for number in range(3):
        head, part = whole.draw(number), cut.draw(number)
        assert part.array_kji.size < head.array_kji.size
        start = head.grid.ijk_of(part.grid.origin_ras_mm[None])[0].round().astype(int)[::-1]
        stop = start + part.array_kji.shape
        there = head.array_kji[tuple(slice(a, b) for a, b in zip(start, stop, strict=True))]
        assert np.array_equal(there, part.array_kji)


def test_the_tissues_of_a_whole_scale_ct_lie_where_hounsfield_units_put_them(table):
    contrast = whole_scale_ct(table)
    names = list(table.structures)
    for seed in range(5):
        means = contrast.draw(table.structures, table.tissue_names, np.random.default_rng(seed)) * 2500 - 1000
        of = dict(zip(names, means.tolist(), strict=True))
        assert of["background"] < -980
        assert 0 <= of["ventricle"] <= 15 < of["cerebral white matter"] <= 32 <= of["cerebral cortex"] <= 42
        assert of["skull"] >= 700


def test_what_is_learnt_from_a_set_becomes_a_small_bundle_that_classifies_whatever_the_modality(label_maps):
    """Two steps of the published network, from the set to the bundle as it is shipped."""
    table = write(label_maps)
    published = FineTuningRecipe.read(CONFIGS / "finetune_head_contrast.toml")
    recipe = replace(
        published,
        minutes=0.0,
        plan=replace(published.plan, patch_kji=(16, 16, 16), batch=3),
        optimisation=replace(published.optimisation, steps=2, warmup_steps=1),
        pace=replace(published.pace, tensorboard=False),
    )
    output = label_maps.parent / "run"
    learnt = FineTuningRun(ClassificationTasks(table, recipe, output), recipe, output, Device.CPU, lambda _: None).run()
    shipped, _ = convert(WholeBundle.open(learnt.folder), "float16", label_maps.parent / "models")
    bundle = shipped.bundle
    assert bundle.weights_path.stat().st_size < 1_000_000
    assert bundle.card.class_names == ("CT", "T1", "T2")
    assert bundle.card.modalities == ("CT", "MR")
    assert {name: rule.scale for name, rule in bundle.card.recipe.intensity.items()} == {
        "default": IntensityScale.PERCENTILES
    }
    head = read_volume(table.parent / "heads" / "CT_validation_0000.nii.gz")
    told = Session.open(bundle, Device.CPU).classify(head)
    assert told.unlikeness is not None
    assert sum(told.probabilities.values()) == pytest.approx(1.0)
    known = Session.open(bundle, Device.CPU).classify(replace(head, modality=Modality.CT))
    assert known.probabilities == told.probabilities
