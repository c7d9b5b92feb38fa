"""The next results are ready early, in order, and nothing is taken or begun that nobody will ask for."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import closing

import pytest

from Med3DInsightLib.captions import CaptionSource
from Med3DInsightLib.captions.backends import Finish, PictureAnswer, PictureBackend
from Med3DInsightLib.captions.backends.work_ahead import WorkAhead
from Med3DInsightLib.captions.slices import CaptionSubject
from Med3DInsightLib.volumes import Plane, slices_of

from ..parts import a_trunk

WAIT_S = 10.0


def counted(count, taken):
    for number in range(count):
        taken.append(number)
        yield number


def test_results_come_in_the_order_of_their_items_whichever_is_ready_first():
    second_is_ready = threading.Event()

    def work(number):
        if number == 0:
            assert second_is_ready.wait(WAIT_S)
        elif number == 1:
            second_is_ready.set()
        return number * number

    assert list(WorkAhead(work, ahead=2, threads=2).results(range(9))) == [(each, each * each) for each in range(9)]
    assert list(WorkAhead(work, ahead=2, threads=2).results([])) == []


def test_the_next_results_are_worked_on_while_the_caller_is_busy():
    begun = [threading.Event() for _ in range(4)]
    with closing(WorkAhead(lambda number: begun[number].set(), ahead=3, threads=1).results(range(4))) as results:
        next(results)
        assert all(each.wait(WAIT_S) for each in begun)


@pytest.mark.parametrize("ahead", [1, 3])
def test_no_more_items_are_taken_than_asked_for(ahead):
    taken = []
    results = WorkAhead(str, ahead, threads=2).results(counted(20, taken))
    assert taken == []
    for given, _ in enumerate(results, start=1):
        assert len(taken) <= given + ahead
    assert len(taken) == 20


def test_an_error_of_the_work_comes_where_its_result_would_be():
    results = WorkAhead(lambda number: 1 / (number - 3), ahead=8, threads=4).results(range(8))
    assert [next(results)[0] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ZeroDivisionError):
        next(results)


def test_an_error_of_the_items_comes_after_the_results_of_those_before():
    def items():
        yield from range(3)
        raise OSError("the disk is gone")

    results = WorkAhead(str, ahead=8, threads=2).results(items())
    assert [next(results) for _ in range(3)] == [(0, "0"), (1, "1"), (2, "2")]
    with pytest.raises(OSError, match="the disk is gone"):
        next(results)


def test_after_closing_nothing_is_taken_or_begun_and_no_thread_is_left():
    before = threading.active_count()
    taken, begun, go_on = [], [], threading.Event()

    def work(number):
        begun.append(number)
        if number == 1:
            assert go_on.wait(WAIT_S)

    results = WorkAhead(work, ahead=8, threads=1).results(counted(99, taken))
    next(results)
    threading.Timer(0.05, go_on.set).start()  # closing waits for what is being worked on
    results.close()
    assert len(taken) == 9
    assert begun in ([0], [0, 1])
    assert threading.active_count() <= before + 1  # the timer
    assert next(results, None) is None


def test_an_interrupted_caller_leaves_no_thread():
    before = threading.active_count()

    def items():
        yield 1
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(WorkAhead(str, ahead=4, threads=2).results(items()))
    assert threading.active_count() <= before


LEFT_ALONE = """
import gc
from Med3DInsightLib.captions.backends.work_ahead import WorkAhead

gc.disable()
cycle = [WorkAhead(str, ahead=4, threads=2).results(range(10))]
cycle.append(cycle)
next(cycle[0])
del cycle
"""


def test_a_program_ends_even_if_it_leaves_results_behind():
    assert subprocess.run([sys.executable, "-c", LEFT_ALONE], timeout=30, check=False).returncode == 0


def test_settings_that_cannot_be_are_refused():
    for ahead, threads in ((0, 1), (1, 0)):
        with pytest.raises(ValueError, match="nothing is done ahead"):
            WorkAhead(str, ahead, threads)


def test_a_backend_draws_ahead_of_its_model_in_other_threads_and_tells_where_drawing_failed(monkeypatch):
    class Model:
        source = CaptionSource("test")

        def answer(self, pictures):
            yield from (PictureAnswer(each, str(each.place.index), Finish.COMPLETE) for each in pictures)

    subject = CaptionSubject("trunk", a_trunk()[0])
    drawn, draw = {}, subject.picture

    def picture(place):
        drawn[place.index] = threading.current_thread()
        if place.index == 4:
            raise RuntimeError("slice 4 cannot be drawn")
        return draw(place)

    monkeypatch.setattr(subject, "picture", picture)
    slices = subject.slices(slices_of(subject.volume.grid, Plane.AXIAL))
    answers = PictureBackend(Model(), ahead=2).describe(slices)
    assert [next(answers).text for _ in range(4)] == ["0", "1", "2", "3"]
    assert max(drawn) <= 3 + 2
    with pytest.raises(RuntimeError, match="slice 4 cannot be drawn"):
        next(answers)
    assert max(drawn) <= 4 + 2
    assert threading.main_thread() not in drawn.values()
