"""Which subcommands there are; only the one that is asked for is imported."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Protocol, cast

from .interruption import Interruption

PROGRAM = "med3dinsight"
_DESCRIPTION = "Segment, classify, search and describe 3D medical images. Research software, not a diagnostic device."


class Command(Protocol):
    """A subcommand with its options: a dataclass."""

    verbose: bool

    def run(self, interruption: Interruption) -> None:
        """Do it; raises UserError for everything the user can mend."""


SUBCOMMANDS: Mapping[str, str] = {
    "segment": "Segment a volume and write labels, a 3D Slicer segmentation, a report and a picture.",
    "batch": "Segment every volume of a folder and write one table with all volumes of structures.",
    "classify": "Tell what a volume is: the probability of every class, and whether it is unlike "
    "what the model has learnt from.",
    "explain": "Tell what a volume is, and write where it speaks for a class: Grad-CAM on the grid of the volume.",
    "find": "Find the slices of a volume that a phrase fits best, with a pretrained encoder.",
    "describe": "Describe slices of a volume in words, one caption each, into a captions file.",
    "ask": "Ask a multimodal language model about slices of a volume, and see its answer while it is written.",
    "report": "Write everything about a volume on one page: pictures, tables, captions, models "
    "and where it all comes from.",
    "models": "List, fetch, import, check and remove models; alone, it lists those that are "
    "installed or can be fetched.",
    "serve": 'Keep libraries and models loaded for "med3dinsight segment --worker", until Ctrl-C or idle.',
}
"""What each does, in the words that its own help begins with."""


def command_class(name: str) -> type[Command]:
    """The dataclass of a subcommand; imports it and what it needs."""
    return cast("type[Command]", getattr(import_module(f".{name}", __package__), f"{name.capitalize()}Command"))


def parsed_command(arguments: Sequence[str]) -> Command:
    """The subcommand that the arguments name, with its options.

    Prints help or what is wrong with the arguments and exits as argparse does, where that is asked for or needed.
    """
    if not arguments or arguments[0] not in SUBCOMMANDS:
        _overview().parse_args(arguments)
    import tyro

    name, *others = arguments
    return tyro.cli(
        command_class(name),
        prog=f"{PROGRAM} {name}",
        args=others,
        config=(tyro.conf.EnumChoicesFromValues,),
    )


def _overview() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(PROGRAM, description=_DESCRIPTION)
    names = parser.add_subparsers(metavar="SUBCOMMAND", required=True)
    for name, summary in SUBCOMMANDS.items():
        names.add_parser(name, help=summary)
    return parser
