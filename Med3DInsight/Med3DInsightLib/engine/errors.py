"""What a client is told when a request fails."""

from __future__ import annotations

from enum import StrEnum

from pydantic import ValidationError

from ..errors import UserError


class ErrorCode(StrEnum):
    """Why a request failed."""

    CANCELLED = "cancelled"
    INPUT = "input"
    MODEL = "model"
    MEMORY = "memory"
    REFUSED = "refused"
    INTERNAL = "internal"
    DIED = "died"
    SILENT = "silent"
    PROTOCOL = "protocol"
    TIMEOUT = "timeout"
    START = "start"


class EngineError(UserError):
    """A request failed; code says why, the message what and what to do next."""

    def __init__(self, code: ErrorCode, cause: str, next_step: str = "") -> None:
        super().__init__(cause, next_step=next_step)
        self.code = code


def failure_of(error: BaseException) -> tuple[ErrorCode, str, str]:
    """Code, cause and next step for a request that could not be written or an answer that could not be read."""
    if isinstance(error, UserError):
        cause = f"{error.path}: {error.cause}" if error.path is not None else error.cause
        return ErrorCode.INPUT, cause, error.next_step
    if isinstance(error, ValidationError):
        return ErrorCode.PROTOCOL, f"the answer is not valid ({error.errors()[0]['msg']})", "update Med3DInsight"
    return ErrorCode.INTERNAL, f"unexpected {type(error).__name__}: {error}", "see the log"
