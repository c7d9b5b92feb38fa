"""Which label map belongs to a volume."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from Med3DInsightLib.batch.case_search import CaseSearch
from Med3DInsightLib.captions import CaptionError
from Med3DInsightLib.captions.label_maps.label_names import read_label_names
from Med3DInsightLib.errors import UserError
from Med3DInsightLib.volumes import LabelLayer, read_volume
from Med3DInsightLib.volumes.files.image_names import bare_name

from ...datasets.volume_list import ListedVolume

_NAME = "{name}"


class LabelMaps:
    """Finds and reads the label map of a volume.

        maps = LabelMaps("labels", Path("names.json"))              # labels/case1.nii.gz for scans/case1.nii.gz
        maps = LabelMaps("seg/{name}_seg.nii.gz", Path("names.json"))
        maps.layers_of(listed)

    where is a folder, a path with {name}, or the only file there is. Raises UserError if the names cannot be
    read, or there is no such folder.
    """

    def __init__(self, where: str, names: Path) -> None:
        self._where = where
        self.names_file = names
        self._names = read_label_names(names)
        if _NAME not in where and not Path(where).exists():
            raise UserError("there are no label maps", where, "give a folder, a file, or a path with {name}")

    @property
    def folder(self) -> Path | None:
        """The folder with label maps, if there is one."""
        return Path(self._where) if _NAME not in self._where and Path(self._where).is_dir() else None

    def path_of(self, listed: ListedVolume) -> Path:
        """The file of a volume; raises CaptionError if there is none."""
        if _NAME in self._where:
            path = Path(self._where.replace(_NAME, bare_name(listed.name)))
            if path.exists():
                return path
        elif self.folder is None:
            return Path(self._where)
        elif bare_name(listed.name) in self._by_name:
            return self._by_name[bare_name(listed.name)]
        raise CaptionError(
            f"'{listed.name}' has no label map among {self._where}", listed.path, "add it, or leave the volume out"
        )

    def without_maps(self, volumes: Sequence[ListedVolume]) -> list[ListedVolume]:
        """Those volumes that are not label maps of others, where both lie in one folder.

        Raises UserError if there is one label map for several of them.
        """
        maps = {self._map_of(each) for each in volumes}
        found = [each for each in volumes if each.path not in maps]
        if len(found) > 1 and _NAME not in self._where and self.folder is None:
            cause = f"is one label map for {len(found)} volumes"
            raise UserError(cause, self._where, "give a folder with label maps, or a path with {name}")
        return found

    def layers_of(self, listed: ListedVolume) -> tuple[LabelLayer, ...]:
        """The label map with its names; raises CaptionError if there is none, VolumeError if it is broken."""
        return (LabelLayer(read_volume(self.path_of(listed)), self._names),)

    def _map_of(self, listed: ListedVolume) -> Path | None:
        try:
            return self.path_of(listed)
        except CaptionError:
            return None

    @cached_property
    def _by_name(self) -> dict[str, Path]:
        return {bare_name(case.name): case.path for case in CaseSearch(Path(self._where), None, "**/*").cases()}
