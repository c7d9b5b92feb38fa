"""What a server wants requests to say, and not to say."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from .chat_format import ChatAnswer, Dialect
from .outcome import NoAnswer, Outcome


class SpokenDialect:
    """Asks as every server of this API knows it, and in another dialect where that is refused.

        spoken = SpokenDialect()
        outcome = await spoken.ask(lambda dialect: server.ask(request_body(..., dialect)))

    Newer servers refuse max_tokens, and models that think before they answer refuse a temperature, with a 400 that
    names it. It is asked again at once without what was named, and what was answered is kept for all later requests:
    a limit that is refused because it is too high is refused by every name.
    """

    def __init__(self) -> None:
        self._dialect = Dialect()

    async def ask(self, ask: Callable[[Dialect], Awaitable[Outcome]]) -> Outcome:
        """What comes of asking."""
        dialect: Dialect | None = self._dialect
        outcomes: list[Outcome] = []
        while dialect is not None:
            outcome = await ask(dialect)
            outcomes.append(outcome)
            if isinstance(outcome, ChatAnswer):
                self._dialect = dialect
            dialect = dialect.without(outcome.named) if isinstance(outcome, NoAnswer) else None
        return outcomes[0] if isinstance(outcomes[-1], NoAnswer) else outcomes[-1]
