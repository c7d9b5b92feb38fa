"""The subcommands of med3dinsight models."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

import tyro

from ..interruption import Interruption
from .catalogues import CataloguesCommand
from .get import GetCommand
from .import_folder import ImportCommand
from .listed import ListCommand
from .remove import RemoveCommand
from .show import ShowCommand
from .store import StoreCommand
from .verify import VerifyCommand

Action = (
    Annotated[ListCommand, tyro.conf.subcommand("list")]
    | Annotated[ShowCommand, tyro.conf.subcommand("show")]
    | Annotated[GetCommand, tyro.conf.subcommand("get")]
    | Annotated[ImportCommand, tyro.conf.subcommand("import")]
    | Annotated[VerifyCommand, tyro.conf.subcommand("verify")]
    | Annotated[RemoveCommand, tyro.conf.subcommand("remove")]
    | Annotated[CataloguesCommand, tyro.conf.subcommand("catalogues")]
    | Annotated[StoreCommand, tyro.conf.subcommand("store")]
)


@dataclass(frozen=True)
class ModelsCommand:
    """List, fetch, import, check and remove models; alone, it lists those that are installed or can be fetched."""

    action: Annotated[tyro.conf.OmitSubcommandPrefixes[Action], tyro.conf.arg(name=""), tyro.conf.OmitArgPrefixes] = (
        field(default_factory=ListCommand)
    )

    @property
    def verbose(self) -> bool:
        """Whether to show tracebacks and the messages of libraries."""
        return self.action.verbose

    def run(self, interruption: Interruption) -> None:
        """Do it; raises UserError for everything the user can mend."""
        self.action.run(interruption)
