"""What a server wants the longest answer to be called."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from .chat_format import ChatAnswer, LimitName
from .outcome import NoAnswer, Outcome


class AnswerLimit:
    """Asks with max_tokens, which every server of this API knows, and with its successor where it is refused.

        limit = AnswerLimit()
        outcome = await limit.ask(lambda name: server.ask(request_body(..., name)))

    Newer servers refuse max_tokens with a 400 that names it. The other name is then tried at once, and kept for
    all later requests if it was answered: a limit that is refused because it is too high is refused by both names.
    """

    def __init__(self) -> None:
        self._name = LimitName.MAX_TOKENS

    async def ask(self, ask: Callable[[LimitName], Awaitable[Outcome]]) -> Outcome:
        """What comes of asking."""
        outcome = await ask(self._name)
        if self._name != LimitName.MAX_TOKENS or not (isinstance(outcome, NoAnswer) and outcome.names_max_tokens):
            return outcome
        other = await ask(LimitName.MAX_COMPLETION_TOKENS)
        if isinstance(other, ChatAnswer):
            self._name = LimitName.MAX_COMPLETION_TOKENS
        return outcome if isinstance(other, NoAnswer) else other
