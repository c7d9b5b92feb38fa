"""What the engine costs beside a bare script: at the start, when warm, and over a whole run.

    python Testing/benchmarks/engine.py

Both sides run in turn in the same call, on the ICBM 152 T1, with the network of stated_network.py; the medians are
compared. The exit code is 0 if the aims below are met.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median

import numpy as np

from Med3DInsightLib.analysis.requests import SegmentRequest
from Med3DInsightLib.engine.client import EngineClient
from Med3DInsightLib.engine.remote_analysis import RemoteAnalysis
from Med3DInsightLib.engine.worker_process import WorkerProcess, worker_command
from Med3DInsightLib.volumes import Volume, read_volume

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from icbm import icbm_file
from stated_network import stated_bundle

STARTS, RUNS = 5, 5
MOST_START, MOST_WARM_SECONDS, MOST_OVERHEAD = 1.10, 0.150, 1.05

_BARE = """
import sys, time
started_at = float(sys.argv[2])
import torch
from Med3DInsightLib.analysis.windows.tiling import Tiling
from Med3DInsightLib.catalog.installed import InstalledModels
from Med3DInsightLib.networks.factory import load_network
from Med3DInsightLib.volumes import Preparation, read_volume
bundle = InstalledModels().find(sys.argv[1])
network = load_network(bundle)
print(time.time() - started_at, flush=True)
for path in sys.stdin:
    volume = read_volume(path.strip())
    recipe = bundle.card.recipe
    tiling = Tiling.of(Preparation.of(volume, recipe).array_kji, recipe.patch_kji, 0.5)
    windows = [tiling.batch([window]) for window in tiling.distinct]
    with torch.inference_mode():
        started_at = time.perf_counter()
        for window in windows:
            network(window)
    print(time.perf_counter() - started_at, len(windows), flush=True)
"""


class BareScript:
    """Imports the libraries, loads the model, and runs the network on the windows of files, and nothing else."""

    def __init__(self, model: str) -> None:
        command = [sys.executable, "-c", _BARE, model, str(time.time())]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ready_after_seconds = float(self._process.stdout.readline())

    def run(self, image: Path) -> tuple[float, int]:
        """Seconds in the network, and the number of windows."""
        self._process.stdin.write(f"{image}\n")
        self._process.stdin.flush()
        seconds, windows = self._process.stdout.readline().split()
        return float(seconds), int(windows)

    def close(self) -> None:
        self._process.communicate()


def a_client() -> RemoteAnalysis:
    return RemoteAnalysis(EngineClient(lambda events: WorkerProcess(events, worker_command())))


def timed_request(analysis: RemoteAnalysis, model: str, volume: Volume, whole: bool = True) -> tuple[float, float, int]:
    """Seconds from sending to the first window and to the result, and the windows that were encoded."""
    first: list[float] = []
    started_at = time.perf_counter()
    job = analysis.segment(SegmentRequest(model), volume)
    job.on_progress.connect(
        lambda report: first.append(time.perf_counter() - started_at) if report.stage == "segmenting" else None
    )
    while not (job.finished or (first and not whole)):
        analysis.client.deliver(wait_seconds=0.02)
    if not whole:
        return first[0], 0.0, 0
    result = analysis.client.wait(job)
    return first[0], time.perf_counter() - started_at, result.encoded_windows


def another(volume: Volume, number: int) -> Volume:
    """The volume with a few voxels changed, so that nothing that was kept of it applies."""
    array = volume.array_kji.copy()
    array[90, 110, 80 : 90 + number] = 99
    return replace(volume, array_kji=array)


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        return compare(str(stated_bundle(Path(folder) / "stated").folder), icbm_file("t1"))


def compare(model: str, image: Path) -> int:
    """Print all figures; the exit code."""
    volume = read_volume(image)
    bare_starts, engine_starts = [], []
    for _ in range(STARTS):
        bare = BareScript(model)
        bare_starts.append(bare.ready_after_seconds)
        bare.close()
        analysis = a_client()
        engine_starts.append(timed_request(analysis, model, volume, whole=False)[0])
        analysis.client.close()
    start = median(engine_starts) / median(bare_starts)
    print(f"first window of a new worker  {median(engine_starts):6.2f} s")
    print(f"imports and model, bare       {median(bare_starts):6.2f} s, ratio {start:.3f} (aim: at most {MOST_START})")

    bare, analysis = BareScript(model), a_client()
    timed_request(analysis, model, volume)
    bare.run(image)
    warm, ratios, seconds = [], [], []
    for number in range(RUNS):
        network_seconds, windows = bare.run(image)
        to_window, total, encoded = timed_request(analysis, model, another(volume, number))
        assert encoded == windows, "both must run the same windows"
        warm.append(to_window)
        ratios.append(total / network_seconds)
        seconds.append((total, network_seconds))
    again = timed_request(analysis, model, another(volume, RUNS - 1))
    assert again[2] == 0, "the encoder must not run again"
    bare.close()
    analysis.client.close()
    overhead = median(ratios)
    print(f"first window when warm        {1000 * median(warm):6.0f} ms (aim: at most {1000 * MOST_WARM_SECONDS:.0f})")
    total, network = np.median(seconds, axis=0)
    print(f"request to result             {total:6.2f} s")
    print(f"bare network, same windows    {network:6.2f} s, ratio {overhead:.3f} (aim: at most {MOST_OVERHEAD})")
    print(f"same volume, second request   {again[1]:6.2f} s (the encoder does not run)")
    met = start <= MOST_START and median(warm) <= MOST_WARM_SECONDS and overhead <= MOST_OVERHEAD
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
