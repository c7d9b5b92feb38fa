"""A set to pretrain with: real volumes and synthetic heads, described by their label maps."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from Med3DInsightLib.captions import volume_hash
from Med3DInsightLib.captions.files import read_captions
from Med3DInsightLib.captions.slices import uniform_slices
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes import Grid, Modality, Plane, Volume, read_volume, write_volume
from med3dtrain.captioned_set.captioned_set import CaptionedSet
from med3dtrain.captioned_set.drawn_heads import DrawnHeads
from med3dtrain.captioned_set.settings import CaptionedSetSettings, RealVolume, SyntheticHeads
from med3dtrain.datasets.volume_list import list_volumes
from med3dtrain.synthesis.contrasts import CONTRASTS
from med3dtrain.synthesis.deformation import DeformationRule
from med3dtrain.synthesis.deformed_labels import deformed_labels
from med3dtrain.synthesis.head import draw_head
from med3dtrain.synthesis.label_table import LabelTable

from . import parts
from .processes import REPOSITORY

CONFIGS = REPOSITORY / "training" / "configs"
TABLE = CONFIGS / "freesurfer_labels.csv"


def a_label_map():
    """A ball of white matter in one of grey matter, off centre; axes L-I-A at 1 mm, as SynthSeg's."""
    affine = np.array([[-1.0, 0, 0, 20], [0, 0, 1.0, -15], [0, -1.0, 0, 18], [0, 0, 0, 1]])
    grid = Grid((36, 38, 40), affine)
    k, j, i = np.meshgrid(*(np.arange(size) for size in grid.shape_kji), indexing="ij")
    far = np.linalg.norm(grid.ras_of(np.stack([i, j, k], -1)) - (6, 2, 1), axis=-1)
    ids = np.zeros(grid.shape_kji, np.int16)
    ids[far < 12], ids[far < 7] = 42, 41
    return Volume(ids, grid)


@pytest.fixture
def a_folder(tmp_path):
    """Volumes as the settings name them."""
    (tmp_path / "data" / "maps").mkdir(parents=True)
    write_volume(parts.a_head(0), tmp_path / "data" / "head.nii.gz")
    labels = (parts.a_head(0).array_kji > 0).astype(np.int16) * 5
    write_volume(Volume(labels, parts.a_head(0).grid), tmp_path / "data" / "labels.nii.gz")
    write_volume(a_label_map(), tmp_path / "data" / "maps" / "training_seg_01.nii.gz")
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "names.json").write_text('{"5": "liver"}')
    for name in ("freesurfer_names.json", "freesurfer_labels.csv"):
        (tmp_path / "configs" / name).write_bytes((CONFIGS / name).read_bytes())
    return tmp_path


SETTINGS = CaptionedSetSettings(
    seed=0,
    slices_per_plane=3,
    wordings=2,
    detailed=4,
    real=(RealVolume("head.nii.gz", Modality.MR, "Apache-2.0", "labels.nii.gz", "names.json"),),
    heads=SyntheticHeads("maps", "freesurfer_names.json", "freesurfer_labels.csv", ("T2",), "Apache-2.0"),
)


def write(folder):
    CaptionedSet(SETTINGS, folder / "data", folder / "configs", lambda text: None).write(folder / "set")
    return list(read_captions(folder / "set" / "captions.jsonl"))


def test_a_set_lists_volumes_and_describes_their_slices_by_content(a_folder):
    captions = write(a_folder)
    listed = list_volumes(a_folder / "set" / "volumes.txt")
    assert [each.modality for each in listed] == [Modality.MR, Modality.MR]
    hashes = {volume_hash(read_volume(each.path)) for each in listed}
    assert {caption.volume_hash for caption in captions} == hashes
    assert {caption.prompt for caption in captions} == {"seed 0, 4 in detail", "seed 1, 4 in detail"}
    of_head = [caption.text for caption in captions if "T2" in caption.volume_id]
    assert any("right cerebral white matter" in text for text in of_head)
    # Only slices that show something are described.
    assert not any("label" in text for text in of_head)


def test_a_set_that_was_stopped_goes_on(a_folder):
    captions = write(a_folder)
    path = a_folder / "set" / "captions.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:3]) + lines[3][:20])
    assert sorted(map(repr, write(a_folder))) == sorted(map(repr, captions))


def test_a_synthetic_head_lies_where_its_label_map_does():
    label_map, table = a_label_map(), LabelTable.read(TABLE)
    t1 = next(contrast for contrast in CONTRASTS if contrast.name == "T1")
    head = draw_head(label_map, table, t1, np.random.default_rng(0))
    assert head.grid.axis_codes == "RAS"
    np.testing.assert_allclose(head.grid.spacing_ijk_mm, 2.0)
    bright = np.argwhere(head.array_kji > np.percentile(head.array_kji, 99))
    np.testing.assert_allclose(head.grid.ras_of(bright[:, ::-1]).mean(0), (6, 2, 1), atol=1.5)


def test_other_heads_than_those_of_a_folder_are_refused_by_what_differs(a_folder):
    write(a_folder)
    for change, told in (({"seed": 1}, "seed"), ({"heads": replace(SETTINGS.heads, block_voxel=1)}, "block_voxel")):
        other = CaptionedSet(replace(SETTINGS, **change), a_folder / "data", a_folder / "configs", lambda text: None)
        with pytest.raises(UserError, match=f"the heads here were drawn with other {told}"):
            other.write(a_folder / "set")
    write_volume(a_label_map(), a_folder / "data" / "maps" / "training_seg_02.nii.gz")
    with pytest.raises(UserError, match="the heads here were drawn with other label_maps"):
        write(a_folder)


def test_boxes_around_labels_are_drawn_where_the_labels_are(a_folder):
    heads = replace(SETTINGS.heads, around=(41, 42), margin_mm=3.0, block_voxel=1)
    drawn = DrawnHeads(heads, a_folder / "data", a_folder / "configs", seed=0)
    (a_folder / "heads").mkdir()
    found = {path.name: subject.volume for path, subject in drawn.subjects(a_folder / "heads")}
    for value, radius in ((41, 7), (42, 12)):
        grid = found[f"around-{value}_training_T2_01.nii.gz"].grid
        np.testing.assert_allclose(grid.spacing_ijk_mm, 1.0)
        assert all(abs(size - 2 * (radius + 3)) <= 2 for size in grid.shape_kji)
        np.testing.assert_allclose(grid.ras_of((np.array(grid.shape_kji[::-1]) - 1) / 2), (6, 2, 1), atol=1.0)


def test_a_label_to_draw_around_that_is_not_there_is_named(a_folder):
    heads = replace(SETTINGS.heads, around=(17,))
    drawn = DrawnHeads(heads, a_folder / "data", a_folder / "configs", seed=0)
    with pytest.raises(UserError, match=r"training_seg_01\.nii\.gz: has no voxel of label 17"):
        list(drawn.subjects(a_folder / "heads"))


def test_the_names_and_the_tissues_of_freesurfer_are_of_the_same_ids():
    names = {int(value) for value in json.loads((CONFIGS / "freesurfer_names.json").read_text())}
    assert names == set(LabelTable.read(TABLE).part_of_id) - {0}


def test_the_published_settings_are_read_and_a_wrong_entry_is_named(tmp_path):
    settings = CaptionedSetSettings.read(CONFIGS / "small_pretraining_set.toml")
    assert {each.licence for each in settings.real} <= {"Apache-2.0", "CC BY 4.0"}
    (tmp_path / "set.toml").write_text("seed = 'x'\nslices_per_plane = 1\nwordings = 1\ndetailed = 1\nreal = []\n")
    with pytest.raises(UserError, match=r"set\.toml: seed: "):
        CaptionedSetSettings.read(tmp_path / "set.toml")


def test_more_heads_than_label_maps_have_other_contrasts_and_shapes_of_their_own(a_folder):
    for number in (2, 3):
        (a_folder / "data" / "maps" / f"training_seg_{number:02}.nii.gz").write_bytes(
            (a_folder / "data" / "maps" / "training_seg_01.nii.gz").read_bytes()
        )
    rule = DeformationRule(flip_probability=0.0)
    heads = replace(
        SETTINGS.heads, contrasts=("T1", "T2"), images=4, deformation=rule, left_out=("training_seg_03.nii.gz",)
    )
    drawn = DrawnHeads(heads, a_folder / "data", a_folder / "configs", seed=0)
    found = list(drawn.subjects(a_folder / "heads"))
    names = ["training_T1_01.nii.gz", "training_T2_02.nii.gz", "training_T2_01.nii.gz", "training_T1_02.nii.gz"]
    assert [path.name for path, _ in found] == names
    assert sorted(path.name for path in (a_folder / "heads").glob("*.nii.gz")) == sorted(names)
    pictures = {read_volume(path).array_kji.tobytes() for path, _ in found}
    assert len(pictures) == 4
    for number, reason in ((5, "from 1 to 4"), (0, "from 1 to 4")):
        with pytest.raises(UserError, match=reason):
            list(
                DrawnHeads(replace(heads, images=number), a_folder / "data", a_folder / "configs", 0).subjects(a_folder)
            )


def test_a_head_with_a_shape_of_its_own_is_described_where_its_structures_are(a_folder):
    heads = replace(SETTINGS.heads, deformation=DeformationRule(flip_probability=0.0))
    ((_, subject),) = DrawnHeads(heads, a_folder / "data", a_folder / "configs", 0).subjects(a_folder / "heads")
    places = uniform_slices(subject.volume.grid, Plane.AXIAL, 20)
    described = [each.place.index for each in subject.slices(places) if each.structures()]
    array = subject.volume.array_kji
    bright = np.flatnonzero((array > np.percentile(array, 90)).sum((1, 2)) > 20)
    assert abs(described[0] - bright[0]) <= 2
    assert abs(described[-1] - bright[-1]) <= 2


def test_deformed_labels_stay_on_their_side_and_around_their_middle():
    label_map = a_label_map()
    same = deformed_labels(label_map, DeformationRule(0.0, 0.0, 0.0, 0.0, (4, 4), 0.0), np.random.default_rng(0))
    assert (same.grid.axis_codes, same.grid.shape_kji) == ("RAS", (40, 40, 40))
    for seed, rule in enumerate([DeformationRule(flip_probability=0.0)] * 8):
        turned = deformed_labels(label_map, rule, np.random.default_rng(seed))
        assert set(np.unique(turned.array_kji)) == {0, 41, 42}
        middle = label_map.grid.ras_of((np.array(label_map.grid.shape_ijk) - 1) / 2)
        assert np.linalg.norm(_centre_ras_mm(turned) - middle) < np.linalg.norm(_centre_ras_mm(label_map) - middle) + 5
        assert _centre_ras_mm(turned)[0] - middle[0] > 0
    assert np.linalg.norm(_centre_ras_mm(same) - _centre_ras_mm(label_map)) < 0.8
    with pytest.raises(ValueError, match="left"):
        deformed_labels(label_map, DeformationRule(), np.random.default_rng(0))


def _centre_ras_mm(labels):
    return labels.grid.ras_of(np.argwhere(labels.array_kji > 0)[:, ::-1]).mean(0)
