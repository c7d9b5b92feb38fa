"""A report is there completely or not at all."""

from __future__ import annotations

import json
import os
import signal
import sys

import pytest
from Testing.unit.captions.parts import a_caption
from Testing.unit.export.report.parts import a_bare_content, reviewed_captions

from Med3DInsightLib.captions.reviewing import ReviewedCaption
from Med3DInsightLib.export.report import REPORT_FILES, report_json, write_report
from Med3DInsightLib.storage import OutputError, remove_unfinished
from Med3DInsightLib.volumes import VolumeError


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def a_failing_content():
    """A caption of a slice that the volume does not have."""
    return a_bare_content(captions=(ReviewedCaption.of(a_caption(index=100)),))


def test_page_and_facts_appear_together(tmp_path):
    content = a_bare_content(captions=reviewed_captions())
    write_report(tmp_path / "deep" / "out", content)
    assert sorted(contents(tmp_path / "deep" / "out")) == sorted(REPORT_FILES)
    facts = json.loads((tmp_path / "deep" / "out" / "report.json").read_text())
    assert facts == json.loads(json.dumps(report_json(content)))
    assert (tmp_path / "deep" / "out" / "report.html").read_bytes().startswith(b"<!DOCTYPE html>")


def test_the_facts_come_last_and_mark_a_report_complete():
    assert REPORT_FILES[-1] == "report.json"


def test_a_report_that_fails_leaves_nothing(a_failing_content, tmp_path):
    with pytest.raises(VolumeError, match="there is no axial slice 100"):
        write_report(tmp_path / "out", a_failing_content)
    assert not (tmp_path / "out").exists()


def test_a_report_that_fails_leaves_an_older_one_as_it_was(a_failing_content, tmp_path):
    write_report(tmp_path, a_bare_content())
    before = contents(tmp_path)
    with pytest.raises(OutputError, match="already holds report.html, report.json"):
        write_report(tmp_path, a_bare_content())
    with pytest.raises(VolumeError):
        write_report(tmp_path, a_failing_content, overwrite=True)
    assert contents(tmp_path) == before
    write_report(tmp_path, a_bare_content(captions=reviewed_captions()), overwrite=True)
    assert contents(tmp_path) != before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals of this kind")
def test_a_process_that_is_killed_while_it_writes_leaves_no_report(tmp_path):
    """The kernel kills it when its file grows beyond what it may."""
    import resource

    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            write_report(tmp_path, a_bare_content())
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGXFSZ
    assert not [name for name in REPORT_FILES if (tmp_path / name).exists()]
    assert len(list(tmp_path.iterdir())) == 1
    remove_unfinished(tmp_path)
    write_report(tmp_path, a_bare_content())
    assert sorted(contents(tmp_path)) == sorted(REPORT_FILES)
