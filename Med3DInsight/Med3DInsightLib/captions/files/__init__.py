"""Captions on disk: the captions file, several merged into one, and tables of texts from elsewhere."""

from .caption_lines import read_captions
from .captions_file import CaptionsFile
from .imported_texts import ColumnMapping
from .merging import MergeReport, merge_captions

__all__ = ["CaptionsFile", "ColumnMapping", "MergeReport", "merge_captions", "read_captions"]
