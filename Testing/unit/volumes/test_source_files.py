"""A fingerprint changes when, and only when, what an image is read from changes."""

from __future__ import annotations

import hashlib
import os

import numpy as np
import pytest

from Med3DInsightLib.volumes import VolumeError, write_volume
from Med3DInsightLib.volumes.files.reading import read_fingerprinted
from Med3DInsightLib.volumes.files.source_files import Fingerprint, source_files


def test_the_fingerprint_of_a_file_is_its_name_size_and_sha256(tmp_path):
    path = tmp_path / "head.nii.gz"
    path.write_bytes(b"voxels")
    assert Fingerprint.of(path) == Fingerprint("head.nii.gz", 6, hashlib.sha256(b"voxels").hexdigest())
    before = Fingerprint.of(path)
    os.utime(path, (1, 1))
    assert Fingerprint.of(path) == before
    path.write_bytes(b"vOxels")
    os.utime(path, (1, 1))
    assert Fingerprint.of(path) != before


@pytest.mark.parametrize("name", ["head.mhd", "head.nhdr"])
def test_voxels_in_a_file_beside_the_header_count(a_volume, tmp_path, name):
    write_volume(a_volume, tmp_path / name)
    before = Fingerprint.of(tmp_path / name)
    assert len(source_files(tmp_path / name)) == 2
    (tmp_path / "notes.txt").write_text("unrelated")
    assert Fingerprint.of(tmp_path / name) == before
    (voxels,) = set(source_files(tmp_path / name)) - {tmp_path / name}
    voxels.write_bytes(voxels.read_bytes()[:-1] + b"?")
    assert Fingerprint.of(tmp_path / name) != before


def test_a_header_that_names_many_files_depends_on_all_there_are(tmp_path):
    for text in ("data file: slice%03d.raw 1 9 1\n", "data file: LIST\nslice001.raw\n"):
        (tmp_path / "head.nhdr").write_text(f"NRRD0004\n{text}")
        (tmp_path / "slice001.raw").write_bytes(b"a")
        before = Fingerprint.of(tmp_path / "head.nhdr")
        (tmp_path / "slice001.raw").write_bytes(b"b")
        assert Fingerprint.of(tmp_path / "head.nhdr") != before


def test_a_header_with_its_voxels_is_one_file(tmp_path):
    (tmp_path / "head.mhd").write_bytes(b"ObjectType = Image\nElementDataFile = LOCAL\n\0\1\2")
    (tmp_path / "other.raw").write_bytes(b"")
    assert source_files(tmp_path / "head.mhd") == [tmp_path / "head.mhd"]


def test_a_folder_is_all_its_files_except_hidden_ones(tmp_path):
    for name in ("b", "a"):
        (tmp_path / name).write_text(name)
    before = Fingerprint.of(tmp_path)
    assert (before.file, before.size_bytes) == (tmp_path.name, 2)
    lines = "".join(f"{hashlib.sha256(name.encode()).hexdigest()}  {name}\n" for name in "ab")
    assert before.sha256 == hashlib.sha256(lines.encode()).hexdigest()
    (tmp_path / ".DS_Store").write_text("x")
    assert Fingerprint.of(tmp_path) == before
    (tmp_path / "c").write_text("")
    assert Fingerprint.of(tmp_path) != before


def test_a_volume_is_read_with_its_fingerprint_and_what_is_missing_is_named(a_volume, tmp_path):
    write_volume(a_volume, tmp_path / "head.nii.gz")
    volume, fingerprint = read_fingerprinted(tmp_path / "head.nii.gz")
    assert np.array_equal(volume.array_kji, a_volume.array_kji)
    assert fingerprint == Fingerprint.of(tmp_path / "head.nii.gz")
    with pytest.raises(VolumeError, match=r"nowhere\.nii: there is no such file"):
        read_fingerprinted(tmp_path / "nowhere.nii")
