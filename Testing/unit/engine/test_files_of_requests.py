"""Files are written and read beside the thread that delivers, and their errors belong to their jobs."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import pytest
from Testing.unit.engine.scripted_workers import GOOD, a_client, decode_echo

from Med3DInsightLib.engine.errors import EngineError, ErrorCode
from Med3DInsightLib.volumes import VolumeError


def test_a_request_that_cannot_be_written_is_the_error_of_its_job_and_the_others_go_on():
    client = a_client(GOOD)

    def cannot():
        raise VolumeError("the temporary file could not be written", Path("volume.nrrd"), "free some space")

    first, second = client.submit("echo", cannot, decode_echo), client.submit("echo", dict, decode_echo)
    with pytest.raises(EngineError, match=r"volume.nrrd: the temporary file could not be written.*[Ff]ree some space"):
        client.wait(first)
    assert client.wait(second) == {}
    client.close()


def test_an_answer_that_cannot_be_read_is_the_error_of_its_job():
    client = a_client(GOOD)

    def cannot(body):
        raise KeyError("labels")

    with pytest.raises(EngineError, match=r"unexpected KeyError: 'labels'") as caught:
        client.wait(client.submit("echo", dict, cannot))
    assert caught.value.code == ErrorCode.INTERNAL
    client.close()


def test_files_are_written_and_read_beside_the_thread_that_delivers_and_cancelling_does_not_wait_for_them():
    client = a_client(GOOD)
    threads, may_go_on = [], threading.Event()

    def slowly(*_):
        threads.append(threading.current_thread())
        may_go_on.wait(30)
        return {}

    job = client.submit("echo", slowly, slowly)
    while not threads:
        client.deliver(0.01)
    client.cancel(job)
    assert job.error.code == ErrorCode.CANCELLED
    may_go_on.set()
    reading = client.submit("echo", dict, slowly)
    may_go_on.clear()
    while len(threads) < 2:
        client.deliver(0.01)
    client.cancel(reading)
    assert reading.error.code == ErrorCode.CANCELLED
    may_go_on.set()
    assert client.wait(client.submit("echo", partial(dict, n=1), decode_echo)) == {"n": 1}
    assert threading.current_thread() not in threads
    assert not client.busy
    client.close()
