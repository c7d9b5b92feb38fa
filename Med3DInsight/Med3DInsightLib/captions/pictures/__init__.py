"""Slices as a reader sees them: windows, the radiological view, pictures, sheets of them, faces that are not drawn."""

from .picture import RenderSettings, SlicePicture, SliceRenderer

__all__ = ["RenderSettings", "SlicePicture", "SliceRenderer"]
