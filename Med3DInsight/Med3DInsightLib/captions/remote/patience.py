"""Asking until there is an answer, or no point in going on."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from ..errors import CaptionError
from .chat_format import ChatAnswer
from .outcome import Hopeless, NoAnswer, Outcome, TryAgain
from .retry_after import wait_s
from .settings import RetrySettings


class Patience:
    """Repeats attempts that may succeed later; shared by all pictures that are in flight to a server.

        patience = Patience(RetrySettings())
        answer = await patience.answer(lambda: server.ask(body))    # ChatAnswer or NoAnswer

    When a server asks for a wait, nobody asks it before that is over: a rate limit is for all requests
    together. Raises CaptionError for what would befall every picture.
    """

    def __init__(self, settings: RetrySettings, chance: random.Random | None = None) -> None:
        self._settings = settings
        self._chance = chance or random.Random()  # noqa: S311 - it spreads waits, and keeps no secret
        self._quiet_until = 0.0

    async def answer(self, ask: Callable[[], Awaitable[Outcome]]) -> ChatAnswer | NoAnswer:
        """The first outcome that is final."""
        failures = 0
        while True:
            await self._until_it_may_be_asked()
            outcome = await ask()
            match outcome:
                case ChatAnswer() | NoAnswer():
                    return outcome
                case Hopeless(error):
                    raise error
            failures += 1
            if failures >= self._settings.attempts:
                return self._given_up(outcome, failures)
            await self._wait_after(outcome, failures)

    async def _until_it_may_be_asked(self) -> None:
        while (left := self._quiet_until - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(left)

    async def _wait_after(self, outcome: TryAgain, failures: int) -> None:
        asked = outcome.retry_after_s
        if asked is not None:
            if asked > self._settings.longest_retry_after_s:
                cause = f"{outcome.reason}, and asks to wait for {asked:.0f} s"
                raise CaptionError(cause, next_step="run the same command again then; it goes on where it stopped")
            self._quiet_until = max(self._quiet_until, asyncio.get_running_loop().time() + asked)
        await asyncio.sleep(wait_s(failures, self._settings, self._chance))

    @staticmethod
    def _given_up(outcome: TryAgain, failures: int) -> NoAnswer:
        reason = f"{outcome.reason} ({failures} attempts)"
        if outcome.befalls_all:
            raise CaptionError(reason, next_step="check the server, and run the same command again to go on")
        return NoAnswer(reason)
