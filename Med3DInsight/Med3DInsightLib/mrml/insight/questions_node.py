"""Questions about a volume and their answers, in a text node."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from pydantic import AwareDatetime, ConfigDict, TypeAdapter, ValidationError

from ...captions.inert_text import is_inert
from ...errors import UserError
from ...volumes import Plane
from ..node_errors import named
from ..scene_step import one_step
from ..translation import tr as _
from .result_nodes import add_below, as_before_on_failure, prepared_node, scene_of

ROLE = "questions"


@dataclass(frozen=True)
class ShownSlice:
    """A slice that the model was shown: its plane, index and position along the normal (RAS mm)."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    plane: Plane
    index: int
    position_mm: float


@dataclass(frozen=True)
class AnsweredQuestion:
    """A question, its answer, who answered, which slices it was shown and when it was asked.

    Raises ValueError for texts with control characters; see InertText.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    question: str
    answer: str
    backend: str
    model: str
    slices: tuple[ShownSlice, ...]
    asked_at: AwareDatetime

    def __post_init__(self) -> None:
        for name in ("question", "answer", "backend", "model"):
            if not is_inert(getattr(self, name)):
                raise ValueError(f"{name} has control characters")


_QUESTION = TypeAdapter(AnsweredQuestion)

BrokenEntry = Callable[[UserError], object]
"""What is told of a line that is not a question, such as the append method of a list."""


def append_question(volume_node: Any, answered: AnsweredQuestion) -> Any:
    """Add a question to the history of a volume, a text node below it, and return the node.

    What is in the node stays, also lines that are damaged. One step of undo, complete or not at all. Raises
    VolumeError if the volume has left the scene.
    """
    scene = scene_of(volume_node)
    name = _("{volume} questions").format(volume=volume_node.GetName())
    node = prepared_node(volume_node, "vtkMRMLTextNode", ROLE, name)
    before = node.GetText() or ""
    if before and not before.endswith("\n"):
        before += "\n"
    with one_step(scene), as_before_on_failure(node):
        node.SetText(before + _line_of(answered))
        add_below(volume_node, node)
    return node


def questions_of(node: Any, broken: BrokenEntry | None = None) -> list[AnsweredQuestion]:
    """The questions of a text node, the oldest first.

    Raises UserError, naming the node and the line (from 1), for a line that is not a question, or tells broken of
    it and goes on.
    """
    found = []
    for number, line in enumerate((node.GetText() or "").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found.append(_QUESTION.validate_json(line, strict=True))
        except ValidationError as error:
            reason = error.errors(include_url=False, include_input=False)[0]["msg"]
            cause = _("line {number} is not a question with its answer ({reason})")
            step = _("remove the line in the module Texts")
            told = UserError(cause.format(number=number, reason=reason), named(node), step)
            if broken is None:
                raise told from error
            broken(told)
    return found


def _line_of(answered: AnsweredQuestion) -> str:
    content = {**asdict(answered), "asked_at": answered.asked_at.isoformat()}
    return json.dumps(content, allow_nan=False) + "\n"
