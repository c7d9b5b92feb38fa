"""A teacher's opinion means the same for every teacher, in whatever order and in however many runs captions come."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from Med3DInsightLib.captions import Flag, Window
from Med3DInsightLib.captions.files import read_captions
from Med3DInsightLib.captions.pictures import RenderSettings
from Med3DInsightLib.captions.slices import CaptionSubject
from Med3DInsightLib.networks.text_towers.errors import TeacherError
from Med3DInsightLib.networks.text_towers.tower import TowerIdentity, TowerKind
from Med3DInsightLib.volumes import Grid, Modality, Plane, Volume, slice_of
from med3dtrain.captioning.options.teacher_options import TeacherOptions
from med3dtrain.captioning.subjects.reading import Subjects
from med3dtrain.captioning.teacher_agreement import TeacherAgreement, open_agreement
from med3dtrain.datasets.volume_list import list_volumes
from med3dtrain.teachers.teacher import Teacher

from ..teachers.tiny_models import SENTENCES, save_clip
from .parts import caption

FILE = Path("captions.jsonl")
ANGLES = {"dark": 0.0, "bright": np.pi / 2}


class Brightness:
    """A tower for which a bright picture and the word bright are one, and a dark picture and dark.

    common is what all its embeddings share: the more, the closer are all cosines to 1.
    """

    def __init__(self, kind, common=0.0):
        self.identity = TowerIdentity(kind, "brightness", "", "0" * 64, "0" * 64, 4)
        self._common = common

    def embed(self, items):
        rows = [self._of(item) for item in items]
        return torch.nn.functional.normalize(torch.tensor(rows, dtype=torch.float32).reshape(-1, 4), dim=1)

    def _of(self, item):
        if isinstance(item, str):
            angle = next((angle for word, angle in ANGLES.items() if word in item), None)
        else:
            angle = np.asarray(Image.open(io.BytesIO(item))).mean() / 255 * np.pi / 2
        return [0, 0, 1, self._common] if angle is None else [np.cos(angle), np.sin(angle), 0, self._common]


def brightness_teacher(common=0.0, shares_space=True):
    return Teacher(Brightness(TowerKind.PICTURES, common), Brightness(TowerKind.TEXTS, common), shares_space)


def a_ramp(slices=40, thickness_mm=5.0):
    """A volume that becomes brighter from slice to slice."""
    shape = (slices, 6, 6)
    array = np.broadcast_to(np.linspace(20, 100, slices)[:, None, None], shape).astype(np.float32)
    volume = Volume(array, Grid(shape, np.diag([2.0, 2.0, thickness_mm, 1.0])), Modality.MR)
    return CaptionSubject("ramp", volume, render=RenderSettings(32, window=Window("all", 0, 100)))


def agreement_of(subject, index, text, agreement):
    (each,) = subject.slices([slice_of(subject.volume.grid, Plane.AXIAL, index)])
    return agreement(each, text)


@pytest.mark.parametrize("common", [0.0, 5.0])
def test_a_text_agrees_where_it_fits_better_than_elsewhere_whatever_the_cosines_are(common):
    subject, agreement = a_ramp(), TeacherAgreement(brightness_teacher(common))
    found = [agreement_of(subject, index, "It is bright.", agreement) for index in range(40)]
    assert found == sorted(found)
    assert found[20] < 0.2  # the body of this volume begins at its middle, above Otsu's threshold
    assert found[39] == 1.0
    assert agreement_of(subject, 39, "It is dark.", agreement) < 0.1
    assert agreement_of(subject, 21, "It is dark.", agreement) == 1.0


def test_few_other_slices_decide_little():
    agreement = TeacherAgreement(brightness_teacher())
    found = [agreement_of(a_ramp(count), count - 1, "It is dark.", agreement) for count in (10, 16, 24, 40)]
    assert found[0] == 1.0  # nothing is 30 mm away within the brighter half
    assert found == sorted(found, reverse=True)
    assert found[1] > 0.2 > found[-1]


def test_who_says_nothing_about_the_slice_is_not_contradicted():
    agreement = TeacherAgreement(brightness_teacher())
    assert agreement_of(a_ramp(), 39, "It is a slice.", agreement) == 1.0
    thin = a_ramp(slices=10, thickness_mm=2.0)
    assert agreement_of(thin, 9, "It is dark.", agreement) == 1.0


def test_an_answer_in_json_is_read_as_sentences():
    said = []

    class Listening(Brightness):
        def embed(self, items):
            said.extend(items)
            return super().embed(items)

    teacher = Teacher(Brightness(TowerKind.PICTURES), Listening(TowerKind.TEXTS), True)
    agreement_of(a_ramp(), 39, '{"plane": "axial", "findings": ["dark"]}', TeacherAgreement(teacher))
    agreement_of(a_ramp(), 39, "{bright}", TeacherAgreement(teacher))
    assert said == ["Axial slice. Dark.", "{bright}"]


def test_towers_that_share_no_space_cannot_judge():
    with pytest.raises(TeacherError, match="cannot be compared. Choose a CLIP or SigLIP"):
        TeacherAgreement(brightness_teacher(shares_space=False))


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return save_clip(tmp_path_factory.mktemp("clip"))


def write_texts(path, texts):
    rows = [{"volume": "a", "plane": "axial", "index": index, "text": text} for index, text in texts.items()]
    path.write_text("\n".join(map(json.dumps, rows)))


def described(path=FILE):
    return {each.index: (each.text, each.score, each.flags) for each in read_captions(path)}


def test_a_caption_that_the_teacher_contradicts_is_flagged_the_same_in_one_run_as_in_several(study, clip):
    judge = open_agreement(TeacherOptions(str(clip)))
    (listed,) = list_volumes(Path("scans/a.nii.gz"), Modality.CT)
    subject = Subjects(RenderSettings(32)).read(listed)
    said = [f"{text}." for text in SENTENCES[::400]]
    pairs = [(index, text) for index in range(12) for text in said]
    agreements = {(index, text): agreement_of(subject, index, text, judge) for index, text in pairs}
    texts = {index: max(said, key=lambda text, n=index: agreements[n, text]) for index in range(12)}
    planted_index, planted_text = min(agreements, key=agreements.get)
    texts[planted_index] = planted_text
    options = ("scans/a.nii.gz", "--backend", "file", "--modality", "CT", "--model", "m", "--teacher", str(clip))
    options += ("--duplicate-distance-mm", "1000", "--longest-side", "32")
    write_texts(Path("texts.jsonl"), texts)
    caption(*options, "--texts", "texts.jsonl", "--output", "in_one_run.jsonl")
    found = described(Path("in_one_run.jsonl"))
    for index, (text, score, flags) in found.items():
        agreement = agreements[index, text]
        assert (Flag.TEACHER_DISAGREES in flags) == (agreement < 0.2)
        assert score == pytest.approx(agreement * (0.5 if agreement < 0.2 else 1.0), abs=1e-4)
    assert Flag.TEACHER_DISAGREES in found[planted_index][2]
    assert any(flags == () for _, _, flags in found.values())
    for some in ([7, 2], [11, 0, 1, 2, 7], range(12)):  # each run goes on where the one before was stopped
        write_texts(Path("texts.jsonl"), {index: texts[index] for index in some})
        caption(*options, "--texts", "texts.jsonl")
    assert described() == found
    settings = json.loads(Path("captions.summary.json").read_text())["settings"]
    assert settings["teacher"]["teacher"] == str(clip)


def test_the_threshold_is_an_option(study, clip):
    options = ("scans/a.nii.gz", "--backend", "file", "--texts", "texts.jsonl", "--teacher", str(clip))
    write_texts(Path("texts.jsonl"), {index: SENTENCES[200 + 31 * index] for index in range(12)})
    for threshold, flagged in (("0", False), ("1", True)):
        caption(*options, "--teacher-agreement", threshold, "--output", f"{threshold}.jsonl")
        flags = [flags for _, _, flags in described(Path(f"{threshold}.jsonl")).values()]
        assert any(Flag.TEACHER_DISAGREES in each for each in flags) == flagged


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--teacher", "nobody"), "'nobody' is neither a folder nor an id of the Hugging Face hub. Name a folder with"),
        (("--teacher", "nobody/clip"), "'nobody/clip' is not on this computer.*run: hf download nobody/clip"),
        (("--teacher", "scans"), "scans.*check config.json"),
        (("--teacher-revision", "abc"), "--teacher-revision needs --teacher. Name a folder"),
        (("--teacher", "scans", "--teacher-agreement", "2"), "shares and penalties are from 0 to 1"),
    ],
)
def test_a_teacher_that_is_not_there_is_one_line_with_the_next_step(study, arguments, message):
    write_texts(Path("texts.jsonl"), {2: "The liver is seen."})
    before = sorted(study.rglob("*"))
    with pytest.raises(SystemExit, match=f"(?i)^Error: .*{message}"):
        caption("scans/a.nii.gz", "--backend", "file", "--texts", "texts.jsonl", *arguments)
    assert sorted(study.rglob("*")) == before


def test_a_teacher_without_weights_is_named_before_anything_is_written(study, clip):
    folder = study / "clip"
    folder.mkdir()
    for file in clip.iterdir():
        if file.suffix != ".safetensors":
            (folder / file.name).write_bytes(file.read_bytes())
    (folder / "pytorch_model.bin").write_bytes(b"pickled")
    write_texts(Path("texts.jsonl"), {2: "The liver is seen."})
    with pytest.raises(SystemExit, match=r"lacks model.safetensors. Put .* there; pytorch_model.bin is pickled"):
        caption("scans/a.nii.gz", "--backend", "file", "--texts", "texts.jsonl", "--teacher", str(folder))
    assert not FILE.exists()
