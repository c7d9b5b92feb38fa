"""Reading gives the right place, and everything that is not a finite 3D scalar image is refused."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk

from Med3DInsightLib.volumes import Modality, VolumeError, read_volume, write_volume

from .strategies import grid_of

_AFFINE = np.diag([1.0, 2.0, 3.0, 1.0])


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd", ".mha"])
def test_a_volume_survives_writing_and_reading(a_volume, tmp_path, suffix):
    path = tmp_path / f"volume{suffix}"
    write_volume(a_volume, path)
    back = read_volume(path)
    assert np.array_equal(back.array_kji, a_volume.array_kji)
    assert np.abs(back.grid.ijk_to_ras - a_volume.grid.ijk_to_ras).max() < 1e-4
    assert back.modality == Modality.UNKNOWN
    assert read_volume(path, Modality.MR).modality == Modality.MR


def test_the_affine_is_the_one_nibabel_reads(tmp_path):
    affine = grid_of("LSP", (4, 5, 6), (0.7, 1.9, 4.1)).ijk_to_ras
    nib.save(nib.Nifti1Image(np.arange(120, dtype=np.int16).reshape(6, 5, 4), affine), tmp_path / "v.nii.gz")
    volume = read_volume(tmp_path / "v.nii.gz")
    assert np.allclose(volume.grid.ijk_to_ras, affine, atol=1e-5)
    assert volume.array_kji[1, 2, 3] == np.arange(120).reshape(6, 5, 4)[3, 2, 1]
    assert volume.array_kji.dtype == np.int16


def test_one_slice_is_a_volume(tmp_path):
    nib.save(nib.Nifti1Image(np.ones((6, 5, 1), np.float32), _AFFINE), tmp_path / "slice.nii")
    assert read_volume(tmp_path / "slice.nii").grid.shape_kji == (1, 5, 6)


def test_trailing_axes_of_size_one_are_dropped(tmp_path):
    nib.save(nib.Nifti1Image(np.ones((6, 5, 4, 1, 1), np.float32), _AFFINE), tmp_path / "v.nii.gz")
    assert read_volume(tmp_path / "v.nii.gz").grid.shape_kji == (4, 5, 6)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(VolumeError, match=r"nowhere\.nii: there is no such file"):
        read_volume(tmp_path / "nowhere.nii")


@pytest.mark.parametrize(
    ("shape", "message"),
    [((4, 5, 6, 7), r"has 4 dimensions \(4x5x6x7\)"), ((4, 5, 6, 1, 3), "has 5 dimensions")],
)
def test_more_than_three_dimensions_are_refused(tmp_path, shape, message):
    nib.save(nib.Nifti1Image(np.ones(shape, np.float32), _AFFINE), tmp_path / "v.nii.gz")
    with pytest.raises(VolumeError, match=message):
        read_volume(tmp_path / "v.nii.gz")


@pytest.mark.parametrize("name", ["colour.png", "colour.nrrd", "colour.nii.gz"])
def test_colour_images_are_refused(tmp_path, name):
    shape = (4, 5, 3) if name.endswith("png") else (6, 4, 5, 3)
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros(shape, np.uint8), isVector=True), str(tmp_path / name))
    with pytest.raises(VolumeError, match="3 components|dimensions"):
        read_volume(tmp_path / name)


def test_flat_and_complex_images_are_refused(tmp_path):
    sitk.WriteImage(sitk.GetImageFromArray(np.zeros((4, 5), np.uint8)), str(tmp_path / "flat.png"))
    with pytest.raises(VolumeError, match="2D image"):
        read_volume(tmp_path / "flat.png")
    nib.save(nib.Nifti1Image(np.ones((3, 4, 5), np.complex64), _AFFINE), tmp_path / "complex.nii")
    with pytest.raises(VolumeError, match="complex"):
        read_volume(tmp_path / "complex.nii")


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd", ".mha"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_voxels_that_are_not_finite_are_refused(tmp_path, suffix, value):
    array = np.ones((4, 5, 6), np.float32)
    array[1, 2, 3] = value
    path = tmp_path / f"v{suffix}"
    if suffix.startswith(".nii"):
        nib.save(nib.Nifti1Image(array, _AFFINE), path)
    else:
        sitk.WriteImage(sitk.GetImageFromArray(array), str(path))
    with pytest.raises(VolumeError, match=r"1 (of 120 )?voxels are NaN or infinite"):
        read_volume(path)


@pytest.mark.parametrize("value", [1e300, -1e39])
def test_voxels_that_float32_cannot_hold_are_refused(tmp_path, value):
    array = np.ones((4, 5, 6))
    array[1, 2, 3] = value
    sitk.WriteImage(sitk.GetImageFromArray(array), str(tmp_path / "v.nrrd"))
    with pytest.raises(VolumeError, match=r"v\.nrrd: 1 of 120 voxels are beyond 3.4e\+38.*Rescale the image"):
        read_volume(tmp_path / "v.nrrd")


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd", ".mha"])
@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_truncated_files_are_refused(tmp_path, suffix, compressed, share):
    noise = np.random.default_rng(0).integers(0, 2000, (20, 30, 40)).astype(np.int16)
    path = tmp_path / f"v{suffix}"
    sitk.WriteImage(sitk.GetImageFromArray(noise), str(path), useCompression=compressed)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(VolumeError) as caught:
        read_volume(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_ends_within_its_header_or_is_empty_is_refused(tmp_path):
    (tmp_path / "short.nii").write_bytes(struct.pack("<i", 348) + b"\0" * 100)
    with pytest.raises(VolumeError, match="ends within its header"):
        read_volume(tmp_path / "short.nii")
    (tmp_path / "empty.nrrd").write_bytes(b"")
    with pytest.raises(VolumeError, match="empty"):
        read_volume(tmp_path / "empty.nrrd")


@pytest.mark.parametrize("name", ["notes.txt", "notes.nii.gz", "notes.nrrd", "notes.mha"])
def test_what_is_not_an_image_is_refused(tmp_path, name):
    (tmp_path / name).write_text("Dear colleague, ...")
    with pytest.raises(VolumeError, match=name):
        read_volume(tmp_path / name)


@pytest.mark.parametrize(
    ("offset", "layout", "values", "message"),
    [
        (42, "<h", (0,), "size zero"),
        (80, "<f", (0.0,), "spacing is 0x2x3 mm"),
        (80, "<f", (float("nan"),), "spacing"),
        (280, "<4f", (float("nan"), 0, 0, 0), "not a finite 4x4"),
        (280, "<8f", (1, 0, 0, 0, 1, 0, 0, 0), "0 mm|singular"),
        (280, "<8f", (1, 1, 0, 0, 1, 1, 0, 0), "singular"),
        (280, "<4f", (1, 0.8, 0, 0), "not perpendicular"),
    ],
)
def test_nifti_headers_without_a_usable_place_are_refused(tmp_path, offset, layout, values, message):
    path = tmp_path / "v.nii"
    nib.save(nib.Nifti1Image(np.ones((4, 5, 6), np.float32), _AFFINE), path)
    block = bytearray(path.read_bytes())
    struct.pack_into(layout, block, offset, *values)
    path.write_bytes(block)
    with pytest.raises(VolumeError, match=message):
        read_volume(path)


@pytest.mark.parametrize(
    ("directions", "sizes", "message"),
    [
        ("(0,0,0) (0,1,0) (0,0,1)", "4 5 6", "spacing|finite"),
        ("(0,1,0) (0,1,0) (0,0,1)", "4 5 6", "singular"),
        ("(1,0,0) (0,1,0) (0,0,1)", "4 0 6", "size is zero|size zero"),
    ],
)
def test_nrrd_headers_without_a_usable_place_are_refused(tmp_path, directions, sizes, message):
    header = (
        f"NRRD0004\ntype: short\ndimension: 3\nspace: left-posterior-superior\nsizes: {sizes}\n"
        f"space directions: {directions}\nkinds: domain domain domain\nendian: little\nencoding: raw\n"
        "space origin: (0,0,0)\n\n"
    )
    (tmp_path / "v.nrrd").write_bytes(header.encode() + b"\0" * 240)
    with pytest.raises(VolumeError, match=message):
        read_volume(tmp_path / "v.nrrd")


def test_nifti_2_is_refused_by_name(tmp_path):
    nib.save(nib.Nifti2Image(np.ones((4, 5, 6), np.float32), _AFFINE), tmp_path / "v.nii.gz")
    with pytest.raises(VolumeError, match="NIfTI-2"):
        read_volume(tmp_path / "v.nii.gz")


def test_a_folder_without_a_series_is_refused(tmp_path):
    with pytest.raises(VolumeError, match="no DICOM series"):
        read_volume(tmp_path)


@pytest.fixture
def a_dicom_folder(shared_data, tmp_path):
    folder = tmp_path / "series"
    shutil.copytree(shared_data / "totalsegmentator" / "example_ct_dicom", folder, copy_function=shutil.copyfile)
    folder.chmod(0o755)
    return folder


def test_a_dicom_series_is_read_with_its_modality_and_place(a_dicom_folder, shared_data):
    volume = read_volume(a_dicom_folder)
    assert volume.modality == Modality.CT
    assert volume.grid.shape_kji == (20, 512, 512)
    labels = read_volume(shared_data / "totalsegmentator" / "example_seg_dicom.nii.gz")
    corners = [labels.grid.ras_of(p) for p in ([0, 0, 0], np.array(labels.grid.shape_ijk) - 1)]
    there = volume.grid.ijk_of(np.array(corners))
    assert np.allclose(np.sort(np.abs(there), axis=0), [[0, 0, 0], [511, 511, 19]], atol=0.01)


def test_a_missing_dicom_slice_is_refused(a_dicom_folder):
    names = sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(a_dicom_folder))
    Path(names[8]).unlink()
    with pytest.raises(VolumeError, match=r"not evenly spaced: 4\.00 mm between slices 8 and 9, usually 2\.00 mm"):
        read_volume(a_dicom_folder)


def test_two_dicom_series_in_one_folder_are_refused(tmp_path):
    for number in (1, 2):
        image = sitk.GetImageFromArray(np.zeros((1, 8, 8), np.int16))
        image.SetMetaData("0008|0060", "CT")
        image.SetMetaData("0020|000e", f"1.2.826.0.1.3680043.2.1125.{number}")
        writer = sitk.ImageFileWriter()
        writer.KeepOriginalImageUIDOn()
        writer.SetFileName(str(tmp_path / f"{number}.dcm"))
        writer.Execute(image)
    with pytest.raises(VolumeError, match="2 DICOM series"):
        read_volume(tmp_path)


def test_a_damaged_dicom_slice_is_refused(a_dicom_folder):
    path = sorted(a_dicom_folder.iterdir())[5]
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(VolumeError):
        read_volume(a_dicom_folder)
