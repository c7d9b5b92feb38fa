"""A volume is read and written where it is, or refused: no header with two places, no grid that a format would bend."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest
import SimpleITK as sitk
from scipy.spatial.transform import Rotation

from Med3DInsightLib.volumes import Grid, Modality, Volume, VolumeError, read_volume, write_volume

from .dicom_files import write_frames

_VOXELS = np.arange(120, dtype=np.int16).reshape(6, 5, 4)


def an_affine(spacing_mm=(1.0, 2.0, 3.0), origin_mm=(10.0, -20.0, 30.0), turn_deg=0.0):
    turn = Rotation.from_euler("z", turn_deg, degrees=True).as_matrix()
    return nib.affines.from_matvec(turn @ np.diag(spacing_mm), origin_mm)


def a_nifti(path, sform, qform):
    image = nib.Nifti1Image(_VOXELS, None)
    image.set_qform(qform, code=1)
    image.set_sform(sform, code=2)  # aligned; ITK goes by a sform of code 1
    nib.save(image, path)
    return path


def a_sheared_image(shear):
    image = sitk.GetImageFromArray(np.zeros((4, 5, 6), np.int16))
    image.SetDirection((1.0, shear, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0))
    return image


@pytest.mark.parametrize(
    "qform",
    [
        an_affine(origin_mm=(10.0, -18.0, 30.0)),
        an_affine(turn_deg=40.0),
        an_affine(spacing_mm=(1.0, 2.0, 3.1)),
    ],
    ids=["shifted", "turned", "stretched"],
)
def test_a_nifti_file_with_two_places_is_refused_naming_both(tmp_path, qform):
    path = a_nifti(tmp_path / "v.nii.gz", an_affine(), qform)
    with pytest.raises(VolumeError, match="two places.*RAS with 1x2x3 mm from .10, -20, 30. by the sform") as caught:
        read_volume(path)
    assert str(path) in str(caught.value)
    assert "by the qform and pixdim" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kept", ["sform", "qform"])
def test_the_next_step_keeps_the_place_that_is_right(tmp_path, kept):
    sform, qform = an_affine(), an_affine(spacing_mm=(1.5, 2.0, 3.0), origin_mm=(0.0, 0.0, 0.0))
    image = nib.load(a_nifti(tmp_path / "v.nii", sform, qform))
    if kept == "sform":
        image.set_qform(image.affine)
    else:
        image.set_sform(image.get_qform())
    nib.save(image, tmp_path / "mended.nii")
    assert np.allclose(read_volume(tmp_path / "mended.nii").grid.ijk_to_ras, sform if kept == "sform" else qform)


def test_places_that_differ_by_roundings_are_one(tmp_path):
    path = a_nifti(tmp_path / "v.nii", an_affine(), an_affine((1.002, 2.0, 2.99), (10.1, -20.0, 29.9), turn_deg=0.3))
    assert read_volume(path).grid.axis_codes == "RAS"


@pytest.mark.parametrize(("unit", "mm"), [("meter", 1e3), ("mm", 1.0), ("micron", 1e-3)])
def test_both_places_are_in_the_unit_of_the_header(tmp_path, unit, mm):
    image = nib.Nifti1Image(_VOXELS, nib.affines.from_matvec(np.diag([1.0, 2.0, 3.0]) / mm, (0.0, 0.0, 0.0)))
    image.header.set_xyzt_units(unit)
    nib.save(image, tmp_path / "v.nii")
    assert np.allclose(read_volume(tmp_path / "v.nii").grid.spacing_ijk_mm, (1.0, 2.0, 3.0))


@pytest.mark.parametrize("name", ["v.nrrd", "v.mha", "v.mhd"])
def test_sheared_images_are_refused_in_every_format(tmp_path, name):
    sitk.WriteImage(a_sheared_image(0.3), str(tmp_path / name))
    with pytest.raises(VolumeError, match="not perpendicular.*Resample the image"):
        read_volume(tmp_path / name)


def test_directions_that_were_rounded_are_no_shear(tmp_path):
    sitk.WriteImage(a_sheared_image(0.0004), str(tmp_path / "v.nrrd"))
    assert read_volume(tmp_path / "v.nrrd").grid.shape_kji == (4, 5, 6)


def test_a_format_that_would_bend_the_axes_is_not_written(tmp_path):
    sheared = np.eye(4)
    sheared[0, 1] = 0.3
    volume = Volume(np.zeros((20, 20, 20), np.uint8), Grid((20, 20, 20), sheared))
    with pytest.raises(VolumeError, match=r"cannot hold the place of the image; voxels would lie up to \d\.\d voxels"):
        write_volume(volume, tmp_path / "v.nii.gz")
    assert not (tmp_path / "v.nii.gz").exists()
    write_volume(volume, tmp_path / "v.nrrd")


def test_a_dicom_folder_may_hold_all_slices_in_one_file(tmp_path):
    write_frames(tmp_path / "series", (0.8, 0.9, 2.5), (-5.0, 3.0, 11.0))
    volume = read_volume(tmp_path / "series")
    assert np.array_equal(volume.array_kji, np.arange(210).reshape(5, 6, 7))
    assert volume.modality == Modality.MR
    assert np.allclose(volume.grid.ijk_to_ras @ [1, 1, 1, 1], (5.0 - 0.8, -3.0 - 0.9, 11.0 + 2.5, 1.0))
