"""Steps of a run follow each other, and a run ends whatever becomes of a step."""

from __future__ import annotations

import pytest

from Med3DInsightLib.engine.job import ClientJob
from Med3DInsightLib.engine.messages import Request


class CancelledJobs(list):
    """An engine client that only remembers what it was asked to stop."""

    cancel = list.append


@pytest.fixture
def a_hand():
    from Med3DInsightLib.gui.job_in_hand import JobInHand

    return JobInHand(CancelledJobs())


@pytest.fixture
def a_run():
    from Med3DInsightLib.gui.insight.tasks.analysis_run import AnalysisRun

    return AnalysisRun()


@pytest.fixture
def told(a_run):
    """How the run ended, as it was told."""
    endings = []
    a_run.on_finished.connect(lambda: endings.append("finished"))
    a_run.on_failed.connect(lambda error: endings.append(error.code))
    return endings


def a_step(hand, job):
    from Med3DInsightLib.gui.insight.tasks.analysis_run import RunStep

    return RunStep(job.request.id, hand, lambda: hand.take(job, lambda result: None))


def a_job(identifier):
    return ClientJob(Request(identifier, "attention", ""), lambda body: body, None)


def answer(job):
    job.succeed("result")
    job.on_finished.emit(job)


def test_a_run_takes_one_step_after_the_other(a_run, a_hand, told):
    first, second = a_job("classes"), a_job("attention")
    a_run.start([a_step(a_hand, first), a_step(a_hand, second)])
    answer(first)
    assert (a_run.running, told) == (True, [])
    answer(second)
    assert (a_run.running, told) == (False, ["finished"])


def test_a_run_ends_as_cancelled_when_what_a_step_is_for_has_gone(a_run, a_hand, told):
    """Such as when another volume is chosen while its slices are read."""
    from Med3DInsightLib.engine.errors import ErrorCode

    a_run.start([a_step(a_hand, a_job("attention")), a_step(a_hand, a_job("captions"))])
    a_hand.abandon()
    assert (a_run.running, told) == (False, [ErrorCode.CANCELLED])
    a_hand.take(a_job("another"), lambda result: None)
    a_hand.abandon()
    assert told == [ErrorCode.CANCELLED]


def test_a_step_gives_up_what_its_hand_did_before_and_goes_on(a_run, a_hand, told):
    a_hand.take(a_job("following slices"), lambda result: None)
    job = a_job("attention")
    step = a_step(a_hand, job)

    def begin():
        a_hand.abandon()
        step.begin()

    a_run.start([type(step)(step.name, a_hand, begin)])
    assert (a_run.running, told) == (True, [])
    answer(job)
    assert told == ["finished"]


def test_a_step_that_has_nothing_to_ask_is_passed_over(a_run, a_hand, told):
    job = a_job("captions")
    step = a_step(a_hand, job)
    a_run.start([type(step)("attention", a_hand, lambda: None), step])
    answer(job)
    assert (a_run.running, told) == (False, ["finished"])


def test_a_run_that_is_abandoned_tells_nothing(a_run, a_hand, told):
    a_run.start([a_step(a_hand, a_job("attention"))])
    a_run.abandon()
    assert (a_run.running, a_hand.busy, told) == (False, False, [])


def a_defective_step(hand):
    from Med3DInsightLib.gui.insight.tasks.analysis_run import RunStep

    def begin():
        raise KeyError("plane")

    return RunStep("attention", hand, begin)


def test_a_run_whose_first_step_has_a_defect_does_not_begin(a_run, a_hand, told):
    from Med3DInsightLib.errors import UserError

    with pytest.raises(UserError, match=r"unexpected way \(KeyError: 'plane'\)"):
        a_run.start([a_defective_step(a_hand)])
    assert (a_run.running, told) == (False, [])


def test_a_run_whose_later_step_has_a_defect_is_over_and_says_so(a_run, a_hand):
    failures = []
    a_run.on_failed.connect(lambda error: failures.append(str(error)))
    job = a_job("classes")
    a_run.start([a_step(a_hand, job), a_defective_step(a_hand)])
    answer(job)
    assert not a_run.running
    assert len(failures) == 1
    assert "unexpected way (KeyError: 'plane')" in failures[0]
