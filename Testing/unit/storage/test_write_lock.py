"""Only one process at a time writes a folder or a file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from Med3DInsightLib.errors import UserError
from Med3DInsightLib.storage import OutputError, sole_run, sole_writer


def writing(lock_file, wait_seconds=0.0):
    occupied = UserError("somebody else is writing", lock_file, "wait for them")
    return sole_writer(lock_file, occupied, lambda error: UserError(f"no lock ({error.strerror})"), wait_seconds)


def test_a_second_writer_hears_what_the_caller_says_and_one_that_comes_later_may_write(tmp_path):
    lock_file = tmp_path / "new" / ".lock"
    with writing(lock_file), pytest.raises(UserError, match=r"somebody else is writing\. Wait for them"):
        writing(lock_file).__enter__()
    with writing(lock_file):
        assert lock_file.is_file()


def test_writers_of_other_files_are_not_kept_out(tmp_path):
    with writing(tmp_path / ".one.lock"), writing(tmp_path / ".other.lock"):
        assert {path.name for path in tmp_path.iterdir()} == {".one.lock", ".other.lock"}


def test_a_lock_that_cannot_be_made_is_told_in_the_words_of_the_caller(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"no lock \(.+\)"):
        writing(tmp_path / "file" / ".lock").__enter__()


def test_an_error_of_the_work_is_passed_on_and_lets_the_next_writer_in(tmp_path):
    with pytest.raises(OSError, match="of the work"), writing(tmp_path / ".lock"):
        raise OSError("an error of the work")
    with writing(tmp_path / ".lock"):
        pass


_HOLDS_THE_FOLDER = """
import sys, time
from pathlib import Path
from Med3DInsightLib.storage import sole_run
with sole_run(Path(sys.argv[1])):
    print("holds it", flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_another_process_keeps_a_run_out_until_it_is_killed(tmp_path):
    other = subprocess.Popen([sys.executable, "-c", _HOLDS_THE_FOLDER, str(tmp_path)], stdout=subprocess.PIPE)
    assert other.stdout.readline() == b"holds it\n"
    with pytest.raises(OutputError, match="another run is writing into this folder. Wait for it, or choose another"):
        sole_run(tmp_path).__enter__()
    other.send_signal(signal.SIGKILL)
    other.communicate()
    with sole_run(tmp_path):
        pass


def test_a_writer_that_may_wait_gets_in_when_the_other_one_ends(tmp_path):
    holder = _HOLDS_THE_FOLDER.replace("600", "0.5")
    other = subprocess.Popen([sys.executable, "-c", holder, str(tmp_path)], stdout=subprocess.PIPE)
    assert other.stdout.readline() == b"holds it\n"
    with writing(tmp_path / ".run.lock", wait_seconds=60.0):
        pass
    assert other.wait() == 0
    other.stdout.close()


@pytest.mark.parametrize("place", ["file", "/proc/nowhere", "/dev/null/out"])
def test_a_folder_that_cannot_be_written_is_refused(tmp_path, place):
    (tmp_path / "file").write_text("")
    folder = tmp_path / "file" if place == "file" else type(tmp_path)(place)
    with pytest.raises(OutputError, match="the output folder cannot be written"):
        sole_run(folder).__enter__()


@pytest.mark.skipif(os.geteuid() == 0, reason="the root user may write everywhere")
def test_a_read_only_folder_is_refused(tmp_path):
    tmp_path.chmod(0o555)
    with pytest.raises(OutputError, match="cannot be written"):
        sole_run(tmp_path).__enter__()
