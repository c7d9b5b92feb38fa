"""A multimodal language model behind the OpenAI chat API."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Iterator, Sequence

from ..backends.backend import PictureAnswer, PictureUnanswered
from ..backends.replying import CheckStop, Reply, Tell, go_on
from ..errors import CaptionError
from ..pictures.picture import SlicePicture
from ..prompting.prompt import Prompt
from ..record import CaptionSource
from .api_key import ApiKey
from .chat_client import ChatClient
from .chat_format import ChatAnswer, Dialect, request_body
from .consent import UploadConsent, host_of, is_loopback
from .heard_pieces import HeardPieces
from .in_flight import InFlight
from .loop_thread import told_here
from .outcome import NoAnswer, Outcome
from .patience import Patience
from .settings import ChatSettings
from .spoken_dialect import SpokenDialect


class ChatModel:
    """Shows pictures to a server such as vLLM, SGLang, llama.cpp, Ollama or a cloud service.

        settings = ChatSettings("http://127.0.0.1:8000/v1", "google/medgemma-4b-it", concurrency=16)
        model = ChatModel(settings, ShippedPrompts().find("plain"), UploadConsent())
        backend = PictureBackend(model)

    A PictureModel, and a ReplyingModel for a prompt about several pictures. A request holds the pixels of pictures,
    the prompt with their planes, positions and modality, the name of the model, and limits; no name, path or header
    of a volume. key is found with ApiKey.find(host) unless it is given.

    Raises CaptionError, before anything is sent, if consent does not allow the host (or the proxy), or if a
    key would travel unencrypted to another computer. answer() raises it for what would befall every
    picture: a refused key, an unknown model, a server that cannot be reached after all attempts. check_stop is
    called while answers are waited for; what it raises ends all requests.
    """

    def __init__(
        self,
        settings: ChatSettings,
        prompt: Prompt,
        consent: UploadConsent,
        key: ApiKey | None = None,
        check_stop: CheckStop = go_on,
    ) -> None:
        prompt.check_question()
        host = host_of(settings.url)
        consent.check(settings.url)
        if settings.proxy:
            consent.check(settings.proxy)
        self._key = ApiKey.find(host) if key is None else key
        if self._key.value and settings.url.lower().startswith("http:") and not is_loopback(host):
            raise CaptionError(
                f"the key would travel to {host} unencrypted", next_step="use https, or a tunnel from this computer"
            )
        self._settings = settings
        self._prompt = prompt
        self._check_stop = check_stop

    @property
    def source(self) -> CaptionSource:
        """The model and its revision as the settings name them, and the prompt."""
        return self._settings.source(self._prompt)

    def answer(self, pictures: Iterable[SlicePicture]) -> Iterator[PictureAnswer | PictureUnanswered]:
        """A result for every picture, as soon as it is there; at most settings.concurrency are in flight."""
        patience = Patience(self._settings.retry)
        client = ChatClient(self._settings, self._key)
        spoken = SpokenDialect()

        async def one(picture: SlicePicture) -> PictureAnswer | PictureUnanswered:
            text = self._prompt.text_for(picture)

            def ask(dialect: Dialect) -> Awaitable[Outcome]:
                settings = self._settings
                return client.ask(request_body(settings.model, text, [picture.png], settings.sampling, dialect))

            answer = await patience.answer(lambda: spoken.ask(ask))
            if isinstance(answer, ChatAnswer):
                return PictureAnswer(picture, answer.text, answer.finish, answer.tokens_in, answer.tokens_out)
            return PictureUnanswered(picture, answer.reason)

        yield from InFlight(self._settings.concurrency, one, client.close, self._check_stop).results(pictures)

    def reply(self, pictures: Sequence[SlicePicture], tell: Tell) -> Reply:
        """The answer about all pictures together, told piece by piece where the server streams.

        Raises CaptionError if there is none, or if it broke off; it is asked for again only until a piece has come.
        """
        settings = self._settings
        text, pngs = self._prompt.text_about(pictures), [picture.png for picture in pictures]
        client = ChatClient(settings, self._key)
        patience, spoken = Patience(settings.retry), SpokenDialect()

        async def ask_telling(told: Tell) -> ChatAnswer | NoAnswer:
            heard = HeardPieces(told)

            async def ask(dialect: Dialect) -> Outcome:
                body = request_body(settings.model, text, pngs, settings.sampling, dialect, stream=True)
                return heard.final(await client.ask(body, heard.hear))

            return await patience.answer(lambda: spoken.ask(ask))

        answer = told_here(ask_telling, client.close, tell, self._check_stop)
        if isinstance(answer, NoAnswer):
            raise CaptionError(answer.reason, next_step="ask again")
        return Reply(answer.text, answer.finish, answer.tokens_in, answer.tokens_out)
