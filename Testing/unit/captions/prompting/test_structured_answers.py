"""An answer in JSON is read entry by entry, however the model wraps it, and harms nobody."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from Med3DInsightLib.captions.inert_text import is_inert
from Med3DInsightLib.captions.prompting import StructuredAnswer

from ..quality.test_hostile_texts import HOSTILE

FULL = {
    "modality": "CT",
    "plane": "axial",
    "structures": ["liver", "spleen", "left kidney"],
    "findings": ["cyst in the left kidney."],
    "image_quality": "good",
}
EXPECTED = StructuredAnswer("CT", "axial", ("liver", "spleen", "left kidney"), ("cyst in the left kidney.",), "good")


@pytest.mark.parametrize(
    "wrapped",
    [
        "{}",
        "```json\n{}\n```",
        "Here is the JSON you asked for: {} I hope it helps.",
        "<think>The set {{liver}} is ...</think>{}",
        '{{"thought": 1}} {}',
    ],
)
def test_the_object_is_found_within_what_models_put_around_it(wrapped):
    text = wrapped.replace("{{", "\0").replace("}}", "\1").replace("{}", json.dumps(FULL, indent=2))
    assert StructuredAnswer.of(text.replace("\0", "{").replace("\1", "}")) == EXPECTED


def test_its_sentences_say_the_same():
    assert EXPECTED.as_text() == (
        "Axial CT slice. It shows liver, spleen and left kidney. Cyst in the left kidney. Image quality: good."
    )
    assert StructuredAnswer(structures=("liver",)).as_text() == "It shows liver."
    assert StructuredAnswer().as_text() == ""


@pytest.mark.parametrize("text", ["", "The liver.", "{", '{"a": 1}', "[1]", '{"plane": ', "null", "{}"])
def test_what_is_no_such_object_is_none(text):
    assert StructuredAnswer.of(text) is None


def test_entries_of_another_type_are_left_out_and_one_text_counts_as_a_list_of_one():
    odd = {"modality": 5, "plane": None, "structures": "liver", "findings": ["a", 3, {"b": 1}, " "], "extra": [1]}
    assert StructuredAnswer.of(json.dumps(odd)) == StructuredAnswer(structures=("liver",), findings=("a",))


def test_hostile_answers_are_read_quickly_and_stay_inert():
    start = time.process_time()
    for text in [*HOSTILE, "{" * 1_000_000, '{"plane": "' + "{" * 1_000_000]:
        for answer in (text, json.dumps({"plane": text, "findings": [text, [text]]})):
            found = StructuredAnswer.of(answer)
            if found is not None:
                assert all(is_inert(each) for each in (found.plane, *found.findings, found.as_text()))
                assert len(found.as_text()) < 10_000
    assert time.process_time() - start < 10


@settings(max_examples=50)
@given(
    st.dictionaries(
        st.sampled_from([*FULL, "other"]),
        st.recursive(
            st.none() | st.text(max_size=9) | st.floats(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
            max_leaves=8,
        ),
    )
)
def test_any_json_is_read_or_none(entries):
    found = StructuredAnswer.of(json.dumps(entries))
    assert (found is None) == (not entries.keys() & FULL.keys())
