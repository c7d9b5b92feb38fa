"""Files and folders that are written safely: by one process at a time, complete or not at all, known by their hash."""

from .errors import OutputError, output_error
from .file_hash import sha256_of_file
from .output_folder import sole_run
from .staging import remove_unfinished, staged_files, staged_or_nowhere, was_killed_while_publishing
from .whole_files import sync, whole_file, write_whole
from .write_lock import sole_writer

__all__ = [
    "OutputError",
    "output_error",
    "remove_unfinished",
    "sha256_of_file",
    "sole_run",
    "sole_writer",
    "staged_files",
    "staged_or_nowhere",
    "sync",
    "was_killed_while_publishing",
    "whole_file",
    "write_whole",
]
