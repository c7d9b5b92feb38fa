"""One request at a time: a later one takes the place of the one that is under way."""

from __future__ import annotations

import pytest

from Med3DInsightLib.engine.job import ClientJob
from Med3DInsightLib.engine.messages import ProgressMessage, Request


class CancelledJobs(list):
    """An engine client that only remembers what it was asked to stop."""

    cancel = list.append


@pytest.fixture
def a_client():
    return CancelledJobs()


@pytest.fixture
def a_hand(a_client):
    from Med3DInsightLib.gui.job_in_hand import JobInHand

    return JobInHand(a_client)


def a_job(identifier):
    return ClientJob(Request(identifier, "describe", ""), lambda body: body, None)


def answer(job, result):
    job.succeed(result)
    job.on_finished.emit(job)


def test_a_job_that_is_under_way_is_stopped_when_another_one_is_taken(a_hand, a_client):
    first, second = a_job("first"), a_job("second")
    a_hand.take(first, lambda result: None)
    assert a_client == []
    a_hand.take(second, lambda result: None)
    assert a_client == [first]
    a_hand.cancel()
    assert a_client == [first, second]


def test_only_the_job_that_was_taken_last_is_heard(a_hand):
    told, done = [], []
    a_hand.on_progress.connect(told.append)
    a_hand.on_failed.connect(told.append)
    a_hand.on_done.connect(lambda: told.append("done"))
    first, second = a_job("first"), a_job("second")
    a_hand.take(first, done.append)
    a_hand.take(second, done.append)
    first.on_progress.emit(ProgressMessage("first", "describing", 0.5, None))
    answer(first, "captions of the first")
    assert (told, done, a_hand.busy) == ([], [], True)
    answer(second, "captions of the second")
    assert (told, done, a_hand.busy) == (["done"], ["captions of the second"], False)


def test_a_defect_in_what_is_done_with_a_result_is_told_as_the_failure_of_the_job_and_logged(a_hand, caplog):
    told = []
    a_hand.on_failed.connect(lambda error: told.append(str(error)))
    a_hand.on_done.connect(lambda: told.append("done"))
    job = a_job("captions")

    def done(result):
        a_hand.take(a_job("what follows"), lambda result: None)
        raise KeyError("plane")

    a_hand.take(job, done)
    answer(job, "captions")
    assert told == [
        "this failed in an unexpected way (KeyError: 'plane')."
        " Look for details in the log (View > Error Log), and report them."
    ]
    assert not a_hand.busy
    assert 'raise KeyError("plane")' in caplog.text


def test_whoever_looks_when_busy_changes_finds_the_first_job_gone_and_then_the_second_there(a_hand):
    seen = []
    a_hand.on_changed.connect(lambda: seen.append(a_hand.busy))
    a_hand.take(a_job("first"), lambda result: None)
    second = a_job("second")
    a_hand.take(second, lambda result: None)
    answer(second, "captions")
    assert seen == [True, False, True, False]
