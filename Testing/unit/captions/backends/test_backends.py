"""Backends of both kinds give every slice its own text."""

from __future__ import annotations

import hashlib
import inspect
import json
from dataclasses import fields
from itertools import islice

import pytest

from Med3DInsightLib.captions import Caption, CaptionError, CaptionSource
from Med3DInsightLib.captions.backends import (
    FileBackend,
    Finish,
    LabelsBackend,
    PictureAnswer,
    PictureBackend,
    PictureUnanswered,
    Undescribed,
)
from Med3DInsightLib.captions.files import CaptionsFile, ColumnMapping, read_captions
from Med3DInsightLib.captions.label_maps.label_names import read_label_names
from Med3DInsightLib.captions.pictures import SlicePicture
from Med3DInsightLib.captions.quality import CaptionJudge, captions_of
from Med3DInsightLib.captions.slices import uniform_slices
from Med3DInsightLib.volumes import Plane, slice_of, slices_of

from ..parts import PLANES, a_subject, pixels_of


class Brightness:
    """Says how bright a picture is, three at a time and the first of them last; it cannot read dark ones."""

    source = CaptionSource("brightness", "mean", "1", "how bright")

    def answer(self, pictures):
        waiting = iter(pictures)
        while batch := list(islice(waiting, 3)):
            for picture in [*batch[1:], batch[0]]:
                mean = pixels_of(picture).mean()
                if mean < 1:
                    yield PictureUnanswered(picture, "too dark")
                else:
                    text = f"The {picture.place.plane} slice {picture.place.index} has a mean of {mean:.0f}."
                    yield PictureAnswer(picture, text, Finish.COMPLETE, tokens_in=9, tokens_out=5)


def places_of(subject, count=5):
    return [place for plane in PLANES for place in uniform_slices(subject.volume.grid, plane, count)]


def test_answers_find_the_slice_whose_picture_they_are_about():
    subject = a_subject()
    slices = list(subject.slices(places_of(subject)))
    results = list(PictureBackend(Brightness()).describe(slices))
    assert {id(each.of) for each in results} == {id(each) for each in slices}
    for each in results:
        if isinstance(each, Undescribed):
            assert each.reason == "too dark"
            assert pixels_of(each.of.picture()).mean() < 1
        else:
            assert f"{each.of.place.plane} slice {each.of.place.index} " in each.text
            assert f"mean of {pixels_of(each.of.picture()).mean():.0f}." in each.text
            assert each.window == each.of.picture().window
            assert (each.finish, each.tokens_in, each.tokens_out) == (Finish.COMPLETE, 9, 5)
    assert any(isinstance(each, Undescribed) for each in results)


def test_a_picture_that_a_model_passes_over_is_told():
    class Forgetful(Brightness):
        def answer(self, pictures):
            yield from islice(super().answer(pictures), 4)

    subject = a_subject()
    slices = list(subject.slices(uniform_slices(subject.volume.grid, Plane.AXIAL, 5)))
    results = list(PictureBackend(Forgetful()).describe(slices))
    assert {id(each.of) for each in results} == {id(each) for each in slices}
    assert [each.reason for each in results if isinstance(each, Undescribed)] == ["the model gave no answer"]


@pytest.mark.parametrize("backend", [PictureBackend(Brightness(), ahead=2), LabelsBackend()])
def test_slices_are_taken_only_as_they_are_needed(backend):
    subject = a_subject()
    taken = []

    def slices():
        for each in subject.slices(slices_of(subject.volume.grid, Plane.AXIAL)):
            taken.append(each)
            yield each

    next(backend.describe(slices()))
    assert 1 <= len(taken) <= 3 + 2


def test_a_model_is_shown_nothing_that_names_the_patient():
    shown = {field.name for field in fields(SlicePicture)}
    assert shown == {"png", "width", "height", "pixel_mm", "place", "modality", "window"}
    subject = a_subject(volume_id="Jane Doe 1970")
    picture = subject.picture(slice_of(subject.volume.grid, Plane.AXIAL, 20))
    assert "Jane" not in repr(picture)
    assert "subject" not in inspect.signature(Brightness.answer).parameters


def test_from_slices_to_a_file_and_on_where_it_stopped(tmp_path):
    subject = a_subject()
    path = tmp_path / "captions.jsonl"
    backend = LabelsBackend(seed=4)
    slices = list(subject.slices(places_of(subject)))
    for some in (slices[:6], slices):
        with CaptionsFile.open(path) as captions:
            waiting = [each for each in some if each.key(backend.source) not in captions.keys]
            for result in captions_of(backend, waiting, CaptionJudge()):
                assert isinstance(result, Caption)
                captions.append([result])
    found = list(read_captions(path))
    assert [each.key for each in found] == [each.key(backend.source) for each in slices]
    assert {each.volume_hash for each in found} == {subject.volume_hash}
    assert [each.position_mm for each in found] == [each.place.offset_ras_mm for each in slices]
    assert not any(each.flags for each in found)


def test_texts_of_a_table_are_found_by_name_or_hash_plane_and_number(tmp_path):
    subject = a_subject(volume_id="case 7")
    path = tmp_path / "reports.csv"
    rows = ["scan,view,slice,report,remark", 'case 7,AX,1,"First, axial.",x', f"{subject.volume_hash},cor,3,Coronal.,"]
    path.write_text("\n".join([*rows, "case 8,ax,1,Another patient.,", "case 7,sag,80,Last,", ""]))
    mapping = ColumnMapping(text="report", volume="scan", plane="view", index="slice", first_index=1)
    backend = FileBackend(path, mapping, model="HuatuoGPT-Vision-7B")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    assert backend.source == CaptionSource("file", "HuatuoGPT-Vision-7B", f"sha256 {digest}")
    grid = subject.volume.grid
    slices = list(
        subject.slices(
            [slice_of(grid, Plane.AXIAL, 0), slice_of(grid, Plane.AXIAL, 1), slice_of(grid, Plane.CORONAL, 2)]
        )
    )
    first, missing, coronal = backend.describe(slices)
    assert (first.text, coronal.text) == ("First, axial.", "Coronal.")
    assert isinstance(missing, Undescribed)
    assert missing.reason == "reports.csv has no text for it"
    assert backend.unused_lines == (4, 5)
    (last,) = backend.describe(subject.slices([slice_of(grid, Plane.SAGITTAL, 79)]))
    assert last.text == "Last"
    assert backend.unused_lines == (4,)


def test_texts_of_json_lines_are_found_by_position(tmp_path):
    subject = a_subject()
    path = tmp_path / "texts.jsonl"
    grid = subject.volume.grid
    places = slices_of(grid, Plane.AXIAL)[3:5]
    rows = [{"mm": place.offset_ras_mm + 0.05, "text": f"Slice {place.index}."} for place in places]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    mapping = ColumnMapping(volume=None, plane=None, fixed_plane=Plane.AXIAL, index=None, position_mm="mm")
    backend = FileBackend(path, mapping)
    assert backend.source.model == "texts.jsonl"
    results = list(backend.describe(subject.slices(slices_of(grid, Plane.AXIAL))))
    assert [(each.of.place.index, each.text) for each in results if not isinstance(each, Undescribed)] == [
        (3, "Slice 3."),
        (4, "Slice 4."),
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", "volume,plane,index,text\nv,axial,x,T\n", "line 2: invalid literal"),
        ("t.csv", "volume,plane,index,text\nv,across,1,T\n", "line 2: 'across' is not a plane"),
        ("t.csv", "volume,plane,text\nv,axial,T\n", "line 2: there is no 'index' among volume, plane, text"),
        ("t.csv", "volume,plane,index,text\nv,axial,1,T\nv,axial,2\n", "line 3: there is no 'text'"),
        ("t.csv", 'volume,plane,index,text\nv,axial,1,"T\n', "line 2: unexpected end"),
        ("t.csv", f"volume,plane,index,text\nv,axial,1,{'T' * 200_000}\n", "line 2: field larger than"),
        ("t.csv", b"volume,plane,index,text\nv,axial,1,\xff\n", "codec can't decode"),
        ("t.jsonl", '{"volume": "v"\n', "line 1: Expecting"),
        ("t.jsonl", "[1]\n", "line 1: is not a JSON object"),
        ("t.jsonl", "[" * 100_000 + "\n", "line 1: the brackets are nested too deeply"),
        ("t.jsonl", '{"volume": "v", "plane": "ax", "index": 1, "text": 5}\n', "line 1: 'text' is not a text"),
        ("t.xlsx", "", "unknown ending '.xlsx'. Choose .csv"),
    ],
)
def test_a_table_that_cannot_be_understood_is_one_error_with_its_line(name, content, message, tmp_path):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CaptionError, match=message) as raised:
        FileBackend(path)
    assert name in str(raised.value)
    assert "\n" not in str(raised.value)


def test_two_texts_for_one_slice_are_refused_and_so_is_a_mapping_that_tells_too_little(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text("volume\tplane\tindex\ttext\ntrunk\tax\t1\tOne\ntrunk\ttra\t1\tTwo\n")
    subject = a_subject()
    with pytest.raises(CaptionError, match="t.tsv: lines 2 and 3 are about the same slice"):
        list(FileBackend(path).describe(subject.slices([slice_of(subject.volume.grid, Plane.AXIAL, 1)])))
    with pytest.raises(CaptionError, match="cannot be read"):
        FileBackend(tmp_path / "missing.csv")
    with pytest.raises(ValueError, match="index or by its position"):
        ColumnMapping(position_mm="mm")
    with pytest.raises(ValueError, match="plane is in a column"):
        ColumnMapping(fixed_plane=Plane.AXIAL)


def test_names_of_label_values_are_read_from_json_and_from_tables(tmp_path):
    json_file, table = tmp_path / "n.json", tmp_path / "colors.ctbl"
    json_file.write_text('{"0": "background", "5": "liver"}')
    table.write_text(
        "# a colour table\n0 background 0 0 0 0\n2 left cerebral white matter\n5 liver 221 130 101 255\n\n"
    )
    assert read_label_names(json_file) == {5: "liver"}
    assert read_label_names(table) == {2: "left cerebral white matter", 5: "liver"}
    for text, message in (("1 a\n1 b\n", "both a and b"), ("liver 5\n", "line 1"), ("", "names no structure")):
        table.write_text(text)
        with pytest.raises(CaptionError, match=message):
            read_label_names(table)
    for text in ("[5]", '[["5", "liver"]]', '"liver"'):
        json_file.write_text(text)
        with pytest.raises(CaptionError, match="not JSON with the names"):
            read_label_names(json_file)
    json_file.write_text('{"5": "liver", "5": "spleen"}')
    with pytest.raises(CaptionError, match="the value 5 is both liver and spleen"):
        read_label_names(json_file)
    json_file.write_text('{"5": "liver"}', encoding="utf-8-sig")  # as editors of Windows write it
    table.write_text("5 liver\n", encoding="utf-8-sig")
    assert read_label_names(json_file) == read_label_names(table) == {5: "liver"}
    with pytest.raises(CaptionError, match="cannot be read"):
        read_label_names(tmp_path / "missing")
