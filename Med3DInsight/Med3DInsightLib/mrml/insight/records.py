"""What a node must remember exactly: JSON in its attributes."""

from __future__ import annotations

import json
from typing import Any

from ...errors import UserError
from ..node_errors import named
from ..translation import tr as _

_PREFIX = "Med3DInsight."


def set_record(node: Any, name: str, content: Any) -> None:
    """Keep content, anything that JSON has, under a name; a scene that is saved and loaded keeps it to the digit."""
    node.SetAttribute(f"{_PREFIX}{name}", json.dumps(content, allow_nan=False))


def record(node: Any, name: str) -> Any:
    """What set_record() kept, None if there is nothing; raises UserError, naming the node, for damaged JSON."""
    text = node.GetAttribute(f"{_PREFIX}{name}")
    if text is None:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        cause = _("its record '{name}' is damaged").format(name=name)
        raise UserError(cause, named(node), _("make the result again")) from error


def records_of(node: Any, group: str) -> list[str]:
    """The names of all records of a node that begin with "GROUP."."""
    begin = f"{_PREFIX}{group}."
    return [name.removeprefix(_PREFIX) for name in node.GetAttributeNames() if name.startswith(begin)]


def forget(node: Any, name: str) -> None:
    """Remove a record."""
    node.RemoveAttribute(f"{_PREFIX}{name}")
