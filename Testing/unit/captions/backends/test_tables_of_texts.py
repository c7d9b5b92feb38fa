"""A table gives its texts to the slices that it means, and to no others."""

from __future__ import annotations

import pytest

from Med3DInsightLib.captions import CaptionError
from Med3DInsightLib.captions.backends import FileBackend, Undescribed
from Med3DInsightLib.captions.files import ColumnMapping
from Med3DInsightLib.volumes import Plane, slice_of

from ..parts import a_caption, a_subject


def a_table(path, *rows, columns="volume,plane,index,text"):
    path.write_text("\n".join([columns, *rows]) + "\n")
    return path


def texts_of(backend, subject, index=1):
    places = [slice_of(subject.volume.grid, Plane.AXIAL, index)]
    return [each.text for each in backend.describe(subject.slices(places)) if not isinstance(each, Undescribed)]


@pytest.mark.parametrize(
    ("volume", "named", "is_meant"),
    [
        ("case 7", "case 7.nii.gz", True),
        ("case 7.NII.GZ", "case 7", True),
        ("sub/case 7.mha", "sub/case 7.mha", True),
        ("case 7.nii.gz", "case 7.nrrd", False),
        ("case 7", "sub/case 7", False),
    ],
)
def test_an_ending_that_only_one_name_has_does_not_count(volume, named, is_meant, tmp_path):
    backend = FileBackend(a_table(tmp_path / "t.csv", f"{named},axial,1,The liver."))
    assert texts_of(backend, a_subject(volume_id=volume)) == (["The liver."] if is_meant else [])
    assert backend.fits_nothing == (not is_meant)


@pytest.mark.parametrize("position", ["nan", "inf", "-Infinity"])
def test_a_position_that_is_nowhere_is_refused(position, tmp_path):
    path = a_table(tmp_path / "t.csv", f"v,axial,{position},The liver.", columns="volume,plane,mm,text")
    with pytest.raises(CaptionError, match="line 2: the position .* is nowhere"):
        FileBackend(path, ColumnMapping(index=None, position_mm="mm"))


def test_a_table_that_was_changed_is_another_source_unless_its_revision_is_named(tmp_path):
    path = a_table(tmp_path / "t.csv", "v,axial,1,The liver.")
    before, named = FileBackend(path).source, FileBackend(path, model_revision="2").source
    assert FileBackend(path).source == before
    a_table(path, "v,axial,1,The spleen.")
    assert FileBackend(path).source != before
    assert FileBackend(path, model_revision="2").source == named


def test_lines_whose_captions_an_earlier_run_has_written_are_not_unused(tmp_path):
    backend = FileBackend(a_table(tmp_path / "t.csv", "v.nii,axial,0,One.", "v,axial,1,Two.", "w,axial,0,Three."))
    backend.remember(a_caption(volume_id="v", index=0))
    assert backend.unused_lines == (3, 4)
    assert not backend.fits_nothing
