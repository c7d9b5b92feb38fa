"""A training step with cached embeddings beside one that runs the teacher.

    python Testing/benchmarks/teacher_cache.py
    python Testing/benchmarks/teacher_cache.py --published     # the encoder of the paper too, some minutes

The teacher is a ViT-B/16 and a BERT-base with random weights, read as any other teacher is: 10 pictures of
224x224 and 10 captions of 256 tokens (what BiomedCLIP always reads) a step, the paper's batch. A step is encoder,
PSAT, a contrastive loss on both terms, backward, and AdamW. Both kinds of step run in turn in the same
call, on one thread; the medians of its processor time are compared. The first student decides the exit code: 0 if
its cached step is at least 3 times as fast. The larger ones show how the gain fades where the student itself takes
the time.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import torch
import transformers
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from torch import Tensor, nn
from torch.nn import functional

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.bundles import PsatSettings
from Med3DInsightLib.networks.backbones.registry import build_backbone
from Med3DInsightLib.networks.psat.factory import build_psat
from Med3DInsightLib.volumes import Grid, Plane, SlicePlace, slices_of
from med3dtrain.teachers.cache.embedding_cache import EmbeddingCache
from med3dtrain.teachers.registry import TeacherBackend, TeacherSettings, open_teacher
from med3dtrain.teachers.teacher import Teacher

LEAST_GAIN = 3.0
RUNS = 3
BATCH = 10
WORDS = [f"word{number}" for number in range(1000)]


@dataclass(frozen=True)
class StudentSize:
    """What is trained; batch is smaller than 10 where 10 would not fit, and times are scaled to 10."""

    name: str
    crop: int
    backbone: str
    arguments: dict[str, object] = field(default_factory=dict)
    psat: PsatSettings = field(default_factory=PsatSettings)
    batch: int = BATCH
    runs: int = RUNS


SMALL_PSAT = PsatSettings(layers=3, width=256, feed_forward=1024)
STUDENTS = [
    StudentSize("SegResNet 8, 48^3, PSAT 3 x 256", 48, "segresnet", {"init_filters": 8}, SMALL_PSAT),
    StudentSize("SegResNet 16, 64^3, PSAT 6 x 768", 64, "segresnet"),
]
PUBLISHED = StudentSize("nnFormer, 128^3, PSAT as published", 128, "nnformer", {}, PsatSettings.faithful(), 1, 1)


class Student(nn.Module):
    """A backbone, PSAT, and a projection for each tower of the teacher."""

    def __init__(self, size: StudentSize, widths: tuple[int, ...]) -> None:
        super().__init__()
        self.backbone = build_backbone(size.backbone, **size.arguments)
        self.psat = build_psat(size.psat, self.backbone.channels, self.backbone.strides)
        self.projections = nn.ModuleList(nn.Linear(size.psat.embedding, width) for width in widths)

    def loss(self, volumes: Tensor, grids: list[Grid], places: list[list[SlicePlace]], targets: list[Tensor]) -> Tensor:
        read = self.psat(self.backbone(volumes), grids, places)[:, 0]
        losses = []
        for projection, target in zip(self.projections, targets, strict=True):
            similarities = functional.normalize(projection(read), dim=1) @ target.T / 0.07
            losses.append(functional.cross_entropy(similarities, torch.arange(len(target))))
        return torch.stack(losses).sum()


def save_teacher(folder: Path) -> tuple[Path, Path]:
    """Towers of usual size with random weights; a tokenizer that makes one token of a word."""
    pictures, texts = folder / "vit", folder / "bert"
    transformers.ViTModel(transformers.ViTConfig(), add_pooling_layer=False).save_pretrained(pictures)
    transformers.ViTImageProcessorPil().save_pretrained(pictures)
    transformers.BertModel(transformers.BertConfig(), add_pooling_layer=False).save_pretrained(texts)
    tokenizer = Tokenizer(WordLevel({word: n for n, word in enumerate(["[PAD]", "[UNK]", *WORDS])}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", model_max_length=256
    ).save_pretrained(texts)
    return pictures, texts


def measure(size: StudentSize, teacher: Teacher, cache: Path) -> dict[str, float]:
    """Median seconds of processor time for a batch of 10, by kind of step."""
    torch.manual_seed(0)
    generator = np.random.default_rng(0)
    pictures = [generator.integers(0, 256, (224, 224), dtype=np.uint8) for _ in range(size.batch)]
    captions = [" ".join(generator.choice(WORDS, 256)) for _ in range(size.batch)]
    of_pictures, of_texts = EmbeddingCache(cache, teacher.pictures), EmbeddingCache(cache, teacher.texts)
    picture_keys, text_keys = of_pictures.fill(pictures), of_texts.fill(captions)
    grid = Grid((size.crop,) * 3, np.eye(4))
    place = slices_of(grid, Plane.AXIAL)[size.crop // 2]
    student = Student(size, teacher.projection_widths)
    optimizer = torch.optim.AdamW(student.parameters(), lr=1e-4)
    volumes = torch.randn(size.batch, 1, *grid.shape_kji)

    def step(targets: Callable[[], list[Tensor]]) -> None:
        loss = student.loss(volumes, [grid] * size.batch, [[place]] * size.batch, targets())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    targets: dict[str, Callable[[], list[Tensor]]] = {
        "cached": lambda: [of_pictures.read(picture_keys), of_texts.read(text_keys)],
        "teacher": lambda: [teacher.embed_pictures(pictures), teacher.embed_texts(captions)],
    }
    step(targets["cached"])
    seconds: dict[str, list[float]] = {kind: [] for kind in (*targets, "lookup")}
    for _ in range(size.runs):
        for kind, get in targets.items():
            started_at = time.process_time()
            step(get)
            seconds[kind].append(time.process_time() - started_at)
        started_at = time.process_time()
        targets["cached"]()
        seconds["lookup"].append(time.process_time() - started_at)
    return {kind: median(runs) * BATCH / size.batch for kind, runs in seconds.items()}


def main() -> int:
    torch.set_num_threads(1)
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    gains = []
    with tempfile.TemporaryDirectory() as folder:
        pictures, texts = save_teacher(Path(folder))
        teacher = open_teacher(TeacherSettings(TeacherBackend.UNALIGNED, str(pictures), str(texts), device=Device.CPU))
        print(f"{'student':<36} {'cached step':>12} {'with teacher':>13} {'gain':>6} {'lookup':>9}")
        for size in [*STUDENTS, *([PUBLISHED] if "--published" in sys.argv else [])]:
            taken = measure(size, teacher, Path(folder) / "cache")
            gains.append(taken["teacher"] / taken["cached"])
            print(
                f"{size.name:<36} {taken['cached']:>10.2f} s {taken['teacher']:>11.2f} s "
                f"{gains[-1]:>6.2f} {1000 * taken['lookup']:>6.2f} ms"
            )
    return 0 if gains[0] >= LEAST_GAIN else 1


if __name__ == "__main__":
    sys.exit(main())
