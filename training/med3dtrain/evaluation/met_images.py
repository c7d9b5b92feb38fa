"""Which cases of a test set are none, because the model knows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from Med3DInsightLib.bundles import ModelCard

_MOST_NAMED = 5


@dataclass(frozen=True)
class MetImages:
    """The titles of cases whose images the card of a model counts among those of its training.

    learnt_cases are those it learnt from; chosen_cases those that decided when training stopped, and calibrated it.
    """

    learnt_cases: tuple[str, ...]
    chosen_cases: tuple[str, ...]

    @classmethod
    def of(cls, card: ModelCard, hashes: Iterable[tuple[str, str]]) -> MetImages:
        """Find them by the SHA-256 hashes of images; hashes has pairs of the title of a case and its hash."""
        pairs = list(hashes)
        sides = (set(card.learnt_from), set(card.measured_with))
        learnt, chosen = (tuple(name for name, sha256 in pairs if sha256 in side) for side in sides)
        return cls(learnt, chosen)

    def warnings(self, title: str, cases: int) -> Iterator[str]:
        """One line for each kind of such cases there are, among so many cases."""
        for names, told in (
            (self.learnt_cases, "learnt from"),
            (self.chosen_cases, "was chosen with"),
        ):
            if names:
                listed = ", ".join(names[:_MOST_NAMED]) + (", ..." if len(names) > _MOST_NAMED else "")
                yield (
                    f"{title} {told} {len(names)} of the {cases} images ({listed}): its figures are better than they "
                    "will be with new patients; leave these cases out"
                )
