"""Volumes are found, prepared once, and joined with the captions of their slices."""

from __future__ import annotations

import os

import numpy as np
import pytest

from Med3DInsightLib.captions import CaptionError
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes import (
    Framing,
    Modality,
    Plane,
    Preparation,
    VolumeError,
    read_volume,
    slice_of,
    write_volume,
)
from med3dtrain.datasets import volume_store
from med3dtrain.datasets.bad_input import BadInput, OnBadInput
from med3dtrain.datasets.errors import DatasetError
from med3dtrain.datasets.volume_list import ListedVolume, list_volumes
from med3dtrain.datasets.volume_store import VolumeStore
from med3dtrain.pretraining.errors import PretrainingError
from med3dtrain.pretraining.samples.captioned import captioned_volumes, split_held_out

from . import parts


@pytest.fixture
def a_store(tmp_path):
    return VolumeStore(tmp_path / "store", parts.a_recipe_of_volumes())


@pytest.fixture
def a_listed_head(heads):
    return list_volumes(heads[0])[0]


def join(captions, volumes, policy=OnBadInput.STOP, least_score=0.5):
    """The captioned volumes, and what was said."""
    said = []
    return captioned_volumes(captions, volumes, least_score, BadInput(policy, said.append), said.append), said


def prepared_heads(heads, store):
    return [store.get(each) for each in list_volumes(heads[0])]


def test_a_folder_is_searched_with_its_sub_folders_in_an_order_that_stays(heads):
    listed = list_volumes(heads[0].parent, Modality.MR)
    assert [each.name for each in listed] == [f"volumes/head{number}" for number in range(4)]
    assert all(each.modality == Modality.MR for each in listed)


def test_a_list_names_volumes_beside_it_with_their_modality(heads, tmp_path):
    path = tmp_path / "list.txt"
    first, second = sorted(heads[0].iterdir())[:2]
    path.write_text(f"# two heads\n{first}\tct\n\n{os.path.relpath(second, tmp_path)}\n")
    listed = list_volumes(path, Modality.MR)
    assert [each.modality for each in listed] == [Modality.CT, Modality.MR]
    assert [each.path.resolve() for each in listed] == [first.resolve(), second.resolve()]


@pytest.mark.parametrize(("text", "said"), [("# nothing\n", "lists no volume"), ("a.nii\tPET\n", "line 1 .*'PET'")])
def test_a_list_that_cannot_be_used_is_named(tmp_path, text, said):
    (tmp_path / "list.txt").write_text(text)
    with pytest.raises(DatasetError, match=rf"list\.txt: {said}"):
        list_volumes(tmp_path / "list.txt")
    with pytest.raises(DatasetError, match="missing: is neither a folder nor a list"):
        list_volumes(tmp_path / "missing")


def test_a_prepared_volume_is_what_the_recipe_makes_of_it(a_store, a_listed_head):
    prepared = a_store.get(a_listed_head)
    volume = read_volume(a_listed_head.path)
    expected = Preparation.of(volume, parts.a_recipe_of_volumes())
    assert prepared.model_grid.matches(expected.model_grid)
    assert prepared.input_grid.matches(volume.grid)
    box = Framing.box(prepared.model_grid, (2, 1, 3), (16, 16, 16))
    np.testing.assert_allclose(prepared.read(box), box.apply(expected.array_kji), atol=5e-4)


def test_a_volume_is_prepared_once_and_again_when_it_changed(a_store, tmp_path, monkeypatch):
    path = tmp_path / "head.nii.gz"
    write_volume(parts.a_head(1), path)
    listed = ListedVolume("head", path)
    read = []

    def counting(*arguments):
        read.append(arguments)
        return read_volume(*arguments)

    monkeypatch.setattr(volume_store, "read_volume", counting)
    first = a_store.get(listed)
    assert a_store.get(listed).volume_hash == first.volume_hash
    assert len(read) == 1
    write_volume(parts.a_head(2), path)
    os.utime(path, ns=(1, 1))
    assert a_store.get(listed).volume_hash != first.volume_hash
    assert len(read) == 2


def test_a_half_written_volume_is_prepared_again(a_store, a_listed_head):
    voxels = a_store.get(a_listed_head).voxels
    voxels.write_bytes(voxels.read_bytes()[:500])
    assert a_store.find(a_listed_head) is None
    assert a_store.get(a_listed_head).voxels.stat().st_size > 500


def test_voxels_that_vanish_during_a_run_are_named(a_store, a_listed_head):
    prepared = a_store.get(a_listed_head)
    prepared.voxels.unlink()
    with pytest.raises(DatasetError, match=r"prepared voxels of .*head0\.nii\.gz cannot be read"):
        prepared.read(Framing.box(prepared.model_grid, (0, 0, 0), (16, 16, 16)))


def test_an_empty_volume_is_refused_by_name(a_store, tmp_path):
    write_volume(parts.a_head(1).map(np.zeros_like), tmp_path / "zero.nii.gz")
    with pytest.raises(VolumeError, match=r"zero\.nii\.gz: every voxel has the value 0"):
        a_store.get(ListedVolume("zero", tmp_path / "zero.nii.gz"))


def test_captions_find_their_volume_by_content(heads, a_store):
    found, said = join(heads[1], prepared_heads(heads, a_store))
    assert [len(each.slices) for each in found] == [9] * 4
    assert said == []
    assert [one.number for each in found for one in each.slices] == list(range(36))
    first = found[2].slices[0]
    assert first.texts == ("axial slice 4 of head2",)
    assert first.place == slice_of(found[2].volume.input_grid, Plane.AXIAL, 4)


def test_two_descriptions_of_a_slice_are_one_slice(heads, a_store, tmp_path):
    volume = parts.a_head(0)
    captions = [
        parts.a_caption_of(volume, Plane.AXIAL, 4, text="one", model="a"),
        parts.a_caption_of(volume, Plane.AXIAL, 4, text="two", model="b"),
    ]
    path = parts.write_captions(tmp_path / "captions.jsonl", captions)
    found, _ = join(path, prepared_heads(heads, a_store))
    assert [one.texts for one in found[0].slices] == [("one", "two")]


def test_captions_with_a_low_score_are_left_out_and_counted(heads, a_store, tmp_path):
    captions = [parts.a_caption_of(parts.a_head(0), Plane.AXIAL, n, score=score) for n, score in ((4, 0.2), (5, 0.9))]
    path = parts.write_captions(tmp_path / "captions.jsonl", captions)
    found, said = join(path, prepared_heads(heads, a_store))
    assert [one.place.index for one in found[0].slices] == [5]
    assert said[0].endswith("captions.jsonl: 1 of 2 captions score below 0.5: left out")


def test_the_same_volume_under_two_names_is_learnt_from_once(heads, a_store, tmp_path):
    write_volume(parts.a_head(0), tmp_path / "copy.nii.gz")
    volumes = [*prepared_heads(heads, a_store), a_store.get(ListedVolume("copy", tmp_path / "copy.nii.gz"))]
    found, said = join(heads[1], volumes)
    assert len(found) == 4
    assert "copy.nii.gz: has the same content as" in said[0]


def _strange_captions(tmp_path):
    """One good caption, one of a slice that does not exist, one of another volume, and a broken line."""
    stranger = parts.a_head(77)
    captions = [parts.a_caption_of(parts.a_head(0), Plane.AXIAL, 4), parts.a_caption_of(stranger, Plane.AXIAL, 4, "x")]
    wrong = parts.a_caption_of(parts.a_head(0), Plane.CORONAL, 4, "head0")
    object.__setattr__(wrong, "index", 500)
    return {
        "slice": parts.write_captions(tmp_path / "slice.jsonl", [captions[0], wrong]),
        "volume": parts.write_captions(tmp_path / "volume.jsonl", captions),
        "line": _with_broken_line(tmp_path / "line.jsonl", captions[0]),
    }


def _with_broken_line(path, caption):
    parts.write_captions(path, [caption])
    path.write_bytes(path.read_bytes() + b'{"format_version": 1, "volume_id": 3}\n')
    return path


MESSAGES = {
    "slice": r"slice\.jsonl: describes a slice of 'head0' \(.*head0\.nii\.gz\): there is no coronal slice 500",
    "volume": r"volume\.jsonl: describes slices of the volume 'x' \(hash [0-9a-f]{12}\.\.\.\), which is not among",
    "line": r"line\.jsonl: line 2 is not a caption",
}


@pytest.mark.parametrize("kind", MESSAGES)
def test_a_bad_caption_stops_with_one_line_or_is_skipped(heads, a_store, tmp_path, kind):
    path = _strange_captions(tmp_path)[kind]
    volumes = prepared_heads(heads, a_store)
    with pytest.raises(CaptionError, match=MESSAGES[kind]) as stopped:
        join(path, volumes)
    assert "\n" not in str(stopped.value)
    found, said = join(path, volumes, OnBadInput.SKIP)
    assert [one.place.index for each in found for one in each.slices] == [4]
    assert said[0] == f"skipped: {stopped.value}"


@pytest.mark.parametrize("policy", OnBadInput)
def test_a_file_without_captions_always_stops(heads, a_store, tmp_path, policy):
    (tmp_path / "empty.jsonl").write_bytes(b"")
    with pytest.raises(PretrainingError, match=r"empty\.jsonl: holds no caption"):
        join(tmp_path / "empty.jsonl", prepared_heads(heads, a_store), policy)
    with pytest.raises(UserError, match=r"absent\.jsonl: cannot be read"):
        join(tmp_path / "absent.jsonl", prepared_heads(heads, a_store), policy)


def test_captions_of_other_volumes_only_stop_also_when_skipping(heads, a_store, tmp_path):
    path = parts.write_captions(
        tmp_path / "captions.jsonl", [parts.a_caption_of(parts.a_head(77), Plane.AXIAL, 4, "x")]
    )
    with pytest.raises(PretrainingError, match=r"captions\.jsonl: none of its 1 captions can be used"):
        join(path, prepared_heads(heads, a_store), OnBadInput.SKIP)


def test_whole_volumes_are_held_out_and_new_ones_move_few(heads, a_store):
    volumes, _ = join(heads[1], prepared_heads(heads, a_store))
    training, held_out = split_held_out(volumes, 0.25, seed=3)
    assert len(held_out) == 1
    assert len(training) == 3
    assert {id(each) for each in training + held_out} == {id(each) for each in volumes}
    assert split_held_out(volumes, 0.0, seed=3) == (volumes, [])
    assert len(split_held_out(volumes, 0.01, seed=3)[1]) == 1
    assert len(split_held_out(volumes[:1], 0.9, seed=3)[0]) == 1
    # Without one of the others, the same one is held out.
    fewer = [each for each in volumes if each is not training[0]]
    assert split_held_out(fewer, 0.25, seed=3)[1] == held_out
