"""A caption remembers what the model said, whatever the user makes of it, in every file."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from Testing.unit.captions.parts import a_caption
from Testing.unit.volumes.strategies import grid_of

from Med3DInsightLib.captions import CaptionError, Flag, Window
from Med3DInsightLib.captions.reviewing import (
    Origin,
    ReviewedCaption,
    captions_of_reviewed,
    csv_of_reviewed,
    reviewed_of_captions,
    reviewed_of_csv,
    written_by_user,
)
from Med3DInsightLib.volumes import Plane, slice_of

HOSTILE = [
    "=1+1",
    "-2+3",
    "@SUM(A1)",
    "  =cmd|'/c calc'!A0",
    "'=1",
    "''",
    '<script>alert("x")</script>',
    "two\nlines\tand a tab",
    'quotes " and, commas; # and more',
    "{{7*7}} ${x}",
    "心 Wärme 😀",
]
FLAGGED = a_caption(
    index=3,
    position_mm=0.1 + 0.2,
    score=0.30000000000000004,
    flags=(Flag.WRONG_PLANE, Flag.CUT_OFF),
    window=Window("=soft", -160.1, 240.0),
    tokens_in=0,
    tokens_out=7,
    dropped_characters=2,
)
texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs"))) | st.sampled_from(HOSTILE)


def read_back(reviewed, folder):
    (folder / "c.csv").write_bytes(csv_of_reviewed(reviewed).encode())
    return reviewed_of_csv(folder / "c.csv")


def test_an_edit_keeps_what_the_model_said_and_is_a_source_of_its_own():
    edited = ReviewedCaption.of(FLAGGED).edited("  The spleen. ")
    assert (edited.origin, edited.text, edited.own) == (Origin.EDITED, "The spleen.", FLAGGED)
    assert edited.current.source != FLAGGED.source
    assert edited.current.model == "file: somebody"
    assert (edited.current.flags, edited.current.score, edited.current.window) == ((), 1.0, FLAGGED.window)


def test_an_edit_that_is_taken_back_is_the_models_text_again():
    back = ReviewedCaption.of(FLAGGED).edited("other").edited(FLAGGED.text)
    assert back == ReviewedCaption.of(FLAGGED)
    assert back.origin == Origin.MODEL


def test_a_text_of_the_user_is_accepted_and_stays_the_users():
    place = slice_of(grid_of("LPS", (4, 5, 6), (1.0, 1.0, 2.0)), Plane.AXIAL, 1)
    written = written_by_user("case", "1" * 64, place, "Mine \x1b[31m")
    assert (written.origin, written.accepted) == (Origin.WRITTEN, True)
    assert "\x1b" not in written.text
    assert written.edited("Mine, better").own.text == "Mine, better"
    assert written.edited("Mine, better").origin == Origin.WRITTEN


@pytest.mark.parametrize("text", ["", "  \n"])
def test_a_text_without_words_is_no_edit(text):
    with pytest.raises(CaptionError, match="would be empty"):
        ReviewedCaption.of(FLAGGED).edited(text)


def test_a_person_vouches_for_what_goes_into_training():
    assert ReviewedCaption.of(FLAGGED).for_training == replace(FLAGGED, score=1.0)


def test_a_captions_file_pairs_edits_with_what_they_were_made_of():
    reviewed = [
        ReviewedCaption.of(FLAGGED).edited("edited"),
        ReviewedCaption.of(replace(FLAGGED, model="other")),
        ReviewedCaption.of(a_caption()),
    ]
    captions = captions_of_reviewed(reviewed)
    assert len(captions) == 4
    assert reviewed_of_captions(captions) == reviewed
    assert set(reviewed_of_captions(reversed(captions))) == set(reviewed)


def test_an_edit_without_the_models_text_is_still_an_edit():
    edit = ReviewedCaption.of(FLAGGED).edited("edited").current
    assert [each.origin for each in reviewed_of_captions([edit])] == [Origin.EDITED]


def test_no_caption_of_a_file_gets_lost_in_pairing():
    edit = ReviewedCaption.of(FLAGGED).edited("edited").current
    of_edit = replace(edit, model=f"{edit.backend}: {edit.model}", text="an edit of an edit")
    shown = {each.text for each in reviewed_of_captions([FLAGGED, edit, of_edit])}
    assert shown == {"edited", "an edit of an edit"}


@settings(max_examples=25)
@given(st.lists(st.tuples(texts, texts, st.booleans()), max_size=5))
def test_any_text_survives_csv(tmp_path_factory, cells):
    reviewed = [
        ReviewedCaption(replace(FLAGGED, text=own, model=own, index=n), text, accepted)
        for n, (own, text, accepted) in enumerate(cells)
    ]
    assert read_back(reviewed, tmp_path_factory.mktemp("csv")) == reviewed


def test_no_cell_of_the_csv_is_a_formula():
    reviewed = [ReviewedCaption(replace(FLAGGED, volume_id=text, prompt=text), text) for text in HOSTILE]
    for row in csv.DictReader(io.StringIO(csv_of_reviewed(reviewed), newline="")):
        for column, cell in row.items():
            begins = cell.lstrip()[:1]
            assert begins not in {"=", "+", "@", "\t"}, (column, cell)
            assert begins != "-" or float(cell) < 0, (column, cell)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"plane": "oblique"}, "oblique"),
        ({"accepted": "maybe"}, "accepted is 'maybe'"),
        ({"position_mm": "here"}, "position_mm is 'here', not a number"),
        ({"position_mm": "nan"}, "line 2"),
        ({"index": "1.5"}, "index"),
        ({"text": "a\x07b"}, "text has control characters"),
        ({"flags": "nonsense"}, "flags"),
        ({"window_low": ""}, "window"),
    ],
)
def test_a_wrong_cell_is_told_with_its_line(tmp_path, changes, reason):
    row = next(csv.DictReader(io.StringIO(csv_of_reviewed([ReviewedCaption.of(FLAGGED)]), newline="")))
    with open(tmp_path / "c.csv", "w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, row)
        writer.writeheader()
        writer.writerow({**row, **changes})
    with pytest.raises(CaptionError, match=reason) as caught:
        reviewed_of_csv(tmp_path / "c.csv")
    assert "line 2 is not a reviewed caption" in str(caught.value)


def test_another_table_is_refused(tmp_path):
    (tmp_path / "c.csv").write_text("volume,text\na,b\n")
    with pytest.raises(CaptionError, match="there is no 'accepted'|there is no"):
        reviewed_of_csv(tmp_path / "c.csv")
