"""Prompts as files that people can read, change and compare."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from ..errors import CaptionError
from ..inert_text import InertText
from .prompt import AnswerForm, Prompt

_TYPES = {"id": str, "version": int, "text": str, "title": str, "answer": str}
_REQUIRED = ("id", "version", "text")
_MOST_BYTES = 200_000


def read_prompt(path: Path) -> Prompt:
    """The prompt of a TOML file with the entries id, version, text and, optionally, title and answer.

    Raises CaptionError, naming the file and the entry, for anything else.
    """
    entries = _entries(path)
    try:
        form = AnswerForm(entries.get("answer", AnswerForm.TEXT))
    except ValueError as error:
        raise CaptionError(f"answer is '{entries['answer']}', not text or json", path) from error
    text, title = (InertText.of(entries.get(name, ""), _MOST_BYTES).text.strip() for name in ("text", "title"))
    try:
        return Prompt(entries["id"], entries["version"], text, title, form)
    except CaptionError as error:
        raise CaptionError(error.cause, path, error.next_step) from error


def _entries(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise CaptionError(f"is larger than {_MOST_BYTES} bytes, too large for a prompt", path)
        entries = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CaptionError(f"the prompt cannot be read ({error.strerror or error})", path) from error
    except (ValueError, RecursionError) as error:
        raise CaptionError(f"is not a readable TOML file ({error})", path) from error
    for name, value in entries.items():
        if name not in _TYPES:
            raise CaptionError(f"has an unknown entry '{name}'", path, f"use {', '.join(_TYPES)}")
        if type(value) is not _TYPES[name]:
            raise CaptionError(f"{name} is not of type {_TYPES[name].__name__}", path)
    for name in _REQUIRED:
        if name not in entries:
            raise CaptionError(f"has no {name}", path, f"write a line {name} = VALUE")
    return entries
