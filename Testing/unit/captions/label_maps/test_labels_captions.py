"""Captions from a label map say what is in it: names, sides, shares, first and last slice."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from Med3DInsightLib.captions import CaptionError
from Med3DInsightLib.captions.backends import LabelsBackend
from Med3DInsightLib.captions.label_maps.phrasing import spoken
from Med3DInsightLib.captions.label_maps.side import Side, side_of
from Med3DInsightLib.captions.label_maps.structures import LabelledVolume
from Med3DInsightLib.captions.pictures.foreground import BodyWidth
from Med3DInsightLib.captions.slices import CaptionSubject, uniform_slices
from Med3DInsightLib.volumes import Grid, LabelLayer, Modality, Plane, Reorientation, Volume, slice_of, slices_of
from Med3DInsightLib.volumes.slices import slice_axis

from ...volumes.strategies import grid_of
from ..parts import PLANES, a_subject, a_trunk, coordinates_ras_mm, planes, sheared_grids

NAMES = {1: "alpha", 2: "beta", 3: "gamma", 7: "alpha"}


@st.composite
def labelled_subjects(draw):
    """A random label map on any grid, sparse enough that structures begin and end, and any body."""
    grid = draw(sheared_grids())
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    density = draw(st.sampled_from([0.02, 0.2, 0.9]))
    labels = generator.choice([1, 2, 3, 5, 7], grid.shape_kji) * (generator.random(grid.shape_kji) < density)
    kind = draw(st.sampled_from([np.uint8, np.int16, np.float32]))
    middle = float(coordinates_ras_mm(grid)[..., 0].mean()) + draw(st.floats(-10, 10))
    half = draw(st.floats(5, 200))
    volume = Volume(generator.random(grid.shape_kji).astype(np.float32), grid, draw(st.sampled_from(Modality)))
    layer = LabelLayer(Volume(labels.astype(kind), grid), NAMES)
    return CaptionSubject("random", volume, [layer], body=BodyWidth(middle - half, middle + half))


def voxel_by_voxel(subject, place):
    """What every structure of the slice is, by looking at one voxel after the other: name -> facts."""
    layer = subject._labels[0]
    grid = subject.volume.grid
    body = subject.labelled.body
    axis = slice_axis(grid, place.plane)
    right_mm = coordinates_ras_mm(grid)[..., 0] - body.middle_mm
    near_mm = 0.05 * body.width_mm
    facts = {}
    for name in set(NAMES.values()):
        found = [
            ijk[::-1] for ijk in np.argwhere(np.isin(layer.volume.array_kji, [v for v in NAMES if NAMES[v] == name]))
        ]
        indices = [int(ijk[axis]) for ijk in found]
        here = [float(right_mm[tuple(ijk[::-1])]) for ijk in found if ijk[axis] == place.index]
        if not here:
            continue
        assume(all(abs(mm) > 1e-6 and abs(abs(mm) - near_mm) > 1e-6 for mm in here))
        assume(abs(abs(sum(here) / len(here)) - near_mm) > 1e-6)
        on_right = sum(mm > 0 for mm in here)
        most = max(on_right, len(here) - on_right)
        few_near = sum(abs(mm) < near_mm for mm in here) < 0.05 * len(here)
        if 10 * most <= 7 * len(here):
            side = "both sides" if few_near else "midline"
        elif abs(sum(here) / len(here)) < near_mm:
            side = "midline"
        else:
            side = "right" if on_right == most else "left"
        share = len(here) / (np.prod(grid.shape_ijk) / grid.shape_ijk[axis])
        facts[name] = (side, share, min(indices), max(indices))
    return facts


@settings(max_examples=150)
@given(subject=labelled_subjects(), plane=planes, data=st.data())
def test_the_facts_of_a_slice_are_those_of_its_voxels(subject, plane, data):
    place = data.draw(st.sampled_from(slices_of(subject.volume.grid, plane)))
    (each,) = subject.slices([place])
    told = {one.name: (one.side, pytest.approx(one.share), one.first, one.last) for one in each.structures()}
    assert told == voxel_by_voxel(subject, place)
    shares = [one.share for one in each.structures()]
    assert shares == sorted(shares, reverse=True)


@settings(max_examples=100)
@given(subject=labelled_subjects(), plane=planes, seed=st.integers(0, 1000), data=st.data())
def test_the_sentences_say_these_facts_and_no_others(subject, plane, seed, data):
    place = data.draw(st.sampled_from(slices_of(subject.volume.grid, plane)))
    (description,) = LabelsBackend(seed).describe(subject.slices([place]))
    facts = voxel_by_voxel(subject, place)
    opening, *sentences = description.text.split(". ")
    assert plane in opening.lower()
    assert ("CT" in opening, "MR" in opening) == tuple(subject.volume.modality == m for m in (Modality.CT, Modality.MR))
    numbers = [int(number) for number in re.findall(r"\d+", opening)]
    assert set(numbers) == {place.index, 0, place.count - 1}
    listing, *details = sentences
    assert {word for word in re.findall(r"\w+", listing) if word in NAMES.values()} == set(facts)
    assert len(details) == len(facts)
    for name, (side, share, first, last) in facts.items():
        (about,) = [sentence for sentence in details if f" {name} " in sentence]
        extent = re.search(r"slices? (\d+) (?:to|and)\D+(\d+)|begins at slice (\d+) and ends at slice (\d+)", about)
        assert [int(number) for number in extent.groups() if number] == [first, last]
        assert {each for each in ("left", "right", "midline", "both sides") if each in about} == {side}
        said = re.search(r"(less than|about) ([\d.]+) %", about)
        if said.group(1) == "less than":
            assert share < 0.001
        else:
            assert float(said.group(2)) == pytest.approx(100 * share, abs=0.51 if share >= 0.1 else 0.051)


def test_the_same_seed_says_the_same_and_many_seeds_say_it_in_many_ways():
    subject = a_subject()
    places = uniform_slices(subject.volume.grid, Plane.AXIAL, 5)
    texts = [[each.text for each in LabelsBackend(seed).describe(subject.slices(places))] for seed in range(30)]
    again = [each.text for each in LabelsBackend(0).describe(a_subject().slices(places))]
    assert texts[0] == again
    assert len({of_seed[2] for of_seed in texts}) >= 28
    assert len({LabelsBackend(seed).source for seed in range(30)}) == 30


def test_left_and_right_are_the_patients():
    subject = a_subject()
    (each,) = subject.slices([slice_of(subject.volume.grid, Plane.AXIAL, 12)])
    assert {one.name: one.side for one in each.structures()} == {
        "kidney_left": Side.LEFT,
        "kidney_right": Side.RIGHT,
    }
    (each,) = subject.slices([slice_of(subject.volume.grid, Plane.AXIAL, 26)])
    sides = {one.name: one.side for one in each.structures()}
    assert (sides["liver"], sides["spleen"]) == (Side.RIGHT, Side.LEFT)


def test_a_name_that_tells_its_side_is_not_told_it_again_unless_the_side_differs():
    assert [spoken(name) for name in ("kidney_left", "lung_upper_lobe_right", "vertebrae_T12", "left")] == [
        "left kidney",
        "right lung upper lobe",
        "vertebrae T12",
        "left",
    ]
    volume, layer = a_trunk()
    swapped = LabelLayer(layer.volume, {2: "kidney_left", 3: "organ"})
    sentences = {}
    for name, labels in (("right", layer), ("swapped", swapped)):
        slices = CaptionSubject(name, volume, [labels]).slices([slice_of(volume.grid, Plane.AXIAL, 12)])
        (description,) = LabelsBackend().describe(slices)
        told = description.text.split(". ")
        sentences[name] = next(each for each in told if "left kidney" in each and "%" in each)
    assert "patient's right" in sentences["swapped"] or "right side of the body" in sentences["swapped"]
    assert sentences["right"].count("left") == 1


def test_only_the_largest_get_a_sentence_of_their_own_and_all_are_named():
    subject = a_subject()
    place = slice_of(subject.volume.grid, Plane.CORONAL, 30)
    facts = next(subject.slices([place])).structures()
    (description,) = LabelsBackend(detailed=1).describe(subject.slices([place]))
    assert len(facts) > 1
    assert description.text.count("%") == 1
    assert all(spoken(each.name) in description.text for each in facts)
    assert description.window is None


def test_a_slice_without_structures_is_told_to_have_none():
    subject = a_subject()
    (description,) = LabelsBackend().describe(subject.slices([slice_of(subject.volume.grid, Plane.CORONAL, 0)]))
    assert re.search("No labelled structure|none of the labelled|Nothing that has a label", description.text)


@pytest.mark.parametrize("codes", ["RAS", "SAR", "ILP"])
def test_a_label_map_in_another_orientation_and_field_of_view_says_the_same(codes):
    volume, layer = a_trunk()
    i, j, k = layer.volume.grid.shape_ijk
    affine = layer.volume.grid.ijk_to_ras.copy()
    affine[:3, 3] = layer.volume.grid.ras_of((10, 5, 0))
    part = Volume(layer.volume.array_kji[:, 5:, 10:], Grid((k, j - 5, i - 10), affine))
    turned = LabelLayer(Reorientation.to(part.grid, codes).volume(part), layer.names)
    own, other = (CaptionSubject("trunk", volume, [each]) for each in (layer, turned))
    for plane in PLANES:
        for place in uniform_slices(volume.grid, plane, 7):
            assert own.labelled.in_slice(place) == other.labelled.in_slice(place)


def test_layers_that_overlap_are_told_together():
    volume, layer = a_trunk()
    tumour = Volume((layer.volume.array_kji == 5).astype(np.uint8), layer.volume.grid)
    subject = CaptionSubject("two", volume, [layer, LabelLayer(tumour, {1: "mass"})])
    (each,) = subject.slices([slice_of(volume.grid, Plane.AXIAL, 26)])
    shares = {one.name: one.share for one in each.structures()}
    assert shares["mass"] == shares["liver"]


@pytest.mark.parametrize(
    ("offsets", "side"),
    [
        ([5, 30, 40], Side.RIGHT),
        ([-30, -40, -50, 10], Side.LEFT),
        ([-4, 3, 2], Side.MIDLINE),
        ([2, 3, 4], Side.MIDLINE),
        ([-50, -40, 40, 50], Side.BOTH),
        ([-50, -40, 0, 40, 50], Side.MIDLINE),
    ],
)
def test_sides_by_examples(offsets, side):
    assert side_of(np.array(offsets) + 20.0, BodyWidth(-80.0, 120.0)) == side


def test_the_middle_of_the_body_is_found_beside_the_middle_of_the_field_of_view():
    grid = grid_of("LPS", (10, 50, 100), (4.0, 4.0, 4.0))
    hu = np.full(grid.shape_kji, -1000, np.int16)
    hu[:, 10:40, 5:45] = 40  # on the right side of the field of view
    right_mm = coordinates_ras_mm(grid)[0, 0, :, 0]
    body = BodyWidth.of(Volume(hu, grid, Modality.CT))
    assert body.middle_mm == pytest.approx(right_mm[5:45].mean(), abs=2)
    assert body.width_mm == pytest.approx(40 * 4.0, abs=10)
    empty = BodyWidth.of(Volume(np.zeros(grid.shape_kji), grid))
    assert empty.middle_mm == pytest.approx(right_mm.mean())


def test_what_cannot_be_described_is_refused():
    volume, layer = a_trunk()
    without = CaptionSubject("case\x1b 7", volume)
    with pytest.raises(CaptionError, match="no label map of 'case\ufffd 7'"):
        list(LabelsBackend().describe(without.slices([slice_of(volume.grid, Plane.AXIAL, 0)])))
    body, grid = BodyWidth(-1.0, 1.0), volume.grid
    with pytest.raises(CaptionError, match="'kidney_left' is in two label maps"):
        LabelledVolume([layer, layer], grid, body)
    with pytest.raises(CaptionError, match="no named structures"):
        LabelledVolume([LabelLayer(layer.volume, {})], grid, body)
    with pytest.raises(CaptionError, match="has no name"):
        LabelledVolume([LabelLayer(layer.volume, {1: "_"})], grid, body)
