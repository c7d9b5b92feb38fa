"""Payloads as the bodies of messages, and back."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter

_Payload = TypeVar("_Payload")


def to_body(payload: Any) -> dict[str, Any]:
    """A payload as the body of a message."""
    body: dict[str, Any] = TypeAdapter(type(payload)).dump_python(payload, mode="json")
    return body


def from_body(kind: type[_Payload], body: dict[str, Any]) -> _Payload:
    """A body as a payload; raises pydantic's ValidationError if it is not one."""
    return TypeAdapter(kind).validate_python(body)
