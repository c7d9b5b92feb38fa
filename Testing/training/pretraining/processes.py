"""Runs in processes of their own, which start in no time: a server that has imported everything forks them."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import socket
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]


def start(function, *arguments):
    """A started process that calls function."""
    if str(REPOSITORY) not in sys.path:
        sys.path.append(str(REPOSITORY))  # the new process finds this file by it
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["med3dtrain.pretraining.run"])
    process = context.Process(target=function, args=arguments)
    process.start()
    return process


def exit_code(process, seconds=300.0):
    """How a process ended; it must have ended within so many seconds."""
    process.join(seconds)
    code = process.exitcode
    process.kill()
    return code


def train(recipe, output, killed_at=None, processes=1, rank=0, port=0):
    """Train on the CPU with one thread; killed_at is the step after whose log line the process is killed (SIGKILL)."""
    import torch

    from Med3DInsightLib.analysis.computing.device import Device
    from med3dtrain.pretraining.run import PretrainingRun
    from med3dtrain.runs.run_log import RunLog

    os.environ["HF_HUB_OFFLINE"] = "1"
    if processes > 1:
        place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": processes, "MASTER_PORT": port}
        os.environ.update({name: str(value) for name, value in place.items()}, MASTER_ADDR="127.0.0.1")
    torch.set_num_threads(1)
    write = RunLog.write

    def write_and_die(self, step, figures):
        write(self, step, figures)
        if step == killed_at:
            os.kill(os.getpid(), signal.SIGKILL)

    RunLog.write = write_and_die
    PretrainingRun(recipe, output, Device.CPU, print).run()


def train_in_two_processes(recipe, output, seen_by_second=None):
    """Exit codes of two processes that train together; the second one may see another folder as its output."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    outputs = (output, seen_by_second or output)
    both = [start(train, recipe, outputs[rank], None, 2, rank, port) for rank in range(2)]
    return [exit_code(each) for each in both]


def steps_in(output):
    """The lines of the log that belong to steps."""
    lines = [json.loads(line) for line in (output / "log.jsonl").read_text().splitlines()]
    return [line for line in lines if "step" in line]
