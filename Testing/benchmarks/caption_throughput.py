"""How much faster answers come when many requests are in flight.

    python Testing/benchmarks/caption_throughput.py

A server on this computer, in a process of its own, answers every request 200 ms after it is complete. Pictures of a CT
of 512x512 voxels are shown to it one at a time and with 16 in flight, in turn in the same call. The exit code is 0
if the median rate with 16 is at least 13 times that of one at a time, and the server never had more requests before
itself than were allowed.

Then the same for a whole job, which draws each slice in threads ahead of the requests, judges its caption and writes
it to a file that is synchronised. It needs about 20 ms of a core for a slice without the server's share, so it
depends on free cores: its gain is printed, with that time, and decides nothing.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from Med3DInsightLib.captions import Caption
from Med3DInsightLib.captions.backends import PictureAnswer, PictureBackend
from Med3DInsightLib.captions.files import CaptionsFile
from Med3DInsightLib.captions.pictures import SlicePicture
from Med3DInsightLib.captions.prompting import ShippedPrompts
from Med3DInsightLib.captions.quality import CaptionJudge, captions_of
from Med3DInsightLib.captions.remote import ChatModel, ChatSettings, UploadConsent
from Med3DInsightLib.captions.slices import CaptionSubject, SubjectSlice
from Med3DInsightLib.volumes import Grid, Modality, Plane, Volume, slices_of

LATENCY_S = 0.2
CONCURRENCY = 16
LEAST_GAIN = 13.0
SLICES = {1: 20, CONCURRENCY: 320}
ROUNDS = 3
Work = Callable[[ChatModel, Sequence[SubjectSlice], Sequence[SlicePicture]], int]


@dataclass
class SlowServer:
    """Answers after LATENCY_S; its path tells how many requests it had before itself at most since the last asking."""

    at_once: int = 0
    most_at_once: int = 0
    answered: int = 0

    async def serve(self) -> None:
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0, limit=1 << 24)
        print(server.sockets[0].getsockname()[1], flush=True)
        async with server:
            # The other end of stdin is closed when the benchmark ends, however it ends.
            await asyncio.to_thread(sys.stdin.read)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                if head.startswith(b"get"):
                    self._say(writer, {"most_at_once": self.most_at_once, "answered": self.answered})
                    self.most_at_once = self.answered = 0
                    continue
                await reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n")[0]))
                self.at_once += 1
                self.most_at_once = max(self.most_at_once, self.at_once)
                await asyncio.sleep(LATENCY_S)
                self.at_once -= 1
                self.answered += 1
                text = f"Axial CT slice number {self.answered} shows the phantom."
                message = {"role": "assistant", "content": text}
                self._say(writer, {"choices": [{"message": message, "finish_reason": "stop"}]})
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    @staticmethod
    def _say(writer: asyncio.StreamWriter, content: object) -> None:
        body = json.dumps(content).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)


async def told_by(port: int) -> dict[str, int]:
    """What the server counted since it was last asked."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    told = json.loads(await reader.readexactly(length))
    writer.close()
    return dict(told)


def a_subject() -> CaptionSubject:
    """A CT of 512x512x320 voxels of 0.7x0.7x1 mm in Hounsfield units: an ellipse of soft tissue with noise in air."""
    shape = (320, 512, 512)
    y, x = np.mgrid[-1:1:512j, -1:1:512j]
    body = np.where((x / 0.9) ** 2 + (y / 0.7) ** 2 < 1, 40 + 20 * np.sin(9 * x) * np.cos(7 * y), -1000)
    noise = np.random.default_rng(0).normal(0, 12, (8, 512, 512))
    array = np.stack([(body + noise[k % 8]).astype(np.int16) for k in range(shape[0])])
    return CaptionSubject("phantom", Volume(array, Grid(shape, np.diag([0.7, 0.7, 1.0, 1.0])), Modality.CT))


def a_model(port: int, concurrency: int) -> ChatModel:
    settings = ChatSettings(f"http://127.0.0.1:{port}/v1", "slow", concurrency=concurrency)
    return ChatModel(settings, ShippedPrompts().find("plain"), UploadConsent())


def answer(model: ChatModel, slices: Sequence[SubjectSlice], pictures: Sequence[SlicePicture]) -> int:
    """Only asks; the pictures were drawn before."""
    return sum(isinstance(each, PictureAnswer) for each in model.answer(pictures))


def whole_job(model: ChatModel, slices: Sequence[SubjectSlice], pictures: Sequence[SlicePicture]) -> int:
    """Draws, asks, judges and writes."""
    with tempfile.TemporaryDirectory() as folder, CaptionsFile.open(Path(folder) / "captions.jsonl") as captions:
        for result in captions_of(PictureBackend(model), slices, CaptionJudge()):
            if isinstance(result, Caption):
                captions.append([result])
        return len(captions.keys)


def compare(work: Work, port: int, slices: list[SubjectSlice], pictures: list[SlicePicture]) -> tuple[float, bool]:
    """How many times faster work is with CONCURRENCY in flight, and whether the bound was kept."""
    rates: dict[int, list[float]] = {1: [], CONCURRENCY: []}
    kept = True
    for _ in range(ROUNDS):
        for concurrency, measured in rates.items():
            count = SLICES[concurrency]
            started_at = time.perf_counter()
            done = work(a_model(port, concurrency), slices[:count], pictures[:count])
            measured.append(count / (time.perf_counter() - started_at))
            told = asyncio.run(told_by(port))
            if not done == told["answered"] == count:
                raise RuntimeError(f"{done} of {count} pictures got an answer")
            kept = kept and told["most_at_once"] <= concurrency
            print(f"  {concurrency:2} allowed, {told['most_at_once']:2} at once: {measured[-1]:6.2f}/s", flush=True)
    return median(rates[CONCURRENCY]) / median(rates[1]), kept


def main() -> int:
    server = subprocess.Popen([sys.executable, __file__, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        port = int(server.stdout.readline())
        subject = a_subject()
        hash_of_volume = subject.volume_hash  # computed once per volume, before anything is timed
        slices = list(subject.slices(slices_of(subject.volume.grid, Plane.AXIAL)))
        started_at = time.perf_counter()
        pictures = [each.picture() for each in slices]
        drawing_ms = (time.perf_counter() - started_at) / len(slices) * 1000
        print(f"volume {hash_of_volume[:8]}, {len(slices)} slices, {drawing_ms:.1f} ms to draw one\nasking alone:")
        gain, kept = compare(answer, port, slices, pictures)
        print(
            f"{CONCURRENCY} in flight are {gain:.1f} times as fast as one (at least {LEAST_GAIN:g} wanted)\nwhole job:"
        )
        started_at = time.process_time()
        job_gain, job_kept = compare(whole_job, port, slices, pictures)
        cpu_ms = (time.process_time() - started_at) / (ROUNDS * sum(SLICES.values())) * 1000
        print(f"{CONCURRENCY} in flight are {job_gain:.1f} times as fast as one; {cpu_ms:.1f} ms of a core for a slice")
    finally:
        server.communicate()
    return 0 if gain >= LEAST_GAIN and kept and job_kept else 1


if __name__ == "__main__":
    if "--serve" in sys.argv:
        asyncio.run(SlowServer().serve())
        sys.exit(0)
    sys.exit(main())
