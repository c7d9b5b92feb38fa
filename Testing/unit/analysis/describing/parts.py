"""Requests and servers that tests of describing and asking share."""

from __future__ import annotations

from Testing.unit.captions.remote.test_streamed_answers import HEALTHY, ending, streaming

from Med3DInsightLib.analysis.describing.backend_choice import ChatServer
from Med3DInsightLib.analysis.describing.requests import AskRequest, DescribeRequest
from Med3DInsightLib.analysis.describing.slices_asked import ListedSlices, SliceIndex
from Med3DInsightLib.volumes import Plane

TWO = ListedSlices((SliceIndex(Plane.SAGITTAL, 40), SliceIndex(Plane.AXIAL, 12)))
ANSWER = "The liver is in picture 2."
answers_in_pieces = streaming(*HEALTHY, and_then=ending)


def chat_server(server, **changes):
    """The choice of a server on this computer, which the user has allowed."""
    usual = {"url": server.url, "model": "tiny", "allowed_hosts": ("127.0.0.1",), "attempts": 1, "timeout_s": 30.0}
    return ChatServer(**{**usual, **changes})


def ask_request(backend, slices=TWO, **changes):
    return AskRequest(**{"question": "Is the liver there?", "backend": backend, "slices": slices, **changes})


def describe_request(backend, slices=TWO, **changes):
    return DescribeRequest(backend, slices, **{"volume_id": "trunk", **changes})
