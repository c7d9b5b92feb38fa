"""AdrenalMNIST3D by the official split: mean test figures over seeds.

    python Testing/benchmarks/adrenal.py adrenalmnist3d_64.npz --folder runs/adrenal --seeds 3

Each seed is one run of training/configs/finetune_adrenal.toml, measured by a session with the volumes of the
file. Runs that are done are not repeated. The exit code is 0 if the aims below are met.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from Med3DInsightLib.bundles import Bundle
from med3dtrain.finetuning.classification.tasks import ClassificationTasks
from med3dtrain.finetuning.learning.run import FineTuningRun
from med3dtrain.finetuning.series.run_series import figures_of, run_series
from med3dtrain.finetuning.settings.recipe import FineTuningRecipe

RECIPE = Path(__file__).resolve().parents[2] / "training" / "configs" / "finetune_adrenal.toml"
LEAST = {"test AUC": 0.89, "test accuracy": 0.84}


def main() -> None:
    """Train every seed, and print the figures of each and their means."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--folder", type=Path, default=Path("runs/adrenal"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--recipe", type=Path, default=RECIPE)
    arguments = parser.parse_args()
    recipe = FineTuningRecipe.read(arguments.recipe)

    def train(of_seed: FineTuningRecipe, folder: Path) -> Bundle | None:
        return FineTuningRun(ClassificationTasks(arguments.data, of_seed, folder), of_seed, folder).run()

    def tell(name: str, bundle: Bundle) -> None:
        told = ", ".join(f"{measure} {value:.3f}" for measure, value in figures_of(bundle).items())
        print(f"{name}: {told}", flush=True)

    recipes = {f"seed_{seed}": replace(recipe, seed=seed) for seed in range(arguments.seeds)}
    bundles = run_series(arguments.folder, recipes, train, tell)
    assert bundles is not None, "only the first process has the bundles"
    means = {measure: fmean(figures_of(bundle)[measure] for bundle in bundles.values()) for measure in LEAST}
    for measure, mean in means.items():
        print(f"mean {measure} of {len(bundles)} seeds: {mean:.4f} (aim {LEAST[measure]})")
    sys.exit(any(mean < LEAST[measure] for measure, mean in means.items()))


if __name__ == "__main__":
    main()
