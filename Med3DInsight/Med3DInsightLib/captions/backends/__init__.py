"""Who describes slices, behind one interface: a label map, a file of texts, or a model that is shown pictures."""

from .backend import (
    Backend,
    Description,
    Finish,
    PictureAnswer,
    PictureBackend,
    PictureModel,
    PictureUnanswered,
    Undescribed,
)
from .file_backend import FileBackend
from .labels_backend import LabelsBackend

__all__ = [
    "Backend",
    "Description",
    "FileBackend",
    "Finish",
    "LabelsBackend",
    "PictureAnswer",
    "PictureBackend",
    "PictureModel",
    "PictureUnanswered",
    "Undescribed",
]
