"""Pictures and models that the tests of remote models share."""

from __future__ import annotations

from itertools import cycle, islice

from Med3DInsightLib.captions.backends.replying import go_on
from Med3DInsightLib.captions.prompting import Sampling, ShippedPrompts
from Med3DInsightLib.captions.remote import ApiKey, ChatModel, ChatSettings, RetrySettings, UploadConsent
from Med3DInsightLib.volumes import Plane, slices_of

from ..parts import a_subject

QUICK = RetrySettings(attempts=3, first_wait_s=0.01, longest_wait_s=0.02)


def some_pictures(count=1):
    subject = a_subject(with_labels=False, volume_id="Jane Doe 1970")
    places = slices_of(subject.volume.grid, Plane.AXIAL)
    pictures = [subject.picture(place) for place in places[:: max(1, len(places) // count)][:count]]
    # A picture is known by its identity, so that each of them is drawn anew.
    return pictures if len(pictures) == count else [subject.picture(place) for place in islice(cycle(places), count)]


def a_model(url, consent=None, key=None, prompt=None, check_stop=go_on, **settings):
    """A model that gives up soon."""
    chosen = {"concurrency": 1, "retry": QUICK, "timeout_s": 5.0, "sampling": Sampling(most_tokens=64), **settings}
    return ChatModel(
        ChatSettings(url, "tiny", **chosen),
        prompt or ShippedPrompts().find("plain"),
        consent or UploadConsent(),
        key or ApiKey(),
        check_stop,
    )


def answers_to(server, pictures=None, **settings):
    return list(a_model(server.url, **settings).answer(pictures or some_pictures()))
