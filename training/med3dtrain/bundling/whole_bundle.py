"""A bundle of which everything was checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from safetensors import safe_open

from Med3DInsightLib.bundles import Bundle, BundleError
from Med3DInsightLib.bundles.bundle import CARD_FILE, WEIGHTS_FILE
from Med3DInsightLib.bundles.vocabulary import VOCABULARY_FILE, Vocabulary
from Med3DInsightLib.networks.factory import load_network

FILES = (WEIGHTS_FILE, VOCABULARY_FILE, CARD_FILE)
"""What a bundle may hold; the card, which names the hashes of the others, comes last."""


@dataclass(frozen=True)
class WholeBundle:
    """A bundle whose files are all there, belong together and are nothing else.

        whole = WholeBundle.open(Path("runs/liver/liver"))
        whole.describe()        # lines for a terminal

    parameters counts weights, dtypes are those they are stored in.
    """

    bundle: Bundle
    vocabulary: Vocabulary | None
    parameters: int
    dtypes: tuple[str, ...]

    @classmethod
    def open(cls, folder: Path) -> WholeBundle:
        """Check hashes, names and shapes of weights, their values, the vocabulary, and what else is in the folder.

        Raises BundleError for the first thing that is wrong.
        """
        bundle = Bundle.open(folder)
        _refuse_strangers(folder)
        network = load_network(bundle)
        with safe_open(bundle.weights_path, framework="pt") as stream:
            dtypes = {str(stream.get_slice(name).get_dtype()) for name in stream.keys()}  # noqa: SIM118
        return cls(bundle, Vocabulary.of(bundle), sum(p.numel() for p in network.parameters()), tuple(sorted(dtypes)))

    @property
    def files(self) -> tuple[str, ...]:
        """The names of its files, the card last."""
        return tuple(name for name in FILES if (self.bundle.folder / name).is_file())

    def describe(self) -> list[str]:
        """What the card says, and what is in the files."""
        card = self.bundle.card
        architecture = card.architecture
        size_mb = sum((self.bundle.folder / name).stat().st_size for name in self.files) / 1e6
        lines = [
            f"{card.name} {card.version}: {card.title}",
            card.description,
            f"head: {architecture.head}; backbone: {architecture.backbone}; members: {architecture.members}",
            f"images: {', '.join(card.modalities)}",
            f"{self.parameters:,} weights as {', '.join(self.dtypes)}, {size_mb:.1f} MB",
            f"licence: {card.licence}",
            f"trained on: {card.trained_on}",
        ]
        lines += _listed("segments", [f"{each.label_value} {each.name}" for each in card.segments])
        lines += _listed("classes", card.class_names)
        if card.teacher:
            phrases = f", {len(self.vocabulary.phrases)} phrases" if self.vocabulary else ""
            lines.append(f"teacher: {card.teacher}{phrases}")
        lines += [f"{each.measure}: {each.value:g} ({each.dataset})" for each in card.results]
        return [
            *lines,
            *(f"note: {each}" for each in card.observations),
            f"sha256 of the weights: {card.weights_sha256}",
        ]


def _listed(name: str, entries: Sequence[str]) -> list[str]:
    return [f"{name}: {', '.join(entries)}"] if entries else []


def _refuse_strangers(folder: Path) -> None:
    for entry in sorted(folder.iterdir()):
        if entry.is_symlink():
            raise BundleError("is a link, and a bundle holds files only", entry, "copy the file itself")
        if entry.name not in FILES:
            raise BundleError("does not belong into a bundle", entry, f"remove it; a bundle holds {', '.join(FILES)}")
