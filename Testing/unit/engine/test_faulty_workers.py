"""A worker that misbehaves is one clear error, soon, and the next request gets a new worker."""

from __future__ import annotations

import sys
import time
from functools import partial

import psutil
import pytest
from Testing.unit.engine.scripted_workers import BEGIN, GOOD, a_client, decode_echo

from Med3DInsightLib.engine.client import EngineClient
from Med3DInsightLib.engine.errors import EngineError, ErrorCode
from Med3DInsightLib.engine.pulse import Patience
from Med3DInsightLib.engine.worker_process import WorkerProcess

_SLEEP = "\ntime.sleep(60)"
_RAW = "sys.stdout.buffer.write({}); sys.stdout.flush()"

FAULTS = {
    "prints garbage and ends": ("print('segfault in libfoo'); sys.exit(3)", ErrorCode.START),
    "prints garbage for ever": ("while True: print('x' * 50, flush=True); time.sleep(0.01)", ErrorCode.START),
    "prints megabytes without an end": (
        _RAW.format("b'x' * (LONGEST_LINE_BYTES + 100_000)") + _SLEEP,
        ErrorCode.PROTOCOL,
    ),
    "raises at once": ("raise ImportError('libtorch.so: cannot open shared object file')", ErrorCode.START),
    "says nothing": (_SLEEP, ErrorCode.START),
    "speaks a later protocol": (
        _RAW.format("""PREFIX + b'{"type": "hello", "protocol": 99}\\n'""") + _SLEEP,
        ErrorCode.PROTOCOL,
    ),
    "talks before it greets": ("send(Result('a', {}))" + _SLEEP, ErrorCode.PROTOCOL),
    "sends half a message": (
        "send(hello); " + _RAW.format("""PREFIX + b'{"ty\\n'""") + _SLEEP,
        ErrorCode.PROTOCOL,
    ),
    "asks instead of answering": ("send(hello); send(Cancel('a'))" + _SLEEP, ErrorCode.PROTOCOL),
    "hangs with the request": ("send(hello); receive()" + _SLEEP, ErrorCode.SILENT),
    "dies with the request": (
        "send(hello); receive(); sys.stderr.write('CUDA error 719\\n'); os._exit(11)",
        ErrorCode.DIED,
    ),
    "closes its output and hangs": ("send(hello); receive(); os.close(1)" + _SLEEP, ErrorCode.DIED),
    "answers with nonsense": (
        "send(hello); m = receive(); send(Result(m.id, {'labels': 3}))" + _SLEEP,
        ErrorCode.INPUT,
    ),
}


@pytest.fixture
def new_children():
    """A function that gives the processes begun since the test began; earlier tests may have left helpers of Python."""
    before = set(psutil.Process().children(recursive=True))
    return lambda: set(psutil.Process().children(recursive=True)) - before


def test_requests_and_answers_of_many_megabytes_pass():
    captions = [f"Axial slice {index} of the head shows the lateral ventricles. " * 20 for index in range(6000)]
    client = a_client(GOOD, patience=Patience())
    job = client.submit("describe", lambda: {"described": captions}, decode_echo)
    assert client.wait(job) == {"described": captions}
    client.close()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_clear_error_and_the_next_request_works(fault, new_children):
    script, code = FAULTS[fault]
    client = a_client(script, GOOD)
    finished = []
    job = client.submit("echo", lambda: {"n": 1}, decode_echo)
    job.on_finished.connect(finished.append)
    started_at = time.monotonic()
    with pytest.raises(EngineError) as caught:
        client.wait(job)
    assert caught.value.code == code
    assert "\n" not in str(caught.value)
    assert time.monotonic() - started_at < 6.0
    assert finished == [job]
    if code != ErrorCode.INPUT:  # there the worker is not at fault, and stays
        assert client.wait(client.submit("echo", lambda: {"n": 2}, decode_echo)) == {"n": 2}
    client.close()
    assert not new_children()


def test_the_last_words_of_a_worker_are_in_the_error():
    client = a_client(FAULTS["dies with the request"][0])
    with pytest.raises(EngineError, match=r"exit code 11; its last words: CUDA error 719.*[Rr]un it again"):
        client.wait(client.submit("echo", dict, decode_echo))
    client.close()


def test_a_program_that_does_not_exist_is_an_error_at_once():
    client = EngineClient(lambda events: WorkerProcess(events, ["no-such-python"]))
    with pytest.raises(EngineError, match="could not be started"):
        client.submit("echo", dict, decode_echo)
    client.close()


def test_jobs_that_wait_behind_the_one_that_dies_are_sent_again():
    dies = "send(hello); receive(); m = receive(); os._exit(1)"
    client = a_client(dies, GOOD)
    first, second = (client.submit("echo", partial(dict, n=n), decode_echo) for n in (1, 2))
    with pytest.raises(EngineError, match="ended unexpectedly"):
        client.wait(first)
    assert client.wait(second) == {"n": 2}
    client.close()


def test_a_request_made_because_another_failed_is_sent_once():
    """A panel may start the next run in the slot that hears of the failure."""
    counts = GOOD.replace("{'echo': m.body}", "{'echo': {'received': m.body['n']}}")
    client = a_client("send(hello); receive(); os._exit(1)", counts)
    answers = []

    def go_on(job):
        follower = client.submit("echo", lambda: {"n": 5}, decode_echo)
        follower.on_finished.connect(lambda done: answers.append((done.result, done.attempts)))

    first = client.submit("echo", lambda: {"n": 1}, decode_echo)
    first.on_finished.connect(go_on)
    while not answers:
        client.deliver(0.05)
    assert answers == [({"received": 5}, 1)]
    client.close()


def test_a_worker_that_cannot_be_started_again_fails_what_waits():
    commands = [
        [sys.executable, "-u", "-c", BEGIN + "send(hello); receive(); receive(); os._exit(1)"],
        ["no-such-python"],
    ]
    client = EngineClient(lambda events: WorkerProcess(events, commands.pop(0)))
    jobs = [client.submit("echo", partial(dict, n=n), decode_echo) for n in (1, 2)]
    for job, code in zip(jobs, (ErrorCode.DIED, ErrorCode.START), strict=True):
        with pytest.raises(EngineError) as caught:
            client.wait(job)
        assert caught.value.code == code
    client.close()


def test_a_part_of_a_result_is_passed_on_before_the_rest():
    parts = (
        "send(hello); m = receive(); send(Partial(m.id, {'slab': 1})); send(Result(m.id, {'echo': 2})); time.sleep(60)"
    )
    client = a_client(parts)
    heard = []
    job = client.submit("echo", dict, decode_echo)
    job.on_partial.connect(lambda message: heard.append(message.body))
    assert client.wait(job) == 2
    assert heard == [{"slab": 1}]
    client.close()


def test_a_worker_that_ended_because_it_was_idle_is_replaced_unnoticed():
    client = a_client("send(hello); sys.exit(0)", GOOD)
    client.start()
    while psutil.Process(client._connection.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    assert client.wait(client.submit("echo", lambda: {"n": 3}, decode_echo)) == {"n": 3}
    client.close()


def test_a_job_that_does_not_stop_when_asked_is_stopped_by_force():
    stubborn = "send(hello); m = receive(); send(ProgressMessage(m.id, 'working', .1)); time.sleep(60)"
    client = a_client(stubborn, GOOD)
    job = client.submit("echo", dict, decode_echo)
    progressed = []
    job.on_progress.connect(progressed.append)
    while not progressed:
        client.deliver(0.05)
    client.cancel(job)
    started_at = time.monotonic()
    with pytest.raises(EngineError) as caught:
        client.wait(job)
    assert caught.value.code == ErrorCode.CANCELLED
    assert time.monotonic() - started_at < 2.0
    assert client.wait(client.submit("echo", lambda: {"n": 4}, decode_echo)) == {"n": 4}
    client.close()


def test_a_job_that_takes_too_long_is_stopped(new_children):
    client = a_client("send(hello); m = receive()\nwhile True: send(Pong()); time.sleep(.1)", GOOD)
    with pytest.raises(EngineError) as caught:
        client.wait(client.submit("echo", dict, decode_echo, timeout_seconds=0.5))
    assert caught.value.code == ErrorCode.TIMEOUT
    client.close()
    assert not new_children()


def test_what_libraries_print_is_log():
    client = a_client("print('on stdout', flush=True); sys.stderr.write('on stderr\\n');" + GOOD.replace("\n", "\n", 1))
    lines = []
    client.on_log.connect(lines.append)
    client.wait(client.submit("echo", dict, decode_echo))
    while len(lines) < 2:
        client.deliver(0.05)
    assert sorted(lines) == ["on stderr", "on stdout"]
    client.close()


def test_closing_the_client_fails_what_is_not_finished_and_leaves_no_file(new_children):
    client = a_client("send(hello); receive(); time.sleep(60)")
    job = client.submit("echo", dict, decode_echo)
    folder = client.exchange.path
    client.close()
    assert job.error.code == ErrorCode.CANCELLED
    assert not folder.exists()
    assert not new_children()
