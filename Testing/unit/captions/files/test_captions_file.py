"""A captions file holds every slice once, whatever happens to the job that writes it."""

from __future__ import annotations

import itertools
import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from Med3DInsightLib.captions import CaptionError, Flag, Window
from Med3DInsightLib.captions.files import CaptionsFile, read_captions
from Med3DInsightLib.captions.files.caption_lines import caption_of_line, line_of
from Med3DInsightLib.captions.inert_text import InertText
from Med3DInsightLib.volumes import Plane

from ..parts import a_caption

_SLICES = 1000
_WRITER = """
import sys, time
from pathlib import Path
from Med3DInsightLib.captions import Caption
from Med3DInsightLib.captions.files import CaptionsFile
from Med3DInsightLib.volumes import Plane

def caption(index):
    text = f"Slice {index}. " + "word " * (index % 700)
    return Caption(1, "v", "0" * 64, Plane.AXIAL, index, float(index), text, "b", "m", "r", "p", 1.0, (), None)

with CaptionsFile.open(Path(sys.argv[1])) as captions:
    for index in range(int(sys.argv[2])):
        if caption(index).key not in captions.keys:
            captions.append([caption(index)])
            time.sleep(0.002)
"""
_LIMITED_WRITER = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
{_WRITER}"""

texts = st.text(max_size=200).map(lambda text: InertText.of(text).text)


def writer(path, code=_WRITER):
    return [sys.executable, "-c", code, str(path), str(_SLICES)]


@given(text=texts, name=texts, index=st.integers(0, 10**6), position=st.floats(-1e4, 1e4), score=st.floats(0, 1))
def test_a_caption_survives_its_line_to_the_bit(text, name, index, position, score):
    caption = a_caption(
        text=text,
        volume_id=name,
        index=index,
        position_mm=position,
        score=score,
        plane=Plane.SAGITTAL,
        flags=(Flag.CUT_OFF, Flag.WRONG_PLANE),
        window=Window("lung", -1350.0, 150.0),
        tokens_in=300,
    )
    line = line_of(caption)
    assert caption_of_line(line) == caption
    assert line.isascii()
    assert line.count(b"\n") == 1
    assert all(32 <= byte < 127 for byte in line[:-1])


def test_a_line_has_the_fields_that_the_contract_names():
    line = json.loads(line_of(a_caption(window=Window("brain", 0.0, 80.0), flags=(Flag.REFUSAL,))))
    wanted = {"volume_id", "volume_hash", "plane", "index", "position_mm", "text", "backend", "model"}
    assert wanted | {"model_revision", "prompt", "score", "flags", "window"} <= set(line)
    assert (line["plane"], line["flags"], line["window"]["name"]) == ("axial", ["refusal"], "brain")


def test_captions_that_cannot_be_are_refused():
    for changes, message in (
        ({"score": 1.1}, "not from 0 to 1"),
        ({"score": float("nan")}, "not from 0 to 1"),
        ({"index": -1}, "index is -1"),
        ({"position_mm": float("inf")}, "position_mm"),
        ({"volume_hash": "abc"}, "64 hexadecimal"),
        ({"plane": Plane.OBLIQUE}, "oblique"),
        ({"text": "\x1b[2J"}, "text has control characters"),
        ({"model": "a\x00b"}, "model has control characters"),
        ({"format_version": 2}, "format_version is 2, not 1"),
        ({"dropped_characters": -1}, "dropped_characters"),
    ):
        with pytest.raises(ValueError, match=message):
            a_caption(**changes)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda line: line.replace(b'"index": 1', b'"index": "1"'), "index: Input should be a valid integer"),
        (lambda line: line.replace(b'"index": 1', b'"index": -1'), "index is -1"),
        (lambda line: line.replace(b'"score": 1.0', b'"score": NaN'), "score is nan"),
        (lambda line: line.replace(b'"axial"', b'"across"'), "plane: Input should be"),
        (lambda line: line.replace(b"{", b'{"more": 1, ', 1), "more: Unexpected keyword argument"),
        (lambda line: line.replace(b'"text"', b'"test"'), "text: Field required"),
        (lambda line: line.replace(b'"format_version": 1', b'"format_version": 9'), "format_version is 9, not 1"),
        (lambda line: line.replace(b"liver", b"\\u001bliver"), "control characters"),
        (lambda line: line.replace(b"liver", b"\xff"), "invalid unicode|Invalid JSON"),
        (lambda line: line.replace(b"liver", b"\\ud800"), "Invalid JSON"),
        (lambda _: b"\n", "Invalid JSON"),
        (lambda _: b"[1]\n", "dictionary|object"),
        (lambda _: b"[" * 100_000 + b"\n", "Invalid JSON"),
    ],
)
def test_a_broken_line_is_one_error_with_its_number_or_skipped_and_counted(damage, message, tmp_path):
    path = tmp_path / "captions.jsonl"
    lines = [line_of(a_caption(index=index)) for index in range(3)]
    path.write_bytes(lines[0] + damage(lines[1]) + lines[2])
    with pytest.raises(CaptionError, match=rf"captions.jsonl: line 2 is not a caption \(.*({message})") as raised:
        list(read_captions(path))
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 500
    broken = []
    assert [each.index for each in read_captions(path, broken.append)] == [0, 2]
    assert len(broken) == 1
    with pytest.raises(CaptionError, match="line 2"), CaptionsFile.open(path):
        pass
    with CaptionsFile.open(path, broken.append) as captions:
        captions.append([a_caption(index=1)])
    assert [each.index for each in read_captions(path, broken.append)] == [0, 2, 1]


def test_a_last_line_cut_anywhere_is_recognised_and_repaired(tmp_path):
    path = tmp_path / "captions.jsonl"
    whole = line_of(a_caption(index=0))
    last = line_of(a_caption(index=1, text="Kidney é.", window=Window("brain", 0.0, 80.0)))
    for length in range(1, len(last)):
        path.write_bytes(whole + last[:length])
        is_complete = length == len(last) - 1  # only its line feed is missing
        if not is_complete:
            with pytest.raises(CaptionError, match="line 2 .*cut off"):
                list(read_captions(path))
        with CaptionsFile.open(path) as captions:
            assert {key.index for key in captions.keys} == ({0, 1} if is_complete else {0})
            if not is_complete:
                captions.append([a_caption(index=1, text="Kidney é.", window=Window("brain", 0.0, 80.0))])
        assert path.read_bytes() == whole + last


def test_a_first_line_that_is_cut_and_zeros_after_a_loss_of_power_are_repaired(tmp_path):
    path = tmp_path / "captions.jsonl"
    line = line_of(a_caption())
    for content in (line[:9], line[:-20], b"\0" * 5000):
        path.write_bytes(content)
        with CaptionsFile.open(path) as captions:
            assert not captions.keys
        assert path.read_bytes() == b""
    path.write_bytes(line + b"\0" * 70_000)
    with CaptionsFile.open(path) as captions:
        assert len(captions.keys) == 1
    assert path.read_bytes() == line


@pytest.mark.parametrize(
    "content",
    [b"# notes\n", b"name,age", b"{}", b'{"format_version": 1}\n', b'{"format_version": 1}', b"\x1f\x8b\x08 \n x"],
)
def test_a_file_of_something_else_is_never_changed(content, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    with pytest.raises(CaptionError, match="not a caption"), CaptionsFile.open(path):
        pass
    with pytest.raises(CaptionError, match="not a captions file"), CaptionsFile.open(path, broken=lambda error: None):
        pass
    assert path.read_bytes() == content


def test_a_job_that_is_killed_again_and_again_describes_every_slice_exactly_once(tmp_path):
    path = tmp_path / "captions.jsonl"
    generator = random.Random(0)
    kills = 0
    for _ in range(20):
        process = subprocess.Popen(writer(path))
        before = path.stat().st_size if path.exists() else 0
        wanted = before + generator.randrange(1, 40_000)
        deadline = time.monotonic() + 120
        while process.poll() is None and not (path.exists() and path.stat().st_size >= wanted):
            assert time.monotonic() < deadline
            time.sleep(generator.uniform(0.0, 0.004))
        process.kill()
        kills += process.wait() == -9
    subprocess.run(writer(path), check=True, timeout=120)
    found = list(read_captions(path))
    assert kills >= 10
    assert sorted(each.index for each in found) == list(range(_SLICES))
    assert path.read_bytes().count(b"\n") == _SLICES


def test_a_full_disk_is_one_error_and_leaves_whole_lines(tmp_path):
    path = tmp_path / "captions.jsonl"
    done = subprocess.run(writer(path, _LIMITED_WRITER), capture_output=True, text=True, check=False)
    assert "CaptionError" in done.stderr
    assert "cannot be written" in done.stderr
    content = path.read_bytes()
    assert content.endswith(b"\n")
    assert 1000 < len(content) <= 5000
    assert [each.index for each in read_captions(path)] == list(range(content.count(b"\n")))


def test_only_one_job_writes_at_a_time(tmp_path):
    path = tmp_path / "made" / "captions.jsonl"
    with CaptionsFile.open(path) as captions:
        with pytest.raises(CaptionError, match="another job is writing"), CaptionsFile.open(path):
            pass
        captions.append([a_caption()])
    with CaptionsFile.open(path) as captions:
        assert a_caption().key in captions.keys


def test_a_source_describes_a_slice_once_and_another_source_may_too(tmp_path):
    path = tmp_path / "captions.jsonl"
    with CaptionsFile.open(path) as captions:
        captions.append([a_caption(), a_caption(prompt="json"), a_caption(model_revision="2")])
        with pytest.raises(ValueError, match="axial slice 0 of case 1 is already described"):
            captions.append([a_caption(text="Again.")])
    assert len(list(read_captions(path))) == 3


def test_files_that_cannot_be_opened_are_one_error(tmp_path):
    with pytest.raises(CaptionError, match="cannot be read"):
        list(read_captions(tmp_path / "missing.jsonl"))
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "captions.jsonl"):
        with pytest.raises(CaptionError, match="cannot be written"), CaptionsFile.open(path):
            pass


def test_reading_takes_one_line_at_a_time(tmp_path):
    path = Path(tmp_path / "captions.jsonl")
    path.write_bytes(line_of(a_caption(index=0)) + b"broken\n")
    assert [each.index for each in itertools.islice(read_captions(path), 1)] == [0]
