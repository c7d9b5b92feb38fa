"""From a turn of the wheel to the caption and the attention of the new slice, in a volume of 256^3 voxels.

    python Testing/benchmarks/insight_scrolling.py --steps 40

The panel of Med3D Insight runs in the stand-in for Slicer's desktop, with the encoder of
training/configs/pretrain_small_cpu.toml (random weights) behind it and a caption of every eighth slice. What was
asked of the worker is there before the wheel turns. Each step is measured until the overlay has the attention of the
new slice and the text is handed to the view; drawing the views is told separately, since the stand-in draws without
a graphics card. The exit code is 0 if the median step takes at most 150 ms.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from statistics import median
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from Testing.minislicer import start  # noqa: E402

SIZE, MOST_MS = 256, 150.0


def an_encoder(folder: Path) -> Path:
    """A bundle with the architecture of the recipe for a CPU."""
    import torch
    from pydantic import TypeAdapter

    from Med3DInsightLib.bundles import ModelCard
    from Med3DInsightLib.networks.factory import build_network, save_network

    recipe = REPOSITORY / "training" / "configs" / "pretrain_small_cpu.toml"
    entries = tomllib.loads(recipe.read_text(encoding="utf-8"))["card"]
    card = TypeAdapter(ModelCard).validate_python(entries)
    torch.manual_seed(0)
    return save_network(build_network(card.architecture), card, folder).folder


def a_head() -> Any:
    """A ball of noise in air, 1 mm."""
    import numpy as np

    from Med3DInsightLib.volumes import Grid, Modality, Volume

    at = np.indices((SIZE,) * 3, dtype=np.float32) - SIZE / 2
    noise = np.random.default_rng(0).integers(200, 1000, (SIZE,) * 3)
    array = np.where((at**2).sum(0) < (0.4 * SIZE) ** 2, noise, 0).astype(np.int16)
    return Volume(array, Grid((SIZE,) * 3, np.eye(4)), Modality.MR)


def captions_of(volume: Any) -> list[Any]:
    """A text about every eighth slice of each plane."""
    from Med3DInsightLib.captions.reviewing import written_by_user
    from Med3DInsightLib.captions.volume_hash import volume_hash
    from Med3DInsightLib.volumes import Plane, slices_of

    identity = volume_hash(volume)
    places = [
        place for plane in (Plane.AXIAL, Plane.CORONAL, Plane.SAGITTAL) for place in slices_of(volume.grid, plane)
    ]
    return [
        written_by_user("head", identity, each, f"This is {each.plane} slice {each.index}.") for each in places[::8]
    ]


def opened(desktop: Any, bundle: Path) -> tuple[Any, Any]:
    """The panel with captions and attention on the screen, and the node of the volume."""
    import slicer

    from Med3DInsightLib.mrml.insight.captions_table import captions_table
    from Med3DInsightLib.mrml.volume_nodes import node_from_volume

    volume = a_head()
    node = node_from_volume(slicer.mrmlScene, volume, "head")
    captions_table(node, captions_of(volume))
    panel = desktop.show(desktop.modules.load(REPOSITORY / "Med3DInsight" / "Med3DInsight.py"))
    views = desktop.add_views()
    slicer.util.setSliceViewerLayers(background=node)
    views.resetSliceViews()
    desktop.dialogs.answer("Folder of a model bundle", str(bundle))
    panel.ui.modelFolderButton.click()
    panel.ui.analyseButton.click()
    desktop.wait_until(lambda: panel.panel.analyse.run.running, 60)
    desktop.wait_until(lambda: not panel.panel.analyse.run.running, 600)
    return panel, node


def main() -> int:
    """Turn the wheel, and print what each part of a step takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=40)
    steps = parser.parse_args().steps
    desktop = start()
    desktop.dialogs.install()
    import slicer

    from Med3DInsightLib.mrml.insight.overlay_node import overlay_of
    from Med3DInsightLib.mrml.insight.overlay_subject import subject_of

    with tempfile.TemporaryDirectory() as folder:
        panel, node = opened(desktop, an_encoder(Path(folder) / "encoder"))
        views = slicer.app.layoutManager()
        widget = views.sliceWidget("Red")
        updated, drawn = [], []
        for _ in range(steps):
            before = subject_of(overlay_of(node)).index
            began = time.perf_counter()
            widget.sliceLogic().SetSliceOffset(widget.sliceLogic().GetSliceOffset() + 1.0)
            widget.sliceLogic().SnapSliceOffsetToIJK()
            panel.panel.views.tell_now()
            told = time.perf_counter()
            for name in views.sliceViewNames():
                views.sliceWidget(name).widget.pixels()
            updated.append(1000 * (told - began))
            drawn.append(1000 * (time.perf_counter() - told))
            if subject_of(overlay_of(node)).index == before or not panel.panel.corners.drawn_in(widget.mrmlSliceNode()):
                print(f"attention or caption did not follow the slice: {panel.ui.attentionStatus.text}")
                return 1
        desktop.reset()
    print(f"{steps} steps through {SIZE}^3 voxels: caption and attention {median(updated):.0f} ms (median),")
    print(f"{max(updated):.0f} ms (longest); drawing the slice views without a graphics card {median(drawn):.0f} ms")
    return int(median(updated) > MOST_MS)


if __name__ == "__main__":
    sys.exit(main())
