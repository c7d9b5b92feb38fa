"""A server is asked again after a while, and not before it wants to be."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from Med3DInsightLib.captions.remote import RetrySettings
from Med3DInsightLib.captions.remote.retry_after import retry_after_s, wait_s

from .fault_server import FaultServer, healthy
from .parts import QUICK, answers_to, some_pictures


def test_the_wait_that_a_server_asks_for_is_kept_by_all_requests():
    def takes_a_while(exchange):
        time.sleep(0.1)
        healthy(exchange)

    def in_a_second(exchange):
        exchange.say(b"{}", 429, headers=["Retry-After: 1"])

    def at_a_time(exchange):
        # A date has whole seconds, so this is one to two seconds from now.
        date = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
        exchange.say(b"{}", 429, headers=[f"Retry-After: {date}"])

    for asks_to_wait in (in_a_second, at_a_time):
        with FaultServer([asks_to_wait, takes_a_while]) as server:
            answers = answers_to(server, some_pictures(6), concurrency=2)
            first, _, *others = server.times
        assert len(answers) == 6
        assert min(others) - first > 0.9


def test_waits_grow_and_are_not_the_same_for_all():
    settings = RetrySettings(first_wait_s=1, longest_wait_s=30)
    waits = {n: [wait_s(n, settings, random.Random(seed)) for seed in range(50)] for n in (1, 2, 3, 9, 999)}
    for failures, longest in {1: 1, 2: 2, 3: 4, 9: 30, 999: 30}.items():
        assert longest / 2 <= min(waits[failures]) < max(waits[failures]) <= longest
        assert len(set(waits[failures])) == 50


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3.0),
        ("0.5", 0.5),
        ("-4", 0.0),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("Fri, 27 Nov 2026 18:00:10 GMT", 10.0),
        ("Fri, 27 Nov 2026 17:00:00 GMT", 0.0),
    ],
)
def test_a_retry_after_header_is_a_number_or_a_date(header, seconds):
    assert retry_after_s(header, datetime(2026, 11, 27, 18, tzinfo=UTC)) == seconds


def test_retries_are_settings_that_can_be():
    for wrong in ({"attempts": 0}, {"first_wait_s": -1}, {"first_wait_s": 9, "longest_wait_s": 2}):
        with pytest.raises(ValueError, match="attempts|waits"):
            RetrySettings(**wrong)
    assert QUICK.attempts == 3
