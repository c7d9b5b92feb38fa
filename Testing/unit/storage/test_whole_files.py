"""A file is there completely or not at all, and is known by the hash of its content."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest

from Med3DInsightLib.storage import sha256_of_file, whole_file, whole_files, write_whole


def test_a_file_is_written_into_a_new_folder_and_replaced_later(tmp_path):
    path = tmp_path / "new" / "card.json"
    write_whole(path, b"first")
    write_whole(path, b"second")
    assert {each.name: each.read_bytes() for each in path.parent.iterdir()} == {"card.json": b"second"}


@pytest.mark.parametrize("alone", [True, False])
def test_nothing_is_seen_of_a_file_before_it_is_complete(tmp_path, alone):
    path = tmp_path / "head.nii.gz"
    path.write_bytes(b"old")
    with whole_file(path, alone) as unfinished:
        unfinished.write_bytes(b"new")
        assert path.read_bytes() == b"old"
        assert (unfinished.parent, unfinished.suffixes[-2:]) == (tmp_path, [".nii", ".gz"])
        assert unfinished.name.startswith(".")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("alone", [True, False])
def test_an_error_leaves_the_old_file_and_nothing_beside_it(tmp_path, alone):
    path = tmp_path / "table.csv"
    path.write_bytes(b"old")

    def work_and_fail():
        with whole_file(path, alone) as unfinished:
            unfinished.write_bytes(b"half")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        work_and_fail()
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"table.csv": b"old"}


def test_a_disk_that_becomes_full_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    path = tmp_path / "table.csv"
    path.write_bytes(b"old")
    monkeypatch.setattr(whole_files.os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device"):
        write_whole(path, b"new")
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {"table.csv": b"old"}


def test_the_content_is_on_the_disk_before_the_file_appears(tmp_path, monkeypatch):
    path, synced = tmp_path / "a", []

    def remembering(descriptor):
        synced.append((os.fstat(descriptor).st_size, path.exists()))

    monkeypatch.setattr(whole_files.os, "fsync", remembering)
    write_whole(path, b"content")
    assert synced == [(7, False)]


def test_a_folder_that_is_missing_is_made_only_for_a_whole_content(tmp_path):
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "missing" / "a") as unfinished:
        unfinished.write_bytes(b"")
    with pytest.raises(OSError, match="."), whole_file(tmp_path / "never-written"):
        pass


_KILLED_WHILE_WRITING = """
import os, signal, sys
from pathlib import Path
from Med3DInsightLib.storage import whole_file
with whole_file(Path(sys.argv[1]), alone=True) as unfinished:
    unfinished.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_who_writes_alone_takes_away_what_a_killed_one_left(tmp_path):
    path = tmp_path / "captions.jsonl"
    subprocess.run([sys.executable, "-c", _KILLED_WHILE_WRITING, str(path)], check=False)
    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".partial-")
    with whole_file(path, alone=True) as unfinished:
        unfinished.write_text("all")
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"captions.jsonl": "all"}


_WRITES_OFTEN = """
import sys
from pathlib import Path
from Med3DInsightLib.storage import write_whole
for _ in range(60):
    write_whole(Path(sys.argv[1]), sys.argv[2].encode() * 200_000)
    assert len(set(Path(sys.argv[1]).read_bytes())) == 1
"""


def test_processes_that_write_the_same_file_do_not_mix_their_contents(tmp_path):
    command = [sys.executable, "-c", _WRITES_OFTEN, str(tmp_path / "a")]
    runs = [subprocess.Popen([*command, who], stderr=subprocess.PIPE) for who in "xyz"]
    assert [run.communicate()[1].decode() for run in runs] == ["", "", ""]
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_the_hash_of_a_file_is_that_of_its_content(tmp_path):
    content = bytes(range(256)) * 10_000
    (tmp_path / "a").write_bytes(content)
    assert sha256_of_file(tmp_path / "a") == hashlib.sha256(content).hexdigest()
    with pytest.raises(FileNotFoundError):
        sha256_of_file(tmp_path / "b")
