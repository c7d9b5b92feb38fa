"""The captions file of a volume, which a command that was stopped goes on with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..captions import Caption, volume_hash
from ..captions.files import CaptionsFile
from ..volumes import Volume


class KeptCaptions:
    """Keeps each caption as soon as there is one, and each slice of a source once; see CaptionsFile.

    with KeptCaptions.open(Path("captions.jsonl"), volume) as kept:
        described = service.describe(replace(request, described=kept.captions), volume, tell=kept.add)
        kept.finish(described.captions)
    """

    def __init__(self, file: CaptionsFile, captions: tuple[Caption, ...]) -> None:
        self.captions = captions
        """Those of the volume that were in the file when it was opened."""
        self._file = file

    @classmethod
    @contextmanager
    def open(cls, path: Path, volume: Volume, anew: bool = False) -> Iterator[KeptCaptions]:
        """Make the file, or continue the one that is there unless anew is set; one that stays empty is removed.

        With anew, the earlier file is there again if nothing was written. Raises CaptionError if another job writes to
        it, it cannot be written, or it is no captions file.
        """
        identity, found = volume_hash(volume), list[Caption]()
        earlier = path.with_name(f".{path.name}.earlier")
        with CaptionsFile.open(path, broken=lambda error: None):
            pass  # nobody else is writing to it, and it is no other kind of file
        _keep_one(path, earlier)  # of the two that a run leaves behind when it is killed
        if anew and path.is_file():
            path.replace(earlier)
        try:
            with CaptionsFile.open(path, found=found.append) as file:
                yield cls(file, tuple(caption for caption in found if caption.volume_hash == identity))
        finally:
            _keep_one(path, earlier)

    def add(self, caption: Caption) -> None:
        """Wait until a new caption is on the disk; finish() replaces one of its slice and source by it."""
        if caption.key not in self._file.keys:
            self._file.append([caption])

    def finish(self, captions: Iterable[Caption]) -> None:
        """Give captions that were kept the texts, and the flags, that are known at the end only."""
        final = {caption.key: caption for caption in captions}
        self._file.finish(lambda caption: final.get(caption.key, caption))


def _keep_one(path: Path, earlier: Path) -> None:
    """Keep the file if there is something in it, or else what was there before it."""
    if path.is_file() and not path.stat().st_size:
        path.unlink()
    if path.is_file():
        earlier.unlink(missing_ok=True)
    elif earlier.is_file():
        earlier.replace(path)
