"""What the commands of fine-tuning have in common."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import tyro

from Med3DInsightLib.analysis.computing.device import Device
from Med3DInsightLib.bundles import Bundle

from ..runs.one_line_end import one_line_end
from ..runs.parsed_command import named_recipe, parsed_command
from .classification.tasks import ClassificationTasks
from .errors import FineTuningError
from .learning.run import FineTuningRun
from .learning.task import Report, TaskSource
from .segmentation.tasks import SegmentationTasks
from .series.ensemble_run import EnsembleRun
from .settings.recipe import FineTuningRecipe

TASKS: Mapping[str, Callable[[Path, FineTuningRecipe, Path], TaskSource]] = {
    "segment": SegmentationTasks,
    "classify": ClassificationTasks,
}
"""What can be learnt: makes a source of tasks of a data set, a recipe and an output folder."""


@dataclass(frozen=True)
class DataSetCommand(ABC):
    """The options of commands that train on a labelled data set."""

    source: tyro.conf.Positional[Path]
    """The data set."""

    output: Path
    """Folder for all that is written; what is found there is continued."""

    settings: Annotated[FineTuningRecipe, tyro.conf.arg(name="")]

    recipe: Path | None = None
    """TOML or JSON file with other defaults; every entry can be changed here."""

    device: Device = Device.AUTO
    """Where to train."""

    @abstractmethod
    def run(self, kind: str) -> None:
        """Do it, for a key of TASKS; raises UserError for everything that the user can mend."""


def run_command(
    command: type[DataSetCommand],
    program: str,
    arguments: list[str],
    help_text: str,
    change: Callable[[FineTuningRecipe], FineTuningRecipe] = lambda recipe: recipe,
) -> None:
    """Run a command with these arguments; errors are one line.

    change is what the command makes of the defaults that --recipe names before it looks at other options.
    """
    kind, arguments = kind_and_others(arguments, help_text)
    path = named_recipe(arguments)
    with one_line_end():
        recipe = FineTuningRecipe.read(path) if path else FineTuningRecipe()
    made = parsed_command(
        command,
        arguments,
        default=command(tyro.MISSING, tyro.MISSING, change(recipe), path),
        config=(tyro.conf.EnumChoicesFromValues,),
        prog=f"{program} {kind}",
        description=help_text,
    )
    with one_line_end(f"what is done is in {made.output}. Run it again to go on."):
        made.run(kind)


def fine_tuned(
    kind: str, source: Path, recipe: FineTuningRecipe, output: Path, device: Device, report: Report, command: str
) -> Bundle | None:
    """The bundle of one network, or of as many as the recipe has members; None in all processes but the first.

    kind is a key of TASKS, and command what the card names as the way to measure again. Raises UserError for everything
    that the user can mend.
    """
    if recipe.members == 1:
        return FineTuningRun(TASKS[kind](source, recipe, output), recipe, output, device, report, command).run()
    if kind != "segment":
        raise FineTuningError("several networks are averaged where they segment only", next_step="leave members out")
    return EnsembleRun(partial(SegmentationTasks, source), recipe, output, device, report, command).run()


def kind_and_others(arguments: list[str], help_text: str) -> tuple[str, list[str]]:
    """The first argument, a key of TASKS, and the others; without one the help is printed and the program ends."""
    if arguments[:1] not in ([kind] for kind in TASKS):
        print(help_text)
        sys.exit(0 if arguments[:1] in (["-h"], ["--help"]) else 2)
    return arguments[0], arguments[1:]


def finetune_command(kind: str, source: Path, recipe: Path | None, *others: str) -> str:
    """What a card names as the way to measure again: names of files only, for folders are nobody's business."""
    of_recipe = ["--recipe", recipe.name] if recipe else []
    return " ".join(["python training/finetune.py", kind, source.name, *of_recipe, *others])
