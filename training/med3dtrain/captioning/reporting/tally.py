"""What a captions file holds, in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

from Med3DInsightLib.captions import Caption
from Med3DInsightLib.captions.quality.text_checks import words_of


@dataclass(frozen=True)
class Figures:
    """Captions per flag, plane and source, words per caption, mean score, and tokens of those that counted them."""

    captions: int
    volumes: int
    flagged: int
    by_flag: dict[str, int]
    by_plane: dict[str, int]
    by_source: dict[str, int]
    words: dict[str, float]
    mean_score: float
    counted: int
    tokens_in: int
    tokens_out: int

    def cost(self, price_in: float, price_out: float) -> float:
        """What the tokens cost, at prices for 1000 of them."""
        return (self.tokens_in * price_in + self.tokens_out * price_out) / 1000


class Tally:
    """Adds captions up, one after the other.

    tally = Tally()
    tally.add(caption)
    tally.figures().by_flag         # {'near_duplicate': 3}
    """

    def __init__(self) -> None:
        self._flags: Counter[str] = Counter()
        self._planes: Counter[str] = Counter()
        self._sources: Counter[str] = Counter()
        self._words: Counter[int] = Counter()
        self._volumes: set[str] = set()
        self._flagged = self._counted = self._tokens_in = self._tokens_out = 0
        self._scores = 0.0

    def add(self, caption: Caption) -> None:
        """Count a caption."""
        self._volumes.add(caption.volume_hash)
        self._planes[caption.plane.value] += 1
        self._sources[" ".join(filter(None, (caption.backend, caption.model, caption.prompt)))] += 1
        self._words[len(words_of(caption.text))] += 1
        self._flags.update(flag.value for flag in caption.flags)
        self._flagged += bool(caption.flags)
        self._scores += caption.score
        if caption.tokens_in is not None or caption.tokens_out is not None:
            self._counted += 1
            self._tokens_in += caption.tokens_in or 0
            self._tokens_out += caption.tokens_out or 0

    def figures(self) -> Figures:
        """The sums so far."""
        count = self._words.total()
        return Figures(
            captions=count,
            volumes=len(self._volumes),
            flagged=self._flagged,
            by_flag=dict(self._flags.most_common()),
            by_plane=dict(self._planes.most_common()),
            by_source=dict(self._sources.most_common()),
            words=_spread(sorted(self._words.elements())),
            mean_score=round(self._scores / count, 4) if count else 0.0,
            counted=self._counted,
            tokens_in=self._tokens_in,
            tokens_out=self._tokens_out,
        )


def _spread(values: Iterable[int]) -> dict[str, float]:
    sorted_values = list(values)
    if not sorted_values:
        return {}
    middle = sorted_values[len(sorted_values) // 2]
    return {
        "least": sorted_values[0],
        "median": middle,
        "mean": round(fmean(sorted_values), 1),
        "most": sorted_values[-1],
    }
