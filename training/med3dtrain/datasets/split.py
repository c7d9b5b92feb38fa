"""Which cases are learnt from and which are measured with."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from Med3DInsightLib.storage import write_whole

from .errors import DatasetError


class Subset(StrEnum):
    """What a case is for."""

    TRAINING = "train"
    VALIDATION = "validation"
    TEST = "test"


@dataclass(frozen=True)
class Split:
    """Names of the cases that are learnt from, and of those that are measured with."""

    training: tuple[str, ...]
    validation: tuple[str, ...]

    @classmethod
    def by_hash(cls, sha256_of: Mapping[str, str], share: float, folds: int = 0, fold: int = 0) -> Split:
        """The split that only the content of the images decides, given their hashes by name of the case.

        A share of the cases, at least one, is for validation; or, with folds above 1, the part number `fold`
        of so many. A case stays where it is when its file is renamed or others are reordered.

        Raises DatasetError if one subset, of any fold, would have no case, ValueError for a fold that there is not.
        """
        if folds > 1 and not 0 <= fold < folds:
            raise ValueError(f"there is no fold {fold} of {folds}")
        if len(sha256_of) < folds:
            raise DatasetError(
                f"{len(sha256_of)} cases cannot be parted into {folds} folds",
                next_step="give more cases, or fewer folds",
            )
        order = sorted(sha256_of, key=lambda name: hashlib.sha256(sha256_of[name].encode()).hexdigest())
        measured = order[fold::folds] if folds > 1 else order[: max(1, round(share * len(order)))]
        return cls._of(sha256_of, set(measured))

    @classmethod
    def read(cls, table: Path, names: Sequence[str]) -> Split:
        """The split in a CSV with the columns name and split (train or validation) for cases of these names.

        Cases of other splits, such as test, are left out. Raises DatasetError if a case is not in the table, or one
        subset has no case.
        """
        try:
            with open(table, encoding="utf-8-sig", newline="") as stream:
                stated = {row["name"]: row["split"] for row in csv.DictReader(stream)}
        except (OSError, UnicodeDecodeError, csv.Error, KeyError) as error:
            raise DatasetError(
                f"cannot be read as a split ({error})", table, "write a CSV with the columns name,split"
            ) from error
        absent = [name for name in names if name not in stated]
        if absent:
            raise DatasetError(
                f"does not say where case '{absent[0]}' belongs", table, "add it, with train or validation"
            )
        return cls.stated({name: stated[name] for name in names})

    @classmethod
    def stated(cls, subsets: Mapping[str, str]) -> Split:
        """The split that says of every case by name where it belongs; cases of other subsets are left out.

        Raises DatasetError if one subset has no case.
        """
        chosen = [name for name, subset in subsets.items() if subset in (Subset.TRAINING, Subset.VALIDATION)]
        return cls._of(chosen, {name for name in chosen if subsets[name] == Subset.VALIDATION})

    def with_share(self, share: float, seed: int) -> Split:
        """The split with only a share of the cases to learn from, at least one; seed decides which."""
        count = max(1, round(share * len(self.training)))
        order = sorted(self.training, key=lambda name: hashlib.sha256(f"{seed} {name}".encode()).hexdigest())
        kept = set(order[:count])
        return Split(tuple(name for name in self.training if name in kept), self.validation)

    def write(self, table: Path) -> None:
        """Write the CSV that read() reads."""
        text = io.StringIO(newline="")
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(["name", "split"])
        rows.writerows([name, Subset.TRAINING] for name in self.training)
        rows.writerows([name, Subset.VALIDATION] for name in self.validation)
        write_whole(table, text.getvalue().encode())

    @classmethod
    def _of(cls, names: Sequence[str] | Mapping[str, str], measured: set[str]) -> Split:
        training = tuple(sorted(name for name in names if name not in measured))
        validation = tuple(sorted(measured))
        if not training or not validation:
            raise DatasetError(
                f"{len(training)} cases are left to learn from and {len(validation)} to measure with",
                next_step="give more cases, or another split",
            )
        return cls(training, validation)
