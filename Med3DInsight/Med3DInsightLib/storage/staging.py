"""Files that appear together when all of them are finished."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import OutputError, output_error
from .whole_files import sync
from .write_lock import sole_writer

_PREFIX = ".unfinished-"
_REPLACED = "replaced"
_LOCK = ".unfinished.lock"
_LOCK_SECONDS = 60.0
"""Files are moved under the lock, not written; who holds it for longer has a disk that does not answer."""


@contextmanager
def staged_files(folder: Path, names: Sequence[str], overwrite: bool = False) -> Iterator[Path]:
    """A private folder inside folder; what is in it under names moves into folder at the end.

        with staged_files(out, ["labels.nii.gz", "result.json"]) as staging:
            write_volume(labels, staging / "labels.nii.gz")
            ...

    Entering it before the work starts tells at once whether folder can be written. If the block
    raises, nothing in folder has changed. The last name is moved last: it marks a complete result. Of several
    runs into the same folder the first one to end wins; with overwrite the last, and files are never mixed.

    Raises OutputError if folder cannot be written, is full, or holds one of names and overwrite is
    not set, at the start or, by another run, at the end. An OSError of the block that names a file elsewhere is passed
    on.
    """
    existed = folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
    except OSError as error:
        raise output_error(error, folder) from error
    try:
        _refuse_existing(folder, names, overwrite)
        yield staging
        for name in names:
            sync(staging / name)
        with _one_at_a_time(folder):
            _refuse_existing(folder, names, overwrite)  # again, as another run may have been faster
            _publish(staging, folder, names)
    except OSError as error:
        if _is_about_another_place(error, folder):
            raise
        raise output_error(error, folder) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        if not existed:
            with suppress(OSError):  # it is not empty, or another run has removed it
                folder.rmdir()


@contextmanager
def staged_or_nowhere(folder: Path | None, names: Sequence[str], overwrite: bool = False) -> Iterator[Path | None]:
    """staged_files() where a folder was given; None where nothing is to be written."""
    if folder is None:
        yield None
        return
    with staged_files(folder, names, overwrite) as staging:
        yield staging


def remove_unfinished(folder: Path) -> None:
    """Remove what killed runs left in folder; only for one who knows that no other run is writing there."""
    with suppress(OSError):
        (folder / _LOCK).unlink()
    for staging in folder.glob(f"{_PREFIX}*"):
        shutil.rmtree(staging, ignore_errors=True)


def was_killed_while_publishing(folder: Path) -> bool:
    """Whether folder holds some files of a result only because a run was killed while they appeared."""
    return any(folder.glob(f"{_PREFIX}*/{_REPLACED}"))


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Let no other run change folder meanwhile; raises OutputError if one does for too long."""
    occupied = OutputError("another run is writing into this folder", folder, "wait for it and try again")
    with sole_writer(folder / _LOCK, occupied, lambda error: output_error(error, folder), _LOCK_SECONDS):
        try:
            yield
        finally:
            # Removed while it is held, so that those who wait for it see that it is gone and make another one.
            with suppress(OSError):  # Windows removes no file that is open; there its holder does when it lets go
                (folder / _LOCK).unlink()


def _publish(staging: Path, folder: Path, names: Sequence[str]) -> None:
    """Move names from staging to folder; an exception in between puts everything back."""
    replaced = staging / _REPLACED
    replaced.mkdir()
    try:
        # The mark of completeness goes first and comes last, so that even a kill in between shows.
        for name in reversed(names):
            if (folder / name).exists():
                (folder / name).replace(replaced / name)
        for name in names:
            (staging / name).replace(folder / name)
    except BaseException:
        for name in names:
            if (replaced / name).exists():
                (replaced / name).replace(folder / name)
            elif not (staging / name).exists():
                (folder / name).unlink(missing_ok=True)
        raise


def _is_about_another_place(error: OSError, folder: Path) -> bool:
    """Whether error names a file that is not in folder; one of a disk that is full names none."""
    named = error.filename
    return isinstance(named, str) and not Path(named).absolute().is_relative_to(folder.absolute())


def _refuse_existing(folder: Path, names: Sequence[str], overwrite: bool) -> None:
    existing = [name for name in names if (folder / name).exists()]
    if existing and not overwrite:
        raise OutputError(
            f"the folder already holds {', '.join(existing)}",
            folder,
            "choose another folder, or allow overwriting (--overwrite)",
        )
