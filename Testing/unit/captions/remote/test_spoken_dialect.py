"""A server that refuses an entry of requests is asked without it, and without it only from then on."""

from __future__ import annotations

import json

import pytest

from Med3DInsightLib.captions.backends import PictureAnswer, PictureUnanswered
from Med3DInsightLib.captions.prompting import Sampling

from .fault_server import FaultServer, healthy
from .parts import answers_to, some_pictures

OLD, NEW = "max_tokens", "max_completion_tokens"
UNSUPPORTED = f"Unsupported parameter: '{OLD}' is not supported with this model. Use '{NEW}' instead."
TOO_LARGE = f"'{OLD}' or '{NEW}' is too large: 64. This model's maximum context length is 32 tokens."


def refusing(message, *names):
    """Answers requests with one of these entries by 400, and all others well."""

    def behave(exchange):
        if set(names) & exchange.request.keys():
            exchange.say(json.dumps({"error": {"message": message, "param": names[0]}}).encode(), 400)
        else:
            healthy(exchange)

    return behave


def names_in(server):
    return [[name for name in (OLD, NEW) if name in exchange.request] for exchange in server.exchanges]


def test_the_other_name_is_kept_for_the_rest_of_the_run():
    with FaultServer([refusing(UNSUPPORTED, OLD)]) as server:
        answers = answers_to(server, some_pictures(4))
        assert names_in(server) == [[OLD], [NEW], [NEW], [NEW], [NEW]]
        assert {exchange.request[NEW] for exchange in server.exchanges[1:]} == {64}
    assert all(isinstance(each, PictureAnswer) for each in answers)


def test_pictures_in_flight_meanwhile_get_their_answers_too():
    with FaultServer([refusing(UNSUPPORTED, OLD)], latency_s=0.02) as server:
        answers = answers_to(server, some_pictures(12), concurrency=4)
        assert names_in(server).count([OLD]) <= 4
        assert server.most_at_once <= 4
    assert all(isinstance(each, PictureAnswer) for each in answers)


@pytest.mark.parametrize("message", [TOO_LARGE, UNSUPPORTED])
def test_who_refuses_both_names_is_asked_with_the_common_one_again(message):
    with FaultServer([refusing(message, OLD, NEW), refusing(message, OLD, NEW), healthy]) as server:
        refused, answered = answers_to(server, some_pictures(2))
        assert names_in(server) == [[OLD], [NEW], [OLD]]
    assert isinstance(refused, PictureUnanswered)
    assert OLD in refused.reason
    assert isinstance(answered, PictureAnswer)


def test_a_failure_that_may_pass_is_asked_again_by_either_name():
    def busy(exchange):
        exchange.say(b"{}", 503)

    refuse = refusing(UNSUPPORTED, OLD)
    with FaultServer([refuse, busy, refuse]) as server:
        (answer,) = answers_to(server)
        assert names_in(server) == [[OLD], [NEW], [OLD], [NEW]]
    assert isinstance(answer, PictureAnswer)


def test_another_refusal_is_no_reason_to_ask_again():
    with FaultServer([refusing("The picture is too small", OLD)]) as server:
        (answer,) = answers_to(server)
        assert names_in(server) == [[OLD]]
    assert "too small" in answer.reason


COLD = "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported."


def test_a_model_that_takes_no_temperature_is_asked_without_one():
    with FaultServer([refusing(COLD, "temperature")]) as server:
        answers = answers_to(server, some_pictures(3))
        assert ["temperature" in exchange.request for exchange in server.exchanges] == [True, False, False, False]
    assert all(isinstance(each, PictureAnswer) for each in answers)


def test_a_model_that_takes_neither_is_asked_without_both():
    def behave(exchange):
        refused = UNSUPPORTED if OLD in exchange.request else COLD if "temperature" in exchange.request else ""
        refusing(refused, OLD, "temperature")(exchange) if refused else healthy(exchange)

    with FaultServer([behave]) as server:
        answers = answers_to(server, some_pictures(3))
        assert names_in(server) == [[OLD], [NEW], [NEW], [NEW], [NEW]]
        assert ["temperature" in exchange.request for exchange in server.exchanges] == [True, True, False, False, False]
    assert all(isinstance(each, PictureAnswer) for each in answers)


def test_how_words_are_drawn_is_left_out_as_a_whole():
    drawn = Sampling(64, temperature=0.7, top_p=0.9, seed=3)
    with FaultServer([refusing("Unsupported parameter: 'top_p'", "top_p")]) as server:
        (answer,) = answers_to(server, sampling=drawn)
        first, second = (exchange.request for exchange in server.exchanges)
    assert {"temperature", "top_p", "seed"} <= first.keys()
    assert not {"temperature", "top_p", "seed"} & second.keys()
    assert isinstance(answer, PictureAnswer)


def test_who_refuses_without_a_temperature_too_is_told_as_at_first():
    def always(exchange):
        exchange.say(json.dumps({"error": {"message": COLD}}).encode(), 400)

    with FaultServer([always]) as server:
        (answer,) = answers_to(server)
        assert len(server.exchanges) == 2
    assert isinstance(answer, PictureUnanswered)
    assert "temperature" in answer.reason
