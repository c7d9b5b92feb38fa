"""Model bundles: make, look at, check, change in precision, and carry them.

    python training/bundle.py inspect runs/liver/liver
    python training/bundle.py verify runs/liver/liver
    python training/bundle.py convert runs/liver/liver --dtype float16 --output models
    python training/bundle.py pack card.json weights.safetensors --output models
    python training/bundle.py push models/liver hf:someone/liver
    python training/bundle.py pull hf:someone/liver@REVISION --output models

push and pull take a folder as well as hf:OWNER/NAME. Pushing to a hub asks first, unless --yes is given.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import tyro

from Med3DInsightLib.catalog.installed import InstalledModels
from Med3DInsightLib.errors import UserError
from med3dtrain.bundling.hub import HubRepository
from med3dtrain.bundling.making import convert, pack
from med3dtrain.bundling.places import copy_bundle
from med3dtrain.bundling.whole_bundle import WholeBundle
from med3dtrain.runs.one_line_end import one_line_end


class Command(Protocol):
    """What a subcommand does."""

    def run(self) -> None:
        """Do it; raises UserError for everything that the user can mend."""


@dataclass(frozen=True)
class Inspect:
    """Tell what a bundle is, after checking all of it."""

    bundle: tyro.conf.Positional[str]

    def run(self) -> None:
        """See Command."""
        print("\n".join(_whole(self.bundle).describe()))


@dataclass(frozen=True)
class Verify:
    """Check hashes, names, shapes and values of the weights, the vocabulary, and that there is nothing else."""

    bundle: tyro.conf.Positional[str]

    def run(self) -> None:
        """See Command."""
        whole = _whole(self.bundle)
        card = whole.bundle.card
        print(f"{whole.bundle.folder} is whole: {card.name} {card.version}, {', '.join(whole.files)}")


@dataclass(frozen=True)
class Convert:
    """Store the weights in another precision, as OUTPUT/NAME."""

    bundle: tyro.conf.Positional[str]
    output: Path
    dtype: Literal["float16", "bfloat16", "float32", "int8"] = "float16"

    def run(self) -> None:
        """See Command."""
        made, change = convert(_whole(self.bundle), self.dtype, self.output)
        print(f"wrote {made.bundle.folder}; no weight changed by more than {change:.2g}")
        if change:
            print("The figures in the card were measured before; measure again with training/evaluate.py.")


@dataclass(frozen=True)
class Pack:
    """Make a bundle OUTPUT/NAME of a card and weights that fit it."""

    card: tyro.conf.Positional[Path]
    weights: tyro.conf.Positional[Path]
    output: Path

    def run(self) -> None:
        """See Command."""
        print(f"wrote {pack(self.card, self.weights, self.output).bundle.folder}")


@dataclass(frozen=True)
class Push:
    """Copy a bundle into a folder, or upload it to hf:OWNER/NAME."""

    bundle: tyro.conf.Positional[str]
    to: tyro.conf.Positional[str]
    endpoint: str | None = None
    """Address of the hub, if it is not huggingface.co."""
    public: bool = False
    """Make a new repository public."""
    yes: bool = False
    """Do not ask before uploading."""

    def run(self) -> None:
        """See Command."""
        whole = _whole(self.bundle)
        repository = HubRepository.parse(self.to, self.endpoint)
        if repository is None:
            print(f"wrote {copy_bundle(whole, Path(self.to)).bundle.folder}")
            return
        where = f"{self.to} at {self.endpoint or 'huggingface.co'}"
        bundle = whole.bundle
        print(f"{', '.join(whole.files)} of {bundle.folder} (licence: {bundle.card.licence}) will be sent to {where}.")
        if not self.yes and input("Send? [y/N] ").strip().lower() not in {"y", "yes"}:
            raise UserError("nothing was sent", next_step="answer y, or give --yes")
        print(f"sent: {repository.push(whole, private=not self.public)}")


@dataclass(frozen=True)
class Pull:
    """Fetch a bundle from hf:OWNER/NAME[@REVISION] or a folder, check it, and keep it as OUTPUT/NAME."""

    source: tyro.conf.Positional[str]
    output: Path
    endpoint: str | None = None
    """Address of the hub, if it is not huggingface.co."""

    def run(self) -> None:
        """See Command."""
        repository = HubRepository.parse(self.source, self.endpoint)
        if repository is not None:
            made = repository.pull(self.output)
        else:
            made = copy_bundle(WholeBundle.open(Path(self.source)), self.output)
        print(f"wrote {made.bundle.folder}")


def _whole(name_or_folder: str) -> WholeBundle:
    return WholeBundle.open(InstalledModels().find(name_or_folder).folder)


def main(arguments: list[str]) -> None:
    """Run with these arguments; errors are one line."""
    commands: dict[str, Callable[..., Any]]
    commands = {"inspect": Inspect, "verify": Verify, "convert": Convert, "pack": Pack, "push": Push, "pull": Pull}
    command: Command = tyro.extras.subcommand_cli_from_dict(commands, args=arguments, description=__doc__)
    with one_line_end():
        command.run()


if __name__ == "__main__":
    main(sys.argv[1:])
