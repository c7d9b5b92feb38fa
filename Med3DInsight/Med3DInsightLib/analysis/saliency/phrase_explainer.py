"""What speaks for a phrase in a slice."""

from __future__ import annotations

from ...errors import UserError
from ...volumes import Plane, Volume, slice_of
from ..computing.progress import Cancellation, ProgressCallback, ProgressTracker
from ..slices.phrases import Phrase
from ..slices.reader import SliceReader
from .phrase_occlusion import phrase_drops
from .saliency_map import SaliencyMap

PREPARING, HIDING = "preparing", "hiding"


class PhraseExplainer:
    """Shows which parts of a volume make a slice look like a phrase.

    saliency = PhraseExplainer(reader).occlude(volume, Plane.AXIAL, 80, phrase_of(bundle, "a kidney"))
    saliency.on_grid(volume.grid)
    """

    def __init__(self, reader: SliceReader) -> None:
        self._reader = reader

    def occlude(
        self,
        volume: Volume,
        plane: Plane,
        index: int,
        phrase: Phrase,
        cube_tokens: int = 1,
        progress: ProgressCallback | None = None,
        cancel: Cancellation | None = None,
    ) -> SaliencyMap:
        """How much the cosine of slice and phrase drops when cubes are hidden; see phrase_drops().

        cube_tokens is the side of a cube in tokens of the finest level that is attended; 0 leaves it to usual_cube().
        cancel is looked at between cubes. Raises VolumeError as SliceReader.read() does and if there is no such
        slice, UserError for a negative number of tokens, AnalysisCancelled if cancel was set.
        """
        network, device = self._reader.network, self._reader.device
        if cube_tokens < 0:
            raise UserError(f"cubes of {cube_tokens} tokens cannot be hidden", next_step="choose 0 or more")
        tracker = ProgressTracker({PREPARING: 0.05, HIDING: 0.95}, progress, cancel)
        tracker.report(PREPARING, 0, 1)
        place = slice_of(volume.grid, plane, index)
        drops, cells = phrase_drops(
            network,
            self._reader.windows_of(volume),
            place,
            phrase.embedding,
            network.psat.tokens.strides[0] * cube_tokens,
            device,
            lambda done, of: tracker.report(HIDING, done, of),
        )
        return SaliencyMap(phrase.text, drops, cells)
