"""Which server is asked, how, and how patiently."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ..inert_text import InertText
from ..prompting.prompt import Prompt
from ..prompting.sampling import Sampling
from ..record import CaptionSource


@dataclass(frozen=True)
class RetrySettings:
    """How often a picture is shown again after a failure that may pass, and how long is waited in between.

    Before attempt n the wait is drawn at random between half and the whole of first_wait_s * 2 ** (n - 1),
    longest_wait_s at most. A server that asks for more than longest_retry_after_s ends the job: it is
    taken up again later by the same command. Raises ValueError for what cannot be.
    """

    attempts: int = 6
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    longest_retry_after_s: float = 300.0

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError(f"{self.attempts} attempts are none")
        if not (0 <= self.first_wait_s <= self.longest_wait_s and self.longest_retry_after_s >= 0):
            raise ValueError("the waits are in seconds: the first, and the longest, which is not shorter")


@dataclass(frozen=True)
class ChatSettings:
    """A server, one of its models, and the limits of a request.

        ChatSettings("http://127.0.0.1:8000/v1", "google/medgemma-4b-it", concurrency=16)

    url is what comes before /chat/completions. revision is remembered in the captions; a server does not
    tell it reliably. concurrency is how many pictures are in flight at most. timeout_s is for one attempt as
    a whole, connect_timeout_s for its beginning. An answer of more than most_bytes is refused while it
    arrives. ca_file is a PEM file of certificates to trust in place of the computer's own; proxy is the only
    proxy that is used: the environment's are not. Raises ValueError for what cannot be.
    """

    url: str
    model: str
    revision: str = ""
    concurrency: int = 8
    sampling: Sampling = field(default_factory=Sampling)
    retry: RetrySettings = field(default_factory=RetrySettings)
    timeout_s: float = 300.0
    connect_timeout_s: float = 10.0
    most_bytes: int = 4_000_000
    ca_file: Path | None = None
    proxy: str = ""

    def __post_init__(self) -> None:
        if not self.model.strip():
            raise ValueError("no model is named")
        if self.concurrency < 1:
            raise ValueError(f"a concurrency of {self.concurrency} asks nothing")
        if not (self.timeout_s > 0 and self.connect_timeout_s > 0 and self.most_bytes > 0):
            raise ValueError("time-outs and sizes are above 0")

    def source(self, prompt: Prompt) -> CaptionSource:
        """Who writes captions with these settings and this prompt; nobody is asked."""
        names = (self.model, self.revision, self.sampling.told_with(prompt.name))
        return CaptionSource("openai", *(InertText.of(name).text for name in names))
