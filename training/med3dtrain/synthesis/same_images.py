"""Making sure that a folder is filled with images of one kind."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from Med3DInsightLib.errors import UserError
from Med3DInsightLib.storage import write_whole
from Med3DInsightLib.volumes.files.source_files import Fingerprint

_FACTS = "set.json"


def require_same_images(
    folder: Path, entries: Mapping[str, Any], label_table: Path, label_maps: Sequence[Path]
) -> None:
    """Note in folder, which is made if needed, what decides how its images look: settings and hashes of what they name.

    entries are settings by name, as JSON holds them. Raises UserError, naming what differs, if other images are there;
    OSError if a file cannot be read or written.
    """
    facts = dict(entries)
    facts["label_table"] = Fingerprint.of(label_table).sha256
    facts["label_maps"] = {path.name: Fingerprint.of(path).sha256 for path in label_maps}
    path = folder / _FACTS
    if not path.exists():
        write_whole(path, json.dumps(facts, indent=2).encode() + b"\n")
        return
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
        differing = [name for name, fact in facts.items() if before[name] != fact]
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"does not tell what the heads beside it are ({error})", path, "remove the folder") from error
    if differing:
        raise UserError(f"the heads here were drawn with other {differing[0]}", folder, "choose another folder")
