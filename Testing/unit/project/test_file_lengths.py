"""Files stay short enough to be read at once."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
FOLDERS = ("Med3DInsight", "MedInsightSegment", "Testing", "training")
MOST_LINES = 250
EXCUSE = "# Longer than 250 lines because "


def has_an_excuse(text: str) -> bool:
    """Whether a comment above the first statement says why the file is long."""
    top = takewhile(lambda line: not line or line.startswith("#"), text.splitlines())
    return any(line.startswith(EXCUSE) and line != EXCUSE for line in top)


def test_no_file_is_longer_than_250_lines_unless_a_comment_at_its_top_says_why():
    files = [path for folder in FOLDERS for path in (REPOSITORY / folder).rglob("*.py")]
    lengths = {path.relative_to(REPOSITORY).as_posix(): path.read_text(encoding="utf-8") for path in files}
    too_long = {
        name: len(text.splitlines())
        for name, text in lengths.items()
        if len(text.splitlines()) > MOST_LINES and not has_an_excuse(text)
    }
    assert len(files) > 100
    assert not too_long, f'divide them, or begin them with "{EXCUSE}..."'


def test_only_a_reason_at_the_top_excuses_a_long_file():
    assert has_an_excuse(f'{EXCUSE}it is a table.\n"""A table."""\n')
    assert not has_an_excuse(f"{EXCUSE}\n")
    assert not has_an_excuse(f'"""A table."""\n{EXCUSE}it is a table.\n')
