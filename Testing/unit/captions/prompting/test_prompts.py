"""A prompt tells modality, plane and position, and is known by its id, its version and its text."""

from __future__ import annotations

import dataclasses

import pytest

from Med3DInsightLib.captions import CaptionError
from Med3DInsightLib.captions.prompting import AnswerForm, Prompt, Sampling, ShippedPrompts, read_prompt
from Med3DInsightLib.volumes import Modality, Plane, slice_of

from ..parts import PLANES, a_subject

TEXTS_OF_VERSIONS = {
    "plain": (1, "5a054719"),
    "question": (1, "7ca4d912"),
    "slices": (1, "c200840d"),
    "structured": (1, "18f59045"),
}
"""What captions remember of the shipped prompts: whoever changes a text also changes its version, and this."""


def a_picture(plane=Plane.AXIAL, index=9, modality=Modality.CT):
    subject = a_subject(modality, with_labels=False)
    return subject.picture(slice_of(subject.volume.grid, plane, index))


def test_the_shipped_prompts_change_their_version_with_their_text():
    shipped = ShippedPrompts()
    assert shipped.names() == sorted(TEXTS_OF_VERSIONS)
    for name, (version, digest) in TEXTS_OF_VERSIONS.items():
        prompt = shipped.find(name)
        assert (prompt.id, prompt.name) == (name, f"{name} v{version} {digest}")
        assert prompt.title
    assert shipped.find("structured").answer == AnswerForm.JSON
    assert shipped.find("plain").answer == AnswerForm.TEXT


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("name", ["plain", "question", "structured"])
def test_a_model_is_told_modality_plane_position_and_sides(name, plane):
    picture = a_picture(plane)
    prompt = ShippedPrompts().find(name)
    text = (prompt.asking("Is there  free\nfluid?") if prompt.asks_a_question else prompt).text_for(picture)
    towards = {"axial": "superior", "coronal": "anterior", "sagittal": "the patient's right"}[plane]
    assert f"one {plane} slice of a CT volume" in text
    assert f"at {picture.place.offset_ras_mm:.1f} mm towards {towards} from" in text
    left = "Anterior" if plane == Plane.SAGITTAL else "The patient's right"
    assert f"{left} is on the left of the picture" in text
    assert ("Question: Is there free fluid?" in text) == (name == "question")
    assert "$" not in text


def test_another_modality_and_another_position_are_told():
    plain = ShippedPrompts().find("plain")
    assert "of a MR volume" in plain.text_for(a_picture(modality=Modality.MR))
    assert "medical image volume" in plain.text_for(a_picture(modality=Modality.UNKNOWN))
    picture = a_picture()
    at_zero = dataclasses.replace(picture.place, position_ras_mm=(0.0, 0.0, -0.01))
    assert "at 0.0 mm" in plain.text_for(dataclasses.replace(picture, place=at_zero))


def test_a_question_is_a_part_of_the_name_and_may_not_be_missing():
    question = ShippedPrompts().find("question")
    assert question.asking("Is  it $big?\x1b").name == f"{question.name}: Is it $big?\ufffd"
    assert "Question: Is it $big?\ufffd" in question.asking("Is it $big?\x1b").text_for(a_picture())
    with pytest.raises(CaptionError, match="'question' needs a question"):
        question.text_for(a_picture())
    with pytest.raises(CaptionError, match="the question is empty"):
        question.asking(" \n")
    with pytest.raises(CaptionError, match="'plain' has no .question"):
        ShippedPrompts().find("plain").asking("Why?")


def test_a_file_of_the_user_is_a_prompt_too(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('id = "own"\nversion = 3\ntext = "What is in this $plane picture? $$5"\n')
    prompt = ShippedPrompts().find(path)
    assert prompt == read_prompt(path)
    assert prompt.text_for(a_picture()) == "What is in this axial picture? $5"
    assert prompt.name.startswith("own v3 ")
    path.write_text('id = "own"\nversion = 3\ntext = "What is in this $plane slice?"\n')
    assert read_prompt(path).name != prompt.name
    with pytest.raises(CaptionError, match="there is no prompt 'mine'. .*one of: plain, question, slices, structured"):
        ShippedPrompts().find("mine")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "has no id. Write a line id"),
        ('id = "a"\nversion = 1\n', "has no text"),
        ('id = "a"\nversion = "1"\ntext = "T"\n', "version is not of type int"),
        ('id = "a"\nversion = true\ntext = "T"\n', "version is not of type int"),
        ('id = "a"\nversion = 0\ntext = "T"\n', "the version of the prompt 'a' is 0"),
        ('id = "a b"\nversion = 1\ntext = "T"\n', "the prompt id 'a b' is not made of"),
        ('id = "a"\nversion = 1\ntext = " "\n', "has no text"),
        ('id = "a"\nversion = 1\ntext = "$volume_id"\n', "has an unknown .volume_id. Use .modality, .pictures, .plane"),
        ('id = "a"\nversion = 1\ntext = "5 $ and"\n', "has a stray"),
        ('id = "a"\nversion = 1\ntext = "T"\nanswer = "xml"\n', "answer is 'xml', not text or json"),
        ('id = "a"\nversion = 1\ntext = "T"\nmodel = "m"\n', "has an unknown entry 'model'"),
        (f'id = "a"\nversion = 1\ntext = "{"T" * 30_000}"\n', "longer than 20000 characters"),
        (f'id = "a"\nversion = 1\ntext = "{"T" * 300_000}"\n', "too large for a prompt"),
        ("id = [", "is not a readable TOML file"),
        (f"id = {'[' * 50_000}", "is not a readable TOML file"),
        (b"\xff", "is not a readable TOML file"),
    ],
)
def test_a_file_that_is_no_prompt_is_one_error_with_its_name(content, message, tmp_path):
    path = tmp_path / "own.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CaptionError, match=message) as raised:
        read_prompt(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert "\n" not in str(raised.value)
    with pytest.raises(CaptionError, match="cannot be read"):
        read_prompt(tmp_path / "missing.toml")


def test_a_prompt_can_reach_nothing_but_its_words():
    for template in ("${plane.__class__}", "${modality[0]}", "$place"):
        with pytest.raises(CaptionError, match="stray|unknown"):
            Prompt("a", 1, template)
    assert Prompt("a", 1, "{plane} {0.__class__} %s").text_for(a_picture()) == "{plane} {0.__class__} %s"


def test_a_draw_is_told_and_one_that_cannot_be_is_refused():
    assert Sampling().told_with("p") == "p"
    assert Sampling(temperature=0.5, top_p=0.9, seed=2).told_with("p") == "p (temperature 0.5, top_p 0.9, seed 2)"
    for wrong in ({"most_tokens": 0}, {"temperature": -1}, {"top_p": 0}, {"top_p": 1.1}):
        with pytest.raises(ValueError, match="token|temperature|top_p"):
            Sampling(**wrong)


def test_a_prompt_about_several_slices_tells_plane_place_and_sides_of_each_in_their_order():
    prompt = ShippedPrompts().find("slices").asking("Is there free fluid?")
    pictures = [a_picture(Plane.SAGITTAL, 7), a_picture(Plane.AXIAL, 9)]
    text = prompt.text_about(pictures)
    told = [line for line in text.splitlines() if line.startswith("Picture ")]
    first, second = (f"{picture.place.offset_ras_mm:.1f} mm towards" for picture in pictures)
    assert told[0].startswith(f"Picture 1: sagittal slice 7, at {first} the patient's right. Anterior is on the left")
    assert told[1].startswith(f"Picture 2: axial slice 9, at {second} superior. The patient's right is on the left")
    assert len(told) == 2
    assert "cannot know" in text
    assert text.endswith("Question: Is there free fluid?")
    assert prompt.text_for(pictures[1]) == prompt.text_about(pictures[1:])


def test_a_prompt_about_one_picture_is_not_asked_about_several_or_none():
    question = ShippedPrompts().find("question").asking("Is there free fluid?")
    with pytest.raises(CaptionError, match="about one picture, not 2.*'slices'"):
        question.text_about([a_picture(), a_picture(index=10)])
    with pytest.raises(CaptionError, match="no slice"):
        ShippedPrompts().find("slices").asking("Is there?").text_about([])
