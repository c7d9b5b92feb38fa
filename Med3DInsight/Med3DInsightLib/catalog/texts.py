"""Kinds of text that a catalogue may hold, checked when it is read."""

from __future__ import annotations

import re
from pathlib import PurePosixPath, PureWindowsPath
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789")}
_LONGEST = 4000


def model_name(name: str) -> str:
    """The name, if it is safe as the name of a folder on every system; raises ValueError if not.

    Letters, digits, dot, hyphen and underscore; no separator, no dot at either end, no device of Windows
    (https://learn.microsoft.com/windows/win32/fileio/naming-a-file).
    """
    if not _NAME.fullmatch(name) or name.endswith(".") or name.lower().split(".")[0] in _DEVICES:
        raise ValueError(f"'{name[:100]}' cannot be the name of a model, which is also the name of its folder")
    return name


def printable(text: str) -> str:
    """The text, if it is one line that a terminal shows as it is; raises ValueError if not."""
    if not text.strip() or not text.isprintable():
        raise ValueError("is empty, or holds signs that cannot be printed")
    return text


def inner_folder(folder: str) -> str:
    """The path of a folder within a repository, with slashes, if it stays there; raises ValueError if not."""
    parts = PurePosixPath(folder).parts
    if not re.fullmatch(r"[A-Za-z0-9._/-]*", folder) or folder.startswith("/") or ".." in parts:
        raise ValueError(f"'{folder[:100]}' is no folder within a repository")
    return "/".join(parts)


def is_absolute(folder: str) -> bool:
    """Whether a path is absolute on this system or any other, such as a share of Windows."""
    return PurePosixPath(folder).is_absolute() or bool(PureWindowsPath(folder).anchor)


ModelName = Annotated[str, AfterValidator(model_name)]
Line = Annotated[str, StringConstraints(max_length=_LONGEST), AfterValidator(printable)]
InnerFolder = Annotated[str, AfterValidator(inner_folder)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Commit = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]
Repository = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}$")
]
WebAddress = Annotated[str, StringConstraints(max_length=_LONGEST, pattern=r"^https?://[^/?#@\s\\]+(/[^?#@\s\\]*)?$")]
"""An http or https address without user, query or fragment."""
