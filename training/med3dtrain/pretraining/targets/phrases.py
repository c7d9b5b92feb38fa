"""The phrases that a pretrained encoder can be searched for without its teacher."""

from __future__ import annotations

from pathlib import Path

from ..errors import PretrainingError


def read_phrases(path: Path) -> tuple[str, ...]:
    """One phrase a line, each once, in the order of the file; lines that are empty or begin with # are left out.

    Raises PretrainingError if the file cannot be read or has none.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise PretrainingError(f"cannot be read as phrases ({error})", path, "give a text file in UTF-8") from error
    stripped = (line.strip() for line in lines)
    phrases = tuple(dict.fromkeys(line for line in stripped if line and not line.startswith("#")))
    if not phrases:
        raise PretrainingError("has no phrases", path, "write one a line, or leave source.vocabulary out")
    return phrases
