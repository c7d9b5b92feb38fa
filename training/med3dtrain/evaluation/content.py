"""The content of files, so that a result belongs to what was measured and not to a name."""

from __future__ import annotations

from pathlib import Path

from Med3DInsightLib.volumes.files.source_files import Fingerprint

from .errors import EvaluationError


def content_of(path: Path, if_missing: str) -> Fingerprint:
    """The fingerprint of an image or a label map; if_missing is the next step where there is none.

    Raises EvaluationError, naming the file, if it cannot be read.
    """
    try:
        return Fingerprint.of(path)
    except FileNotFoundError as error:
        raise EvaluationError("there is no such file", path, if_missing) from error
    except OSError as error:
        raise EvaluationError(f"cannot be read ({error.strerror})", path, "make it readable") from error
