"""A command that cannot go on ends with one line, unless the fault is ours."""

from __future__ import annotations

import errno
import os
import signal

import pytest

from Med3DInsightLib.errors import UserError
from med3dtrain.runs.one_line_end import one_line_end


def ended_by(error):
    """What the program says when this is raised within the command."""
    with pytest.raises(SystemExit) as ended, one_line_end("what is done is in runs/first."):
        raise error
    return ended.value.code


def test_what_the_user_can_mend_is_told_as_it_is():
    assert ended_by(UserError("is empty", "head.nii", "choose another")) == "Error: head.nii: is empty. Choose another."


def test_a_disk_that_is_full_is_told_with_the_file_and_what_is_left():
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "runs/first/log.jsonl")
    told = "Error: runs/first/log.jsonl: No space left on device; what is done is in runs/first."
    assert ended_by(full) == told


def test_a_signal_ends_the_command_and_tells_what_is_left():
    with pytest.raises(SystemExit) as ended, one_line_end("what is done is in runs/first."):
        os.kill(os.getpid(), signal.SIGTERM)
    assert ended.value.code == "Error: interrupted; what is done is in runs/first."


def test_a_defect_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError), one_line_end():
        raise ZeroDivisionError
