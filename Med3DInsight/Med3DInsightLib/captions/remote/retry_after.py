"""How long to wait before asking again."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from .settings import RetrySettings


def retry_after_s(header: str, now: datetime | None = None) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or as a date; None if it says nothing.

    RFC 9110, section 10.2.3.
    """
    text = header.strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def wait_s(failures: int, settings: RetrySettings, chance: random.Random) -> float:
    """The seconds to wait after so many failures: doubled with each, and drawn from the upper half.

    Many clients that failed together would come back together without the draw.
    """
    longest = min(settings.longest_wait_s, settings.first_wait_s * 2.0 ** min(failures - 1, 60))
    return longest * chance.uniform(0.5, 1.0)
