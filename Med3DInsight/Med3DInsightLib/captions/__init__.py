"""Slices of a volume described in words: choosing and drawing them, backends, the captions file, quality.

Knows volumes, text and pictures; no torch, no network. Slices come from slice_choice, pictures from
picture, texts from backends, and captions_of() makes of them what CaptionsFile keeps.
"""

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
from .caption_lines import read_captions
from .captioning import captions_of
from .captions_file import CaptionsFile
from .errors import CaptionError
from .file_backend import FileBackend
from .imported_texts import ColumnMapping
from .labels_backend import LabelsBackend
from .merging import MergeReport, merge_captions
from .picture import RenderSettings, SlicePicture, SliceRenderer
from .quality import Agreement, CaptionJudge, QualitySettings
from .record import Caption, CaptionKey, CaptionSource, Flag
from .slice_choice import body_slices, foreground_slices, structure_slices, uniform_slices
from .subject import CaptionSubject, SubjectSlice
from .volume_hash import volume_hash
from .windows import Window

__all__ = [
    "Agreement",
    "Backend",
    "Caption",
    "CaptionError",
    "CaptionJudge",
    "CaptionKey",
    "CaptionSource",
    "CaptionSubject",
    "CaptionsFile",
    "ColumnMapping",
    "Description",
    "FileBackend",
    "Finish",
    "Flag",
    "LabelsBackend",
    "MergeReport",
    "PictureAnswer",
    "PictureBackend",
    "PictureModel",
    "PictureUnanswered",
    "QualitySettings",
    "RenderSettings",
    "SlicePicture",
    "SliceRenderer",
    "SubjectSlice",
    "Undescribed",
    "Window",
    "body_slices",
    "captions_of",
    "foreground_slices",
    "merge_captions",
    "read_captions",
    "structure_slices",
    "uniform_slices",
    "volume_hash",
]
