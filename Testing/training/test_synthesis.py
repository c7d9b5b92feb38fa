"""Synthetic images show what their targets say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch

from Med3DInsightLib.errors import UserError
from med3dtrain.from_label_maps.recipe import LabelMapRecipe
from med3dtrain.synthesis.appearance import AppearanceRule, draw_appearance, gaussian_blur
from med3dtrain.synthesis.deformation import DeformationRule, draw_lookup, look_up
from med3dtrain.synthesis.images import SynthesisRule, SyntheticImages
from med3dtrain.synthesis.label_maps import read_label_maps
from med3dtrain.synthesis.label_table import TISSUES, LabelTable

TABLE_FILE = Path(__file__).resolve().parents[2] / "training" / "configs" / "freesurfer_labels.csv"
_CALM = AppearanceRule(0.0, 0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0)


@pytest.fixture
def table():
    return LabelTable.read(TABLE_FILE)


@pytest.fixture
def a_head(table):
    """Nested balls of skin, skull, CSF, cortex and white matter, as structure indices at 1 mm."""
    at = np.stack(np.meshgrid(*[np.arange(80)] * 3, indexing="ij"), -1) - 39.5
    radius = np.linalg.norm(at, axis=-1)
    ids = np.zeros(radius.shape, int)
    for size, label in ((38, 511), (35, 515), (32, 24), (28, 3), (20, 2)):
        ids[radius < size] = label
    return torch.from_numpy(table.part_indices(ids))


@pytest.fixture
def rule():
    return SynthesisRule(crop_voxel=24)


def test_every_label_of_the_published_maps_has_a_tissue(table, shared_data):
    maps = read_label_maps(shared_data / "synthseg_labels", table, 1.0)
    assert len(maps) == 20
    tissue = torch.from_numpy(table.target_of_part)[maps[0].long()]
    litres = torch.bincount(tissue.ravel(), minlength=4).double() / 1e6
    assert 0.4 < litres[TISSUES.index("grey matter")] < 1.2
    assert 0.3 < litres[TISSUES.index("white matter")] < 0.9


def test_both_sides_of_a_structure_are_one(table):
    left, right = table.structure_of_part[table.part_indices(np.array([3, 42]))]
    assert table.structures[left] == table.structures[right] == "cerebral cortex"
    assert TISSUES[table.tissue_of_structure[left]] == "grey matter"


@pytest.mark.parametrize("label", [999, 77, -1])
def test_an_unknown_label_is_refused(table, label):
    with pytest.raises(ValueError, match=str(label)):
        table.part_indices(np.array([[[0, label]]]))


def test_a_table_that_contradicts_itself_is_refused(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("label_id,structure,tissue\n3,cortex,grey matter\n42,cortex,white matter\n")
    with pytest.raises(ValueError, match="both grey matter and white matter"):
        LabelTable.read(path)
    path.write_text("label_id,structure,tissue\n3,cortex,bark\n")
    with pytest.raises(ValueError, match="'bark' is not one of"):
        LabelTable.read(path)


def test_a_table_without_a_label_for_a_target_is_refused():
    with pytest.raises(ValueError, match="no label belongs to left thumb"):
        LabelTable.read(TABLE_FILE, ["left thumb", "left thalamus"])


def test_targets_may_be_segments_and_all_other_labels_are_background():
    table = LabelTable.read(TABLE_FILE, ["left thalamus", "right thalamus", "fourth ventricle"])
    found = table.target_of_part[table.part_indices(np.array([10, 49, 15, 3, 515, 0]))]
    assert found.tolist() == [1, 2, 3, 0, 0, 0]
    assert table.mirrored_targets.tolist() == [0, 2, 1, 3]
    assert table.is_brain_target.tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    "name", ["brain_structures_cpu.toml", "brain_structures_cpu_4.toml", "brain_structures_gpu.toml"]
)
def test_the_recipes_of_structures_learn_all_32_of_the_published_table(shared_data, name):
    recipe = LabelMapRecipe.read(TABLE_FILE.with_name(name))
    table = recipe.read_label_table()
    lines = (shared_data / "synthseg_labels" / "labels_table.txt").read_text().splitlines()
    ids = [int(line.split()[0]) for line in lines if line[:1].isdigit() and not line.startswith("0 ")]
    assert len(set(table.target_of_part[table.part_indices(np.array(ids))])) == len(ids) == 32
    left = [segment.name for segment in recipe.card.segments if segment.modifier and segment.modifier.meaning == "Left"]
    assert left == [name for name in table.targets if name.startswith("left ")]


def test_held_out_label_maps_are_not_read(table, tmp_path):
    for name in ("a", "b"):
        nib.save(nib.Nifti1Image(np.full((4, 4, 4), 2, np.int16), np.eye(4)), tmp_path / f"{name}.nii.gz")
    assert len(read_label_maps(tmp_path, table, 1.0)) == 2
    assert len(read_label_maps(tmp_path, table, 1.0, ["a.nii.gz"])) == 1
    with pytest.raises(UserError, match=r"held out are not there: c\.nii\.gz"):
        read_label_maps(tmp_path, table, 1.0, ["a.nii.gz", "c.nii.gz"])


def test_a_label_map_without_a_brain_is_refused(table, tmp_path):
    nib.save(nib.Nifti1Image(np.zeros((4, 4, 4), np.int16), np.eye(4)), tmp_path / "a.nii.gz")
    with pytest.raises(UserError, match=r"a\.nii\.gz: shows no grey or white matter"):
        read_label_maps(tmp_path, table, 1.0)


def test_label_maps_of_another_spacing_are_refused(table, tmp_path):
    nib.save(nib.Nifti1Image(np.zeros((4, 4, 4), np.int16), np.diag([2.0, 2, 2, 1])), tmp_path / "a.nii.gz")
    with pytest.raises(UserError, match="spacing is 2 x 2 x 2 mm, not 1 mm"):
        read_label_maps(tmp_path, table, 1.0)
    with pytest.raises(UserError, match="no .nii.gz"):
        read_label_maps(tmp_path / "empty", table, 1.0)


def test_every_number_gives_the_same_example_and_another_number_another(a_head, table, rule):
    first, second = (SyntheticImages([a_head], table, rule, seed=3) for _ in range(2))
    image, fractions = first.draw(5)
    again, fractions_again = second.draw(5)
    assert torch.equal(image, again)
    assert torch.equal(fractions, fractions_again)
    assert not torch.equal(image, first.draw(6)[0])


@pytest.mark.parametrize("index", range(12))
def test_images_are_finite_and_fractions_sum_to_one(a_head, table, rule, index):
    image, fractions = SyntheticImages([a_head], table, rule, seed=0).draw(index)
    assert image.shape == (24, 24, 24)
    assert fractions.shape == (4, 24, 24, 24)
    assert torch.isfinite(image).all()
    assert torch.allclose(fractions.sum(0), torch.ones(24, 24, 24), atol=1e-4)
    assert fractions.min() >= -1e-6


def test_in_a_t1_image_white_matter_is_brighter_than_grey_and_grey_than_csf(a_head, table):
    rule = SynthesisRule(24, 2.0, 0.0, 0.0, 10**9, DeformationRule(), _CALM)
    images = SyntheticImages([a_head], table, rule, seed=1)
    for index in range(8):
        image, fractions = images.draw(index)
        means = [float(image[fractions[tissue] > 0.99].mean()) for tissue in (1, 2, 3)]
        assert means == sorted(means)


def test_a_stripped_image_is_black_outside_the_brain_and_its_target_is_background(a_head, table):
    rule = SynthesisRule(40, 2.0, 0.0, 1.0, 10**9, DeformationRule(), _CALM)
    image, fractions = SyntheticImages([a_head], table, rule, seed=1).draw(0)
    outside = fractions[0] > 0.999
    assert image[outside].std() < 1e-3
    assert image[outside].mean() < image[~outside].mean()


def test_a_mirrored_image_has_its_left_targets_on_the_left():
    """The left ball of the label map is bright: where it is shown on the right, it is called right."""
    table = LabelTable.read(TABLE_FILE, ["left thalamus", "right thalamus"])
    ids = np.zeros((60, 60, 60), int)
    ids[20:40, 20:40, 10:28], ids[20:40, 20:40, 32:50] = 10, 49
    still = DeformationRule(0.0, 0.0, 0.0, 1.0, (4, 4), 0.0)
    images = SyntheticImages(
        [torch.from_numpy(table.part_indices(ids))], table, SynthesisRule(24, 2.0, 0, 0, 1, still, _CALM), 0
    )
    for index in range(4):
        _, fractions = images.draw(index)
        left, right = (float((fractions[value].sum((0, 1)) * torch.arange(24)).sum()) for value in (1, 2))
        assert left / fractions[1].sum() < right / fractions[2].sum()


def test_a_cropped_image_has_no_target_outside_its_field(a_head, table):
    rule = SynthesisRule(24, 2.0, 0.0, 0.0, 10**9, DeformationRule(), _CALM, crop_probability=1.0)
    whole = SynthesisRule(24, 2.0, 0.0, 0.0, 10**9, DeformationRule(), _CALM)
    cut = 0
    for index in range(6):
        _, fractions = SyntheticImages([a_head], table, rule, seed=1).draw(index)
        _, all_fractions = SyntheticImages([a_head], table, whole, seed=1).draw(index)
        assert torch.allclose(fractions.sum(0), torch.ones(24, 24, 24), atol=1e-4)
        assert (fractions[1:] <= all_fractions[1:] + 1e-6).all()
        cut += int(fractions[1:].sum() < 0.99 * all_fractions[1:].sum())
    assert cut >= 3


def test_a_curriculum_begins_with_shapes_and_appearances_that_vary_little(a_head, table):
    """Turned by up to 90 degrees, a head differs from itself; at the beginning of the curriculum it hardly does."""
    wild = DeformationRule(90.0, 0.0, 0.0, 0.0, (4, 4), 0.0)
    differences = {}
    for strength in (0.0, 1.0):
        rule = SynthesisRule(24, 2.0, 0, 0, 10**9, wild, _CALM, first_strength=strength, shares={"T1": 1.0})
        images = SyntheticImages([lopsided(a_head)], table, rule, seed=1)
        fractions = [images.draw(index)[1].sum((1, 2, 3)) for index in range(4)]
        differences[strength] = float(torch.stack(fractions).std(0).max())
    assert differences[0.0] < differences[1.0]
    calm = AppearanceRule().at_strength(0.0)
    image = torch.rand(8, 8, 8)
    drawn = [draw_appearance(image, calm, np.random.default_rng(seed)) for seed in range(2)]
    assert torch.allclose(drawn[0], drawn[1])


def lopsided(head):
    """The head with its lower half empty."""
    half = head.clone()
    half[:40] = 0
    return half


def test_without_deformation_the_lookup_gives_the_label_map(a_head):
    still = DeformationRule(0.0, 0.0, 0.0, 0.0, (4, 4), 0.0)

    class NoScale(np.random.Generator):
        def uniform(self, low=0.0, high=1.0, size=None):
            return np.zeros(size) if size else 0.0 if low <= 0.0 <= high else low

    generator = NoScale(np.random.PCG64(0))
    positions = draw_lookup(np.array([39.5, 39.5, 39.5]), 80, 1.0, still, generator)
    assert torch.equal(look_up(a_head, positions.positions_kji), a_head)


def test_outside_the_label_map_there_is_background(a_head):
    assert not look_up(a_head + 1, torch.full((2, 2, 2, 3), -5.0)).any()


def test_blur_keeps_the_mean_and_appearance_keeps_images_finite():
    image = torch.rand(1, 20, 20, 20)
    assert gaussian_blur(image, 1.0).mean() == pytest.approx(float(image.mean()), abs=0.01)
    assert gaussian_blur(image, 1.0).std() < image.std()
    for seed in range(10):
        drawn = draw_appearance(image[0], AppearanceRule(), np.random.default_rng(seed))
        assert torch.isfinite(drawn).all()


def test_without_a_curriculum_the_first_image_varies_as_much_as_any(table, a_head, rule):
    weak, full = (replace(rule, curriculum_examples=0, first_strength=strength) for strength in (0.1, 1.0))
    first, same = (SyntheticImages([a_head], table, each, seed=3).draw(0)[0] for each in (weak, full))
    assert torch.equal(first, same)
