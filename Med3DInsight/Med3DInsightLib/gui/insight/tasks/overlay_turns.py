"""Which section draws the overlay of a volume, where several have been asked to."""

from __future__ import annotations

from typing import Any


class OverlayTurns:
    """An answer that comes late must not take the place of what was asked for after it.

    turns.take(task, volume_node)           # when something is asked for
    turns.has(task, volume_node)            # when the answer is there: whether nothing else was asked for since
    turns.give_back(task)                   # when nothing came of it: the task before has the turn again
    """

    def __init__(self) -> None:
        self._asked: dict[Any, str] = {}
        """Tasks in the order in which they were asked last, and the ID of the volume."""

    def take(self, task: Any, volume_node: Any) -> None:
        """A task was asked for an overlay of a volume."""
        self.give_back(task)
        self._asked[task] = volume_node.GetID()

    def has(self, task: Any, volume_node: Any) -> bool:
        """Whether a task is the last one that was asked for an overlay of a volume."""
        asked = [each for each, of_volume in self._asked.items() if of_volume == volume_node.GetID()]
        return asked[-1:] == [task]

    def give_back(self, task: Any) -> None:
        """A task will draw no overlay until it is asked again."""
        self._asked.pop(task, None)
