"""A worker writes the report that this process would, or none."""

from __future__ import annotations

import pytest
from Testing.unit.captions.parts import a_caption
from Testing.unit.export.report.parts import a_bare_content, a_full_content

from Med3DInsightLib.captions.reviewing import ReviewedCaption
from Med3DInsightLib.engine.errors import EngineError, ErrorCode
from Med3DInsightLib.engine.remote_report import RemoteReport
from Med3DInsightLib.export.report import REPORT_FILES, write_report


@pytest.fixture
def reports(start_worker):
    return RemoteReport(start_worker().client)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_page_and_facts_are_those_of_this_process_to_the_bit(reports, a_card, tmp_path):
    content, stages = a_full_content(a_card, words="größer <b>"), []
    job = reports.write(content, tmp_path / "worker")
    job.on_progress.connect(lambda message: stages.append((message.stage, message.fraction)))
    assert reports.client.wait(job) == tmp_path / "worker"
    write_report(tmp_path / "here", content)
    assert contents(tmp_path / "worker") == contents(tmp_path / "here")
    assert {stage for stage, _ in stages} == {"writing the report"}
    assert [fraction for _, fraction in stages] == sorted({fraction for _, fraction in stages})


def test_a_report_that_fails_leaves_nothing_and_says_why(reports, tmp_path):
    job = reports.write(a_bare_content(captions=(ReviewedCaption.of(a_caption(index=100)),)), tmp_path / "out")
    with pytest.raises(EngineError, match="there is no axial slice 100"):
        reports.client.wait(job)
    assert not (tmp_path / "out").exists()


def test_a_report_that_is_there_is_replaced_only_on_request(reports, tmp_path):
    reports.client.wait(reports.write(a_bare_content(), tmp_path))
    before = contents(tmp_path)
    with pytest.raises(EngineError, match="already holds report.html, report.json"):
        reports.client.wait(reports.write(a_bare_content(), tmp_path))
    assert contents(tmp_path) == before
    reports.client.wait(
        reports.write(a_bare_content(captions=(ReviewedCaption.of(a_caption(index=2)),)), tmp_path, True)
    )
    assert sorted(contents(tmp_path)) == sorted(REPORT_FILES)
    assert contents(tmp_path) != before


def test_a_cancelled_report_leaves_nothing(reports, a_card, tmp_path):
    job = reports.write(a_full_content(a_card), tmp_path / "out")
    job.on_progress.connect(lambda message: reports.client.cancel(job))
    with pytest.raises(EngineError) as caught:
        reports.client.wait(job)
    assert caught.value.code == ErrorCode.CANCELLED
    assert not (tmp_path / "out").exists()
