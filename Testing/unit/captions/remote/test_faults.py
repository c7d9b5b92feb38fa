"""Whatever a server does, a picture gets its answer, or one clear line, or the job one clear error."""

from __future__ import annotations

from Med3DInsightLib.captions import Finish, PictureAnswer

from .fault_server import FaultServer
from .parts import answers_to, some_pictures


def test_an_answer_comes_back_with_its_picture_its_finish_and_its_tokens():
    pictures = some_pictures(3)
    with FaultServer() as server:
        answers = answers_to(server, pictures)
    assert [answer.picture for answer in answers] == pictures
    assert answers[0] == answers[0]
    for answer in answers:
        assert isinstance(answer, PictureAnswer)
        assert answer.text == "Axial CT slice of the liver."
        assert (answer.finish, answer.tokens_in, answer.tokens_out) == (Finish.COMPLETE, 300, 7)
