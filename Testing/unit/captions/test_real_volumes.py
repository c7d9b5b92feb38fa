"""Real scans: what label maps say, windows that fit the region, and nothing suspicious about right captions."""

from __future__ import annotations

import re

import numpy as np
import pytest

from Med3DInsightLib.captions import Caption, Flag
from Med3DInsightLib.captions.backends import LabelsBackend
from Med3DInsightLib.captions.label_maps.phrasing import spoken
from Med3DInsightLib.captions.label_maps.side import Side
from Med3DInsightLib.captions.quality import CaptionJudge, captions_of
from Med3DInsightLib.captions.slices import CaptionSubject, structure_slices, uniform_slices
from Med3DInsightLib.volumes import Grid, LabelLayer, Modality, Plane, Volume, read_volume, slice_of, slices_of
from Med3DInsightLib.volumes.slices import slice_axis

from .parts import PLANES, coordinates_ras_mm, pixels_of

_NAMES = {
    1: "spleen",
    2: "kidney_right",
    3: "kidney_left",
    4: "gallbladder",
    5: "liver",
    6: "stomach",
    7: "pancreas",
    18: "small_bowel",
    20: "colon",
    21: "urinary_bladder",
    52: "aorta",
}
"""Some of the classes of TotalSegmentator, version 2."""
_ON_THE = {Side.RIGHT: ("kidney_right", "liver", "gallbladder"), Side.LEFT: ("kidney_left", "spleen", "stomach")}


@pytest.fixture
def a_case(shared_data):
    folder = shared_data / "totalsegmentator"
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}")
    labels = read_volume(folder / "example_seg_fast_force_split.nii.gz")
    volume = read_volume(folder / "example_ct.nii.gz", Modality.CT)
    return CaptionSubject("TotalSegmentator", volume, [LabelLayer(labels, _NAMES)])


def test_captions_of_a_totalsegmentator_case_say_what_its_label_map_holds(a_case):
    grid = a_case.volume.grid
    labels = a_case._labels[0].volume.array_kji
    right_mm = coordinates_ras_mm(grid)[..., 0]
    sides = {}
    for plane in PLANES:
        by_slice = np.moveaxis(labels, 2 - slice_axis(grid, plane), 0)
        for place in uniform_slices(grid, plane, 12):
            told = a_case.labelled.in_slice(place)
            here = set(np.unique(by_slice[place.index])) & set(_NAMES)
            assert {each.name for each in told} == {_NAMES[value] for value in here}
            for each in told:
                value = next(value for value, name in _NAMES.items() if name == each.name)
                slices = np.flatnonzero((by_slice == value).any(axis=(1, 2)))
                assert (each.first, each.last) == (slices[0], slices[-1])
                assert each.share == pytest.approx((by_slice[place.index] == value).mean())
                sides.setdefault(each.name, set()).add(each.side)
                if each.side in (Side.LEFT, Side.RIGHT):
                    middle = np.moveaxis(right_mm, 2 - slice_axis(grid, plane), 0)[place.index]
                    mean_mm = middle[by_slice[place.index] == value].mean() - a_case.labelled.body.middle_mm
                    assert (mean_mm > 0) == (each.side == Side.RIGHT)
    assert sides["kidney_right"] == sides["gallbladder"] == {Side.RIGHT}
    assert sides["kidney_left"] == sides["spleen"] == {Side.LEFT}
    axial = slice_of(grid, Plane.AXIAL, 98)
    for side, names in _ON_THE.items():
        assert {each.side for each in a_case.labelled.in_slice(axial) if each.name in names} == {side}


def test_right_captions_of_it_are_not_suspicious_and_wrong_ones_are(a_case):
    places = [place for plane in PLANES for place in structure_slices(a_case.labelled, plane, 2)]
    captions = list(captions_of(LabelsBackend(), a_case.slices(places), CaptionJudge()))
    assert len(captions) >= 30
    assert all(isinstance(each, Caption) and not each.flags for each in captions)
    (each,) = a_case.slices([slice_of(a_case.volume.grid, Plane.AXIAL, 98)])
    (description,) = LabelsBackend().describe([each])
    wrong = type(description)(each, "Axial CT slice of the brain; the cerebellum is normal.")
    assert CaptionJudge().caption_of(wrong, LabelsBackend().source).flags == (Flag.IMPOSSIBLE_STRUCTURE,)


def test_the_liver_is_drawn_on_the_left_of_an_axial_picture(a_case):
    """The patient's right is on the left, and the liver is brighter than what is opposite of it."""
    labels = CaptionSubject("liver", a_case._labels[0].volume.map(lambda array: (array == 5).astype(np.uint8)))
    pixels = pixels_of(labels.picture(slice_of(a_case.volume.grid, Plane.AXIAL, 98)))
    rows, columns = np.nonzero(pixels > 127)
    assert columns.mean() < pixels.shape[1] / 2
    assert rows.mean() < pixels.shape[0] / 2  # and nearer to the front than to the back
    coronal = pixels_of(labels.picture(slice_of(a_case.volume.grid, Plane.CORONAL, 50)))
    rows, columns = np.nonzero(coronal > 127)
    assert rows.mean() < coronal.shape[0] / 2
    assert columns.mean() < coronal.shape[1] / 2


def test_a_synthetic_head_has_its_structures_on_the_sides_that_freesurfer_gives_them(shared_data):
    path = shared_data / "synthseg_labels" / "training_seg_01.nii.gz"
    if not path.is_file():
        pytest.skip(f"there is no {path}")
    labels = read_volume(path, Modality.MR)
    head = labels.map(lambda array: (array > 0).astype(np.uint8))
    names = {17: "hippocampus A", 53: "hippocampus B", 16: "brainstem", 10: "thalami", 49: "thalami"}
    subject = CaptionSubject("head", head, [LabelLayer(labels, names)])
    sides = {}
    for place in structure_slices(subject.labelled, Plane.CORONAL, 4):
        for each in subject.labelled.in_slice(place):
            sides.setdefault(each.name, set()).add(each.side)
    assert sides["hippocampus A"] == {Side.LEFT}  # 17 is the left one
    assert sides["hippocampus B"] == {Side.RIGHT}
    assert sides["brainstem"] == {Side.MIDLINE}
    assert sides["thalami"] <= {Side.BOTH, Side.MIDLINE}


def test_captions_of_a_synthetic_head_say_what_its_label_map_holds(shared_data):
    """Structures, first and last slice of every plane, read back from the sentences."""
    path = shared_data / "synthseg_labels" / "training_seg_02.nii.gz"
    if not path.is_file():
        pytest.skip(f"there is no {path}")
    whole = read_volume(path, Modality.MR)
    affine = whole.grid.ijk_to_ras @ np.diag([4.0, 4.0, 4.0, 1.0])
    labels = Volume(whole.array_kji[::4, ::4, ::4], Grid((64, 64, 64), affine), Modality.MR)
    names = {17: "hippocampus_left", 53: "hippocampus_right", 16: "brainstem", 10: "thalamus_left", 4: "ventricle_left"}
    head = labels.map(lambda array: (array > 0).astype(np.uint8))
    subject = CaptionSubject("head", head, [LabelLayer(labels, names)])
    for plane in PLANES:
        by_slice = np.moveaxis(labels.array_kji, 2 - slice_axis(labels.grid, plane), 0)
        for description in LabelsBackend(seed=3).describe(subject.slices(slices_of(labels.grid, plane))):
            here = set(np.unique(by_slice[description.of.place.index])) & set(names)
            listing = description.text.split(". ")[1]
            for value, name in names.items():
                assert (spoken(name) in listing) == (value in here), description.text
                if value in here:
                    (about,) = [each for each in description.text.split(". ") if spoken(name) in each and "%" in each]
                    found = np.flatnonzero((by_slice == value).any(axis=(1, 2)))
                    extent = [int(number) for number in re.findall(r"(?<![\d.])\d+(?![\d.]* %)", about)]
                    assert extent == [found[0], found[-1]], about


def test_a_dicom_series_and_its_label_map_agree_as_well(shared_data):
    folder = shared_data / "totalsegmentator"
    if not folder.is_dir():
        pytest.skip(f"there is no {folder}")
    labels = LabelLayer(read_volume(folder / "example_seg_dicom.nii.gz"), _NAMES)
    subject = CaptionSubject("series", read_volume(folder / "example_ct_dicom"), [labels])
    (each,) = subject.slices([slice_of(subject.volume.grid, Plane.AXIAL, 10)])
    sides = {one.name: one.side for one in each.structures()}
    assert (sides["liver"], sides["spleen"], sides["stomach"]) == (Side.RIGHT, Side.LEFT, Side.LEFT)
    assert each.picture().window.name == "soft tissue"


def test_lungs_get_the_lung_window_and_the_abdomen_that_of_soft_tissue(shared_data):
    path = shared_data / "ircad" / "liver17_ct.nii.gz"
    if not path.is_file():
        pytest.skip(f"there is no {path}")
    subject = CaptionSubject("ircad", read_volume(path, Modality.CT))
    grid = subject.volume.grid
    windows = {
        index: subject.picture(slice_of(grid, Plane.AXIAL, index)).window.name for index in (10, 50, 70, 105, 115)
    }
    assert windows == {10: "soft tissue", 50: "soft tissue", 70: "soft tissue", 105: "lung", 115: "lung"}
