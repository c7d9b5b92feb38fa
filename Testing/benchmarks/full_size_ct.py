"""A full-size CT and 33 classes: our pipeline beside the usual one of MONAI, same network, one run.

    python Testing/benchmarks/full_size_ct.py [VOLUME]

Both get the same file, the same random weights and the same windows (96^3, overlap .5, Gaussian
weights) at 2 mm, each in a process of its own. Time runs from the file name to the labels on the
grid of the file, without imports and network building; memory is the peak of the whole process.
The exit code is 0 if the aims below are met.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

CLASSES = 33
WINDOW = (96, 96, 96)
SPACING_MM = (2.0, 2.0, 2.0)
INTENSITY_HU = (-200.0, 300.0)
MOST_TIME, MOST_MEMORY, LEAST_AGREEMENT = 0.35, 0.20, 0.995
SHARED_CT = Path(__file__).resolve().parents[3] / "shared" / "data" / "ircad" / "liver17_ct.nii.gz"


def usual_pipeline(path: Path, seconds: dict[str, float]) -> NDArray[np.uint8]:
    """Labels (K, J, I) from MONAI's transforms and inferer, as its tutorials put them together."""
    import torch
    from monai.inferers import SlidingWindowInferer
    from monai.transforms import (
        AsDiscreted,
        Compose,
        EnsureChannelFirstd,
        Invertd,
        LoadImaged,
        Orientationd,
        ScaleIntensityRanged,
        Spacingd,
    )

    network = random_network()
    before = Compose(
        [
            LoadImaged("image"),
            EnsureChannelFirstd("image"),
            Orientationd("image", axcodes="RAS", labels=None),
            Spacingd("image", pixdim=SPACING_MM, mode="bilinear"),
            ScaleIntensityRanged("image", *INTENSITY_HU, 0.0, 1.0, clip=True),
        ]
    )
    after = Compose(
        [
            Invertd("pred", transform=before, orig_keys="image", nearest_interp=False, to_tensor=True),
            AsDiscreted("pred", argmax=True),
        ]
    )
    inferer = SlidingWindowInferer(WINDOW, sw_batch_size=1, overlap=0.5, mode="gaussian")
    with torch.inference_mode():
        with stage(seconds, "preparing"):
            case = before({"image": str(path)})
        with stage(seconds, "network"):
            # MONAI's arrays are (I, J, K), ours (K, J, I); the same weights need the same axes.
            case["pred"] = inferer(
                case["image"][None], lambda x: network(x.permute(0, 1, 4, 3, 2)).permute(0, 1, 4, 3, 2)
            )[0]
        with stage(seconds, "restoring"):
            labels = after(case)["pred"]
    return labels[0].numpy().astype(np.uint8).transpose(2, 1, 0)


def our_pipeline(path: Path, seconds: dict[str, float]) -> NDArray[np.uint8]:
    """Labels (K, J, I) from a Session."""
    import torch

    from Med3DInsightLib.analysis.computing.kept_pages import keep_pages
    from Med3DInsightLib.analysis.session import Session
    from Med3DInsightLib.volumes import read_volume

    keep_pages()  # as the worker and the command do
    session = Session(a_card(), random_network(), torch.device("cpu"))
    with stage(seconds, "reading"):
        volume = read_volume(path)
    result = session.segment(volume)
    seconds |= {name.replace("segmenting", "network"): value for name, value in result.seconds.items()}
    return result.labels.array_kji


def random_network():
    """The same untrained SegResNet for both, in float32."""
    import torch

    from Med3DInsightLib.networks.factory import build_network

    torch.manual_seed(0)
    return build_network(a_card().architecture).eval()


def a_card():
    """A card that says what MONAI's transforms are told."""
    from Med3DInsightLib.bundles import Architecture, HeadKind, ModelCard
    from Med3DInsightLib.volumes import Code, IntensityRule, IntensityScale, Recipe, Segment

    code = Code("123037004", "Anatomical Structure")
    return ModelCard(
        format_version=1,
        name="random",
        version="0",
        title="",
        description="",
        modalities=("CT",),
        architecture=Architecture("segresnet", {}, HeadKind.SEGMENTATION, CLASSES),
        recipe=Recipe("RAS", SPACING_MM, {"default": IntensityRule(IntensityScale.WINDOW, *INTENSITY_HU)}, WINDOW),
        segments=tuple(Segment(value, f"structure {value}", (9, 9, 9), code, code) for value in range(1, CLASSES)),
        trained_on="",
        licence="",
        citation="",
        results=(),
        observations=(),
        weights_sha256="",
    )


class stage:  # noqa: N801 - reads like contextlib's functions
    """Adds the seconds a block takes to a dictionary."""

    def __init__(self, seconds: dict[str, float], name: str) -> None:
        self._seconds, self._name = seconds, name

    def __enter__(self) -> None:
        self._started_at = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._seconds[self._name] = round(time.perf_counter() - self._started_at, 2)


PIPELINES: dict[str, Callable[[Path, dict[str, float]], NDArray[np.uint8]]] = {
    "usual": usual_pipeline,
    "ours": our_pipeline,
}


def measure(name: str, path: Path, labels_path: Path) -> None:
    """Run one pipeline in this process; print its figures as JSON."""
    seconds: dict[str, float] = {}
    random_network()  # imports, before the clock starts
    started_at = time.perf_counter()
    labels = PIPELINES[name](path, seconds)
    total = time.perf_counter() - started_at
    np.save(labels_path, labels)
    peak_gb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"total": round(total, 2), "peak_gb": round(peak_gb, 2), "seconds": seconds}))


def stand_in_ct(folder: Path) -> Path:
    """A smooth random volume of the size of the real CT, for computers that do not have it."""
    import SimpleITK as sitk

    coarse = np.random.default_rng(0).normal(0.0, 150.0, (12, 24, 24)).astype(np.float32)
    image = sitk.Expand(sitk.GetImageFromArray(coarse), (22, 22, 10), sitk.sitkLinear)[:512, :512, :119]
    image.SetSpacing((0.743, 0.743, 1.6))
    path = folder / "ct.nii.gz"
    sitk.WriteImage(sitk.Cast(image, sitk.sitkInt16), str(path))
    return path


def compare(path: Path | None) -> int:
    """Run both, print a table, and return 0 if the aims are met."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if path is None:
            path = SHARED_CT if SHARED_CT.exists() else stand_in_ct(folder)
        print(f"{path.name}, {CLASSES} classes")
        figures, labels = {}, {}
        for name in PIPELINES:
            command = [sys.executable, __file__, "--measure", name, str(path), str(folder / f"{name}.npy")]
            printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            figures[name] = json.loads(printed.splitlines()[-1])
            labels[name] = np.load(folder / f"{name}.npy")
            total, peak_gb, seconds = (figures[name][key] for key in ("total", "peak_gb", "seconds"))
            print(f"{name:>6}: {total:6.1f} s, {peak_gb:5.2f} GB  {seconds}")
    time_ratio = figures["ours"]["total"] / figures["usual"]["total"]
    memory_ratio = figures["ours"]["peak_gb"] / figures["usual"]["peak_gb"]
    agreement = float((labels["ours"] == labels["usual"]).mean())
    print(f"time   {time_ratio:.3f} of the usual (aim: at most {MOST_TIME})")
    print(f"memory {memory_ratio:.3f} of the usual (aim: at most {MOST_MEMORY})")
    print(f"equal  {100 * agreement:.3f} % of the voxels (aim: at least {100 * LEAST_AGREEMENT})")
    met = time_ratio <= MOST_TIME and memory_ratio <= MOST_MEMORY and agreement >= LEAST_AGREEMENT
    return 0 if met else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
    else:
        sys.exit(compare(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
