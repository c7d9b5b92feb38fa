"""Captions that a user has read: edited, accepted, written, and exchanged as tables.

Knows texts only; who shows them is elsewhere.
"""

from .captions_csv import csv_of_reviewed, reviewed_of_csv
from .pairing import captions_of_reviewed, reviewed_of_captions
from .reviewed_caption import EDITED_BACKEND, WRITTEN_BACKEND, Origin, ReviewedCaption, written_by_user
from .reviewed_file import CSV, JSON_LINES, ending_of, read_reviewed

__all__ = [
    "CSV",
    "EDITED_BACKEND",
    "JSON_LINES",
    "WRITTEN_BACKEND",
    "Origin",
    "ReviewedCaption",
    "captions_of_reviewed",
    "csv_of_reviewed",
    "ending_of",
    "read_reviewed",
    "reviewed_of_captions",
    "reviewed_of_csv",
    "written_by_user",
]
