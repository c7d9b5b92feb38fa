"""What an evaluation knows of a case, whatever is measured in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Generic, Protocol, TypeVar

from Med3DInsightLib.volumes.files.source_files import Fingerprint

IMAGE = "image"
"""What the image is called among the files of a case."""


class NamedCase(Protocol):
    """A case: name is as its source has it, title is one line that a terminal shows as it is."""

    @property
    def name(self) -> str:
        """Tells the case apart from the others of its set."""

    @property
    def title(self) -> str:
        """The name, made harmless."""


class CaseResult(Protocol):
    """What one model got in one case; notices are what had to be done on the way."""

    @property
    def notices(self) -> tuple[str, ...]:
        """One line each."""

    def as_json(self) -> dict[str, Any]:
        """What JSON can hold, and what the file of finished cases keeps."""


CaseT = TypeVar("CaseT", bound=NamedCase)
ResultT = TypeVar("ResultT", bound=CaseResult)


@dataclass(frozen=True)
class EvaluatedCase(Generic[CaseT, ResultT]):
    """A case, the content of its files, the result of every model, and what is to be said of the case itself."""

    case: CaseT
    files: Mapping[str, Fingerprint]
    results: tuple[ResultT, ...]
    remarks: tuple[str, ...] = ()

    @property
    def notices(self) -> tuple[str, ...]:
        """Everything that a reader should know of the case and its results, each once."""
        of_results = (notice for result in self.results for notice in result.notices)
        return tuple(dict.fromkeys((*of_results, *self.remarks)))

    def as_json(self, facts: Mapping[str, Any], results: list[dict[str, Any]]) -> dict[str, Any]:
        """The case in report.json, with more facts about it and what to say of the results."""
        files = {name: asdict(fingerprint) for name, fingerprint in self.files.items()}
        return {"name": self.case.name, **files, **facts, "remarks": list(self.remarks), "results": results}


@dataclass(frozen=True)
class SkippedCase:
    """A case that could not be used, and why."""

    name: str
    error: str


@dataclass(frozen=True)
class PicturedCase(Generic[CaseT, ResultT]):
    """A case with a picture (PNG) of it."""

    case: EvaluatedCase[CaseT, ResultT]
    png: bytes
