"""Finding embeddings among a million.

    python Testing/benchmarks/embedding_lookup.py

A cache of a million embeddings of 512 numbers in float16 (about 1 GB in a temporary folder) is written as fill()
does, in batches of 1000, and read by a process of its own. Printed are the number of files, the time to open
them, the median time of 1000 lookups of 10 random entries, and the memory that the reader takes beside pages of
the files. The exit code is 0 if all that is looked up is right.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import psutil
import torch
from torch.nn.functional import normalize

from Med3DInsightLib.networks.text_towers.tower import TowerIdentity, TowerKind
from med3dtrain.teachers.cache.compartment import Compartment
from med3dtrain.teachers.cache.content_keys import content_keys
from med3dtrain.teachers.cache.embedding_reader import EmbeddingReader

COUNT, BATCH, WIDTH, LOOKUPS = 1_000_000, 1000, 512, 1000


def embeddings_of(first: int) -> torch.Tensor:
    """What the entries from first on hold; drawn anew whenever they are compared."""
    generator = torch.Generator().manual_seed(first)
    return normalize(torch.randn(BATCH, WIDTH, generator=generator), dim=1)


IDENTITY = TowerIdentity(TowerKind.TEXTS, "random", "", "0" * 64, "0" * 64, WIDTH)


def write(folder: Path) -> None:
    compartment = Compartment(folder, IDENTITY, torch.float16)
    started_at = time.perf_counter()
    for first in range(0, COUNT, BATCH):
        keys = content_keys([str(number) for number in range(first, first + BATCH)])
        compartment.add(keys, embeddings_of(first))
    seconds = time.perf_counter() - started_at
    files = sum(1 for _ in compartment.folder.glob("*.safetensors"))
    size = sum(path.stat().st_size for path in compartment.folder.iterdir())
    print(f"written: {COUNT} embeddings in {files} files, {size / 1e9:.2f} GB, {seconds:.0f} s", flush=True)


def look_up(folder: Path) -> bool:
    """In a process that has just started, so that memory tells what reading takes."""
    process = psutil.Process()
    before = _own(process.memory_info())
    started_at = time.perf_counter()
    reader = EmbeddingReader(Compartment(folder, IDENTITY, torch.float16))
    opened = time.perf_counter() - started_at
    generator = np.random.default_rng(0)
    seconds, right = [], True
    for _ in range(LOOKUPS):
        numbers = generator.integers(0, COUNT, 10)
        wanted = content_keys([str(number) for number in numbers])
        started_at = time.perf_counter()
        found = reader.read(wanted)
        seconds.append(time.perf_counter() - started_at)
        first = int(numbers[0]) // BATCH * BATCH
        right &= torch.allclose(found[0], embeddings_of(first)[int(numbers[0]) - first], atol=1e-3)
    grown = _own(process.memory_info()) - before
    print(f"opened in {opened:.2f} s; 10 random entries in {1e3 * median(seconds):.2f} ms; {grown:.0f} MB of memory")
    return right


def main() -> int:
    if len(sys.argv) > 1:
        return 0 if look_up(Path(sys.argv[1])) else 1
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder))
        return subprocess.run([sys.executable, __file__, folder], check=False).returncode


def _own(memory: psutil._common.pmem) -> float:
    """Megabytes that are not pages of files."""
    return (memory.rss - memory.shared) / 1e6


if __name__ == "__main__":
    sys.exit(main())
