"""Folders into which tests install packages, and break them, as real files."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest


class Site:
    """A folder such as pip installs into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = [str(folder)]

    def install(self, name, version, own_version=None, requires=(), told_in="__init__.py", libraries=()):
        """What pip would leave: a package, its metadata, and the list of its files."""
        module = name.replace("-", "_")
        package = self.folder / module
        package.mkdir(exist_ok=True)
        (package / "__init__.py").touch()
        (package / told_in).write_text(f'__version__ = "{own_version or version}"\n')
        for library in libraries:
            (package / library).write_bytes(b"\x7fELF")
        files = [f"{module}/{path.name},," for path in package.iterdir()]
        return self.record(name, version, requires, files)

    def record(self, name, version, requires=(), files=()):
        """Only the metadata."""
        metadata = self.folder / f"{name.replace('-', '_')}-{version}.dist-info"
        metadata.mkdir()
        lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {line}" for line in requires)]
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\n" + "\n".join(lines) + "\n")
        (metadata / "RECORD").write_text("\n".join([*files, f"{metadata.name}/RECORD,,"]) + "\n")
        return metadata


@pytest.fixture
def a_site(tmp_path: Path) -> Site:
    (tmp_path / "site").mkdir()
    return Site(tmp_path / "site")


def build_wheel(folder: Path, name: str, version: str, requires: tuple[str, ...] = ()) -> Path:
    """A wheel with one module of one line."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    described = f"{name}-{version}.dist-info"
    lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {line}" for line in requires)]
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", f'__version__ = "{version}"\n')
        wheel.writestr(f"{described}/METADATA", "Metadata-Version: 2.1\n" + "\n".join(lines) + "\n")
        wheel.writestr(f"{described}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{described}/RECORD", f"{name}/__init__.py,,\n{described}/METADATA,,\n{described}/RECORD,,\n")
    return path
