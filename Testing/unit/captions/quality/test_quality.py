"""Suspicious captions are flagged, good ones are not, and none is lost."""

from __future__ import annotations

import pytest

from Med3DInsightLib.captions import CaptionSource, Flag, Window
from Med3DInsightLib.captions.backends import Description, Finish, LabelsBackend
from Med3DInsightLib.captions.pictures.windows import BONE, BRAIN, LUNG
from Med3DInsightLib.captions.quality import CaptionJudge, QualitySettings, captions_of
from Med3DInsightLib.captions.quality.near_duplicates import SeenTexts, jaccard, shingles
from Med3DInsightLib.captions.quality.regions import (
    Region,
    impossible_structures,
    mentioned,
    regions_of_structures,
    regions_of_window,
)
from Med3DInsightLib.captions.quality.text_checks import repeated_share
from Med3DInsightLib.captions.slices import CaptionSubject, uniform_slices
from Med3DInsightLib.volumes import LabelLayer, Modality, Plane, slice_of

from ..parts import PLANES, a_subject, a_trunk

SOURCE = CaptionSource("transformers", "model", "1", "plain")
GOOD = [
    "Axial contrast-enhanced CT of the upper abdomen at the level of the celiac trunk. The liver is of normal size "
    "and attenuation. The spleen, pancreas and both adrenal glands are unremarkable. No free fluid.",
    "The image shows the liver and the spleen",
    "Liver: homogeneous. Spleen: normal. Kidneys: no hydronephrosis.",
    "Findings:\n- Liver: normal size\n- Spleen: normal\n- Transverse colon: gas filled\nImpression: normal axial slice",
    '{"modality": "CT", "plane": "axial", "structures": ["liver", "spleen"], "findings": [], "image_quality": "good"}',
    "In this transverse CT section the left kidney cannot be seen. I cannot identify a focal lesion in the liver.",
    "A computed tomography scan. The transverse process of the L1 vertebra is intact. T12 and T2 are not shown.",
    "The liver shows a hypodense lesion of 1.2 cm (segment VII). MRI is recommended for further characterisation.",
    "Portal venous phase. The gallbladder contains stones. I am not a doctor, please consult a radiologist.",
    "There is no brain tissue in this picture; it shows the liver, not the pelvis.",
    "Axial slice. The liver is normal. The spleen is normal. The pancreas is normal. The stomach is normal.",
    "Die Leber ist unauffällig.",
]
BAD = [
    ("", Flag.EMPTY),
    ("...", Flag.EMPTY),
    ("Liver.", Flag.EMPTY),
    ("I'm sorry, but I can't assist with that.", Flag.REFUSAL),
    ("As an AI language model, I am not able to interpret medical images.", Flag.REFUSAL),
    ("I cannot provide a medical diagnosis based on this picture.", Flag.REFUSAL),
    ("Unfortunately I am unable to view the attached image.", Flag.REFUSAL),
    ("No image was provided. Please upload the scan.", Flag.REFUSAL),
    ("I can’t help with medical images.", Flag.REFUSAL),
    ("The liver is enlarged and shows several lesions in the", Flag.CUT_OFF),
    ("The liver is normal. The spleen is normal. The pancreas shows a hypodense", Flag.CUT_OFF),
    ('{"modality": "CT", "structures": ["liver", "spl', Flag.CUT_OFF),
    ("The liver shows a lesion (segment", Flag.CUT_OFF),
    ("The liver is normal. " * 12, Flag.REPEATS),
    ("the liver and the spleen and the liver and the spleen and the liver and the spleen and the liver", Flag.REPEATS),
    ("Liver" + "r" * 60 + " is seen here.", Flag.REPEATS),
    ("A coronal view of the abdomen with the liver.", Flag.WRONG_PLANE),
    ("Sagittal T1-weighted picture.", Flag.WRONG_PLANE),
    ("This slice is in the sagittal plane and shows the liver.", Flag.WRONG_PLANE),
    ("Plane: coronal. The liver is normal.", Flag.WRONG_PLANE),
    ("Axial T2-weighted MRI of the liver.", Flag.WRONG_MODALITY),
    ("A chest X-ray of the liver region.", Flag.WRONG_MODALITY),
    ("Ultrasound of the liver without lesions.", Flag.WRONG_MODALITY),
    ("Axial CT of the brain with normal lateral ventricles.", Flag.IMPOSSIBLE_STRUCTURE),
    ("The cerebellum and the maxillary sinuses are normal.", Flag.IMPOSSIBLE_STRUCTURE),
    ("The urinary bladder, the patella and the tibia are normal.", Flag.IMPOSSIBLE_STRUCTURE),
]


def judged(text, plane=Plane.AXIAL, index=26, subject=None, judge=None, **more):
    subject = subject or a_subject()
    (each,) = subject.slices([slice_of(subject.volume.grid, plane, index)])
    return (judge or CaptionJudge()).caption_of(Description(each, text, **more), SOURCE)


@pytest.mark.parametrize("text", GOOD)
def test_good_captions_are_not_flagged(text):
    caption = judged(text)
    assert caption.flags == ()
    assert caption.score == 1.0
    assert caption.text == text


@pytest.mark.parametrize(("text", "flag"), BAD)
def test_bad_captions_are_flagged_and_kept(text, flag):
    caption = judged(text)
    assert flag in caption.flags
    assert caption.score < 1.0
    assert caption.text == text


@pytest.mark.parametrize("plane", PLANES)
def test_a_plane_is_wrong_only_where_it_is_not_the_slices_own(plane):
    for named in PLANES:
        caption = judged(f"{named.value.capitalize()} CT slice of the abdomen.", plane, 20)
        assert (Flag.WRONG_PLANE in caption.flags) == (named != plane)
    both = judged("One of several axial, coronal and sagittal slices of the abdomen.", plane, 20)
    assert Flag.WRONG_PLANE not in both.flags
    for anatomy in ("frontal lobe section", "coronal suture view", "sagittal sinus cut", "transverse process slice"):
        assert Flag.WRONG_PLANE not in judged(f"There is a {anatomy}.", plane, 20).flags


def test_a_modality_is_wrong_only_where_it_is_known():
    text = "T2-weighted MR image of the liver."
    found = {modality: Flag.WRONG_MODALITY in judged(text, subject=a_subject(modality)).flags for modality in Modality}
    assert found == {Modality.CT: True, Modality.MR: False, Modality.UNKNOWN: False}
    assert Flag.WRONG_MODALITY not in judged("PET/CT fusion of the liver.").flags


def test_a_text_that_its_writer_had_to_end_is_cut_off_however_it_ends():
    assert judged("The liver is normal.", finish=Finish.LIMIT).flags == (Flag.CUT_OFF,)
    assert judged("The liver is normal.", finish=Finish.COMPLETE).flags == ()


def test_structures_are_impossible_by_the_label_map_or_by_the_window_and_otherwise_unknown():
    brain = "The brain shows no lesion."
    assert Flag.IMPOSSIBLE_STRUCTURE in judged(brain).flags
    without = a_subject(with_labels=False)
    assert judged(brain, subject=without).flags == ()
    assert judged(brain, subject=without, window=LUNG).flags == (Flag.IMPOSSIBLE_STRUCTURE,)
    assert judged(brain, subject=without, window=BRAIN).flags == ()
    assert judged("The liver is normal.", subject=without, window=BRAIN).flags == (Flag.IMPOSSIBLE_STRUCTURE,)
    assert judged(brain, index=0).flags == ()  # nothing is labelled there
    head = CaptionJudge(region=lambda description: frozenset({Region.HEAD}))
    assert judged(brain, judge=head).flags == ()


def test_neighbouring_regions_share_structures():
    chest = regions_of_structures(["lung_upper_lobe_left", "heart"])
    assert impossible_structures("The liver dome and the oesophagus are seen.", chest) == []
    assert impossible_structures("The prostate is seen.", chest) == ["prostate"]
    assert regions_of_structures(["vertebrae_T12", "aorta"]) == frozenset()
    assert regions_of_window(BONE) == regions_of_window(Window("percentiles", 0.0, 1.0)) == frozenset()
    assert [name for name, _ in mentioned("gallbladder, no bladder, hippocampus, hip, left ventricle")] == [
        "hippocampus",
        "left ventricle",
        "gallbladder",
        "hip",
    ]


def test_the_same_text_on_distant_slices_is_a_near_duplicate_and_on_neighbours_it_is_not():
    text = "Axial CT slice of the upper abdomen; the liver and the spleen are of normal size and attenuation."
    judge, subject = CaptionJudge(), a_subject()
    flags = {index: judged(text, index=index, subject=subject, judge=judge).flags for index in (20, 21, 24, 30, 10)}
    assert [index for index, of_one in flags.items() if Flag.NEAR_DUPLICATE in of_one] == [30, 10]  # 4 mm a slice
    other = judged(text.replace("upper", "lower left"), index=38, subject=subject, judge=judge)
    assert Flag.NEAR_DUPLICATE not in other.flags
    coronal = judged(text.replace("Axial", "Coronal"), Plane.CORONAL, 50, subject=subject, judge=judge)
    assert Flag.NEAR_DUPLICATE not in coronal.flags


def test_a_resumed_job_compares_with_the_captions_that_it_finds():
    subject, text = a_subject(), "The liver and the spleen are of normal size and attenuation."
    first = judged(text, index=10, subject=subject)
    judge = CaptionJudge()
    judge.remember(first)
    assert Flag.NEAR_DUPLICATE in judged(text, index=35, subject=subject, judge=judge).flags


def test_memory_is_kept_of_the_last_groups_only():
    seen = SeenTexts(similarity=0.9, distance_mm=10.0)
    for group in range(64):
        assert not seen.repeated_by(group, "first", 0.0, "one two three four")
    assert seen.repeated_by(0, "second", 50.0, "one two three four") == ["first"]
    assert not seen.repeated_by(64, "first", 0.0, "one two three four")
    assert not seen.repeated_by(1, "second", 50.0, "one two three four")  # forgotten for 64
    assert seen.repeated_by(0, "third", 90.0, "one two three four") == ["first", "second"]
    assert jaccard(shingles("a b c d"), shingles("A, b c d!")) == 1.0
    assert jaccard(shingles("a b c d e"), shingles("a b c d f")) == 0.5
    assert jaccard(shingles(""), shingles("")) == 1.0


def test_captions_of_label_maps_are_never_flagged():
    volume, layer = a_trunk()
    subject = CaptionSubject("trunk", volume, [LabelLayer(layer.volume, layer.names)])
    slices = [each for plane in PLANES for each in subject.slices(uniform_slices(volume.grid, plane, 12))]
    for seed in range(5):
        flags = [each.flags for each in captions_of(LabelsBackend(seed), slices, CaptionJudge())]
        assert set(flags) == {()}, seed


def test_a_teacher_lowers_the_score_and_disagrees_below_a_threshold():
    text = "Axial CT of the liver."
    scores = {
        value: judged(text, judge=CaptionJudge(agreement=lambda each, said, v=value: v)) for value in (0.9, 0.1, 7.0)
    }
    assert (scores[0.9].score, scores[0.9].flags) == (0.9, ())
    assert (scores[0.1].score, scores[0.1].flags) == (0.05, (Flag.TEACHER_DISAGREES,))
    assert scores[7.0].score == 1.0
    asked = []
    judge = CaptionJudge(agreement=lambda each, said: asked.append((each.place.index, said)) or 1.0)
    judged(text, judge=judge)
    judged("", judge=judge)
    assert asked == [(26, text)]  # there is nothing to agree with in an empty text


def test_thresholds_and_penalties_are_settings():
    flagged = judged("A coronal view of the liver.")
    assert (flagged.flags, flagged.score) == ((Flag.WRONG_PLANE,), 0.4)
    mild = QualitySettings(penalties={**QualitySettings().penalties, Flag.WRONG_PLANE: 0.1})
    assert judged("A coronal view of the liver.", judge=CaptionJudge(mild)).score == 0.9
    assert judged("Liver.", judge=CaptionJudge(QualitySettings(fewest_words=1))).flags == ()
    strict = CaptionJudge(QualitySettings(repeated_share=0.0))
    assert Flag.REPEATS in judged("The liver is normal and the liver is normal too.", judge=strict).flags
    with pytest.raises(ValueError, match="from 0 to 1"):
        QualitySettings(repeated_share=1.5)
    with pytest.raises(ValueError, match="'refusal' has no penalty"):
        QualitySettings(penalties={})


def test_several_flags_add_up():
    caption = judged("I'm sorry, but I cannot view the image of the brain in the coronal plane and the")
    assert set(caption.flags) == {Flag.REFUSAL, Flag.CUT_OFF, Flag.WRONG_PLANE, Flag.IMPOSSIBLE_STRUCTURE}
    assert caption.score == 0.0


@pytest.mark.parametrize(
    ("text", "share"), [("", 0.0), ("one two three", 0.0), ("a b c d a b c d", 0.2), ("No. No. No.", 1.0)]
)
def test_the_share_of_repeats_by_examples(text, share):
    assert repeated_share(text) == pytest.approx(share)
