"""The last line of a captions file is removed only if it was cut while it was written."""

from __future__ import annotations

import pytest

from Med3DInsightLib.captions import CaptionError
from Med3DInsightLib.captions.files import CaptionsFile, read_captions
from Med3DInsightLib.captions.files.caption_lines import line_of

from ..parts import a_caption


@pytest.mark.parametrize(
    "damage",
    [
        lambda line: line.replace(b'"format_version": 1', b'"format_version": 2'),
        lambda line: line.replace(b'"score": 1.0', b'"score": 7'),
        lambda line: line.replace(b"liver", b"\xff"),
        lambda line: line.replace(b"liver", b"\t"),
        lambda line: line.replace(b'"tokens_in": null', b'"tokens_in": ' + b"[" * 100_000 + b"]" * 100_000),
    ],
)
def test_a_complete_last_line_that_is_no_caption_is_told_and_stays(damage, tmp_path):
    path = tmp_path / "captions.jsonl"
    path.write_bytes(line_of(a_caption(index=0)) + damage(line_of(a_caption(index=1))).rstrip(b"\n"))
    before = path.read_bytes()
    for broken in (None, lambda error: None):
        with pytest.raises(CaptionError, match="its last line is not a caption"), CaptionsFile.open(path, broken):
            pass
    assert path.read_bytes() == before
    with pytest.raises(CaptionError, match="line 2 is not a caption") as raised:
        list(read_captions(path))
    assert "cut off" not in str(raised.value)
