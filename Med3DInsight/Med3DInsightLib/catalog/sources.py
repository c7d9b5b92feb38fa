"""Where the files of a model are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from .texts import Commit, InnerFolder, Line, Repository, WebAddress


@dataclass(frozen=True)
class _Strict:
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class ShippedSource(_Strict):
    """With the extension."""

    kind: Literal["shipped"] = "shipped"


@dataclass(frozen=True)
class HubSource(_Strict):
    """In a Hugging Face repository, at a commit (a branch may change), in a folder of it or at its top."""

    repository: Repository
    revision: Commit
    folder: InnerFolder = ""
    kind: Literal["hugging_face"] = "hugging_face"


@dataclass(frozen=True)
class FolderSource(_Strict):
    """In a folder, such as one of a shared drive; a relative path starts where the catalogue is."""

    path: Line
    kind: Literal["folder"] = "folder"


@dataclass(frozen=True)
class WebSource(_Strict):
    """Below an address: BASE_URL/card.json and so on."""

    base_url: WebAddress
    kind: Literal["web"] = "web"


Source = Annotated[ShippedSource | HubSource | FolderSource | WebSource, Field(discriminator="kind")]
