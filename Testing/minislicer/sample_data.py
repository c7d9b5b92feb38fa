"""SampleData: data sets that a module registers; only local files are loaded, nothing is downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import slicer


class SampleDataSource:
    """One data set; texts become lists of one."""

    def __init__(
        self,
        sampleName: str,
        sampleDescription: str | None = None,
        uris: Any = None,
        fileNames: Any = None,
        nodeNames: Any = None,
        checksums: Any = None,
        loadFileTypes: Any = None,
        loadFiles: Any = None,
        loadFileProperties: dict | None = None,
        thumbnailFileName: str | None = None,
        customDownloader: Any = None,
        loadFileType: Any = None,
    ) -> None:
        self.sampleName = sampleName
        self.sampleDescription = sampleDescription or sampleName
        self.uris = _as_list(uris)
        self.fileNames = _as_list(fileNames) or [Path(urlparse(uri).path).name for uri in self.uris]
        self.nodeNames = _as_list(nodeNames) or [None] * len(self.uris)
        self.checksums = _as_list(checksums) or [None] * len(self.uris)
        self.loadFileTypes = _as_list(loadFileTypes or loadFileType) or [None] * len(self.uris)
        self.loadFiles = loadFiles
        self.loadFileProperties = loadFileProperties or {}
        self.thumbnailFileName = thumbnailFileName
        self.customDownloader = customDownloader


class SampleDataLogic:
    """Registers and loads."""

    @staticmethod
    def registerCustomSampleDataCategory(category: str, title: str) -> None:
        """What a user reads above the samples of a category."""
        if not hasattr(slicer.modules, "sampleDataSourceCategories"):
            slicer.modules.sampleDataSourceCategories = {}
        slicer.modules.sampleDataSourceCategories.setdefault(category, {})["title"] = title

    @staticmethod
    def registerCustomSampleDataSource(category: str = "Custom", sampleName: str | None = None, **what: Any) -> None:
        """Offer a sample; one that is offered already is not offered twice."""
        if not sampleName:
            raise ValueError("A sample data source needs a sampleName")
        if "sampleDescription" in what:
            raise TypeError("registerCustomSampleDataSource() takes no sampleDescription")
        listed = sources().setdefault(category, [])
        source = SampleDataSource(sampleName, **what)
        if not any(vars(source) == vars(other) for other in listed):
            listed.append(source)

    def sourceForSampleName(self, name: str) -> SampleDataSource | None:
        listed = [source for category in sources().values() for source in category]
        return next((source for source in listed if source.sampleName == name), None)

    def downloadSample(self, name: str) -> Any:
        """Load the first file of a sample."""
        return self.downloadSamples(name)[0]

    def downloadSamples(self, name: str) -> list[Any]:
        source = self.sourceForSampleName(name)
        if source is None:
            raise ValueError(f"No sample data source is named {name!r}")
        return self.downloadFromSource(source)

    def downloadFromSource(self, source: SampleDataSource) -> list[Any]:
        rows = zip(source.uris, source.nodeNames, source.loadFileTypes, strict=True)
        return [_load(uri, name, kind, source.loadFileProperties) for uri, name, kind in rows]


def downloadSample(sampleName: str) -> Any:
    """The first node of a sample."""
    return SampleDataLogic().downloadSample(sampleName)


def downloadSamples(sampleName: str) -> list[Any]:
    """The nodes of a sample."""
    return SampleDataLogic().downloadSamples(sampleName)


def sources() -> dict[str, list[SampleDataSource]]:
    """slicer.modules.sampleDataSources, where Slicer keeps them."""
    if not hasattr(slicer.modules, "sampleDataSources"):
        slicer.modules.sampleDataSources = {}
    return slicer.modules.sampleDataSources


def _load(uri: str, name: str | None, kind: str | None, properties: dict) -> Any:
    parts = urlparse(uri)
    if parts.scheme not in ("", "file"):
        raise RuntimeError(f"The stand-in does not download: {uri}")
    path = unquote(parts.path) if parts.scheme == "file" else uri
    return slicer.util.loadNodeFromFile(path, kind, properties | ({"name": name} if name else {}))


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
