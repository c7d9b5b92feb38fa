"""Never more requests at once than allowed, and no picture before it is needed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from Med3DInsightLib.captions.backends import PictureAnswer
from Med3DInsightLib.captions.remote import ChatSettings
from Med3DInsightLib.captions.remote.in_flight import InFlight

from .fault_server import FaultServer, healthy
from .parts import a_model, some_pictures


async def nothing():
    return None


@pytest.mark.parametrize("bound", [1, 3, 8])
def test_never_more_than_the_bound_are_in_flight_and_all_of_it_is_used(bound):
    with FaultServer(latency_s=0.03) as server:
        answers = list(a_model(server.url, concurrency=bound).answer(some_pictures(24)))
    assert len(answers) == 24
    assert server.most_at_once == bound
    assert server.connections <= bound


def test_pictures_are_taken_only_when_there_is_room():
    taken = []

    def pictures():
        for picture in some_pictures(20):
            taken.append(picture)
            yield picture

    with FaultServer(latency_s=0.02) as server:
        answers = a_model(server.url, concurrency=4).answer(pictures())
        assert taken == []
        for number, _ in enumerate(answers, start=1):
            assert len(taken) <= number + 4 - 1
    assert len(taken) == 20


def test_each_answer_comes_with_its_own_picture_in_whatever_order():
    def late_first(exchange):
        if exchange.number == 0:
            time.sleep(0.2)
        exchange.say(b'{"choices": [{"message": {"content": "%d"}}]}' % len(exchange.body))

    pictures = some_pictures(6)
    with FaultServer([late_first]) as server:
        answers = list(a_model(server.url, concurrency=3).answer(pictures))
        lengths = {len(exchange.body) for exchange in server.exchanges}
    assert {id(each.picture) for each in answers} == {id(each) for each in pictures}
    assert answers[0].picture is not pictures[0]
    assert {int(each.text) for each in answers} == lengths


def test_who_stops_taking_answers_stops_the_requests():
    before = threading.active_count()
    with FaultServer(latency_s=0.05) as server:
        answers = a_model(server.url, concurrency=4).answer(some_pictures(40))
        assert isinstance(next(answers), PictureAnswer)
        answers.close()
        sent = len(server.exchanges)
        time.sleep(0.2)
        assert len(server.exchanges) == sent <= 8
    time.sleep(0.1)
    assert threading.active_count() <= before


def test_stopping_does_not_wait_for_slow_answers():
    def only_the_first_is_quick(exchange):
        time.sleep(2.0 if exchange.number else 0.0)
        healthy(exchange)

    with FaultServer([only_the_first_is_quick]) as server:
        answers = a_model(server.url, concurrency=4).answer(some_pictures(8))
        next(answers)
        start = time.monotonic()
        answers.close()
        assert time.monotonic() - start < 1.0


LEFT_ALONE = """
import asyncio, gc
from Med3DInsightLib.captions.remote.in_flight import InFlight

async def work(number):
    await asyncio.sleep(0.01 if number == 0 else 60)

async def nothing():
    pass

gc.disable()
cycle = [InFlight(4, work, nothing).results(range(10))]
cycle.append(cycle)
next(cycle[0])
del cycle
"""


def test_a_program_ends_even_if_it_leaves_answers_behind():
    assert subprocess.run([sys.executable, "-c", LEFT_ALONE], timeout=30).returncode == 0


def test_requests_go_on_while_the_caller_is_busy():
    with FaultServer(latency_s=0.1) as server:
        answers = a_model(server.url, concurrency=4).answer(some_pictures(4))
        next(answers)
        time.sleep(0.3)
        start = time.monotonic()
        assert len(list(answers)) == 3
        assert time.monotonic() - start < 0.1


def test_a_picture_that_cannot_be_drawn_does_not_lose_the_answers_that_still_come():
    def pictures():
        yield from some_pictures(3)
        raise OSError("the disk is gone")

    answers = []
    with FaultServer(latency_s=0.05) as server, pytest.raises(OSError, match="the disk is gone"):
        answers.extend(a_model(server.url, concurrency=5).answer(pictures()))
    assert len(answers) == 3


def test_an_error_of_the_work_is_raised_after_the_results_that_are_there():
    async def work(number):
        await asyncio.sleep(0.05 * number)
        if number == 2:
            raise RuntimeError("stop")
        return number

    results = InFlight(5, work, nothing).results([1, 2, 3, 60])
    assert next(results) == 1
    time.sleep(0.4)  # by now, the error and another result have come
    assert next(results) == 3
    with pytest.raises(RuntimeError, match="stop"):
        next(results)


def test_settings_that_cannot_be_are_refused():
    for wrong in ({"concurrency": 0}, {"timeout_s": 0}, {"most_bytes": 0}, {"model": " "}):
        with pytest.raises(ValueError, match="concurrency|above 0|model"):
            ChatSettings("http://localhost", **{"model": "m", **wrong})
