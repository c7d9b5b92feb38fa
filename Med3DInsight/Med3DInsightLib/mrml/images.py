"""Voxels and matrices of vtk as numpy arrays and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import vtk
from numpy.typing import NDArray
from vtk.util import numpy_support

_VTK_HAS_NO: dict[str, np.dtype[Any]] = {"bool": np.dtype(np.uint8), "float16": np.dtype(np.float32)}


def array_of(image: Any) -> NDArray[Any]:
    """The voxels of a one-component vtkImageData as a KJI array; a copy, so that the scene may change."""
    i, j, k = image.GetDimensions()
    voxels: NDArray[Any] = numpy_support.vtk_to_numpy(image.GetPointData().GetScalars())
    return voxels.reshape(k, j, i).copy()


def fill_image(image: Any, array_kji: NDArray[Any]) -> None:
    """Give a vtkImageData, which starts at voxel (0, 0, 0), the shape and a copy of the voxels of an array."""
    known = _VTK_HAS_NO.get(array_kji.dtype.name, array_kji.dtype.newbyteorder("="))
    k, j, i = array_kji.shape
    image.SetDimensions(i, j, k)
    flat = np.ascontiguousarray(array_kji, dtype=known).ravel()
    image.GetPointData().SetScalars(numpy_support.numpy_to_vtk(flat, deep=True))


def affine_of(matrix: Any) -> NDArray[np.float64]:
    """The 4x4 array of a vtkMatrix4x4."""
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])


def matrix_of(affine: NDArray[np.float64]) -> Any:
    """The vtkMatrix4x4 of a 4x4 array."""
    matrix = vtk.vtkMatrix4x4()
    matrix.DeepCopy(np.asarray(affine, dtype=np.float64).ravel().tolist())
    return matrix
