"""Which network is built."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import ConfigDict


@dataclass(frozen=True)
class NetworkSettings:
    """The encoder, if it does not come from a bundle; arguments that are left out are planned or the backbone's own."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    backbone: str = "segresnet"
    arguments: dict[str, Any] = field(default_factory=dict)
