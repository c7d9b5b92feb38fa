"""Workers that are a few lines of Python, and clients of them."""

from __future__ import annotations

import sys

from Med3DInsightLib.engine.client import EngineClient
from Med3DInsightLib.engine.pulse import Patience
from Med3DInsightLib.engine.worker_process import WorkerProcess
from Med3DInsightLib.volumes import VolumeError

BEGIN = """
import os, sys, time
from Med3DInsightLib.engine.messages import *
def send(message):
    sys.stdout.buffer.write(encode(message))
    sys.stdout.buffer.flush()
def receive():
    line = sys.stdin.buffer.readline()
    return decode(line[:-1]) if line else sys.exit()  # a test that failed closed the line
hello = Hello(PROTOCOL, "0", os.getpid())
"""
GOOD = """
send(hello)
while True:
    m = receive()
    if m.type == 'request':
        send(Result(m.id, {'echo': m.body}))
"""


def a_client(*scripts, patience=None):
    """A client whose workers run scripts, one after the other; the last one stays."""
    remaining = list(scripts)

    def start(events):
        script = remaining.pop(0) if len(remaining) > 1 else remaining[0]
        return WorkerProcess(events, [sys.executable, "-u", "-c", BEGIN + script])

    return EngineClient(start, patience or Patience(start=3.0, silence=1.0, ping_every=0.2, cancel=0.5))


def decode_echo(body):
    if "echo" not in body:
        raise VolumeError("there is no echo")
    return body["echo"]
