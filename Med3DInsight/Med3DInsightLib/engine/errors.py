"""What a client is told when a request fails."""

from __future__ import annotations

from enum import StrEnum

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
