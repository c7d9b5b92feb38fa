"""Environments that tests take packages from and give them back, and the extension that brings torch."""

from __future__ import annotations

import contextlib
import importlib
import sys
import sysconfig
import types
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6 import QtCore, QtTest
from Testing.minislicer import packaging

if TYPE_CHECKING:
    from Testing.minislicer.desktop import Desktop

REPOSITORY = Path(__file__).resolve().parents[2]
_OURS = ("Med3DInsightLib", "MedInsightSegmentLib")


class LinkedSite:
    """Stands for the folder of installed packages: it has a link to each, so that they can really be taken away.

    Modules of ours, and of what was taken away, are forgotten, so that they are imported anew.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._real = Path(sysconfig.get_paths()["purelib"])
        self._modules = dict(sys.modules)
        self._forgotten: tuple[str, ...] = ()
        for entry in self._real.iterdir():
            (folder / entry.name).symlink_to(entry)
        assert str(self._real) in sys.path
        sys.path[:] = [str(folder) if entry == str(self._real) else entry for entry in sys.path]
        self._forget(_OURS)

    def entries(self, name: str) -> list[Path]:
        """What belongs to a package in the real folder."""
        return [*self._real.glob(name), *self._real.glob(f"{name}.py"), *self._real.glob(f"{name}-*.dist-info")]

    def take_away(self, name: str, forget: bool = True) -> None:
        """No file of the package is there any more; what is imported stays imported unless it is forgotten."""
        for entry in self.entries(name):
            (self.folder / entry.name).unlink()
        if forget:
            self.forget_module(name)
        importlib.invalidate_caches()

    def give_back(self, name: str) -> None:
        """All files are there again. Modules are those of before, since PySide6 does not like pydantic anew."""
        for entry in self.entries(name):
            (self.folder / entry.name).symlink_to(entry)
        self.remember_module(name)

    def forget_module(self, name: str) -> None:
        """The next import of the package starts anew."""
        self._forget((name,))

    def remember_module(self, name: str) -> None:
        """The next import of the package finds it imported, if it was so at the start."""
        sys.modules.update({key: module for key, module in self._modules.items() if _belongs(key, (name,))})

    def close(self) -> None:
        """As before."""
        sys.path[:] = [str(self._real) if entry == str(self.folder) else entry for entry in sys.path]
        for name in [name for name in sys.modules if _belongs(name, (*_OURS, *self._forgotten))]:
            del sys.modules[name]
        for name, module in self._modules.items():
            sys.modules.setdefault(name, module)
        importlib.invalidate_caches()

    def _forget(self, names: tuple[str, ...]) -> None:
        self._forgotten += names
        for name in [name for name in sys.modules if _belongs(name, names)]:
            del sys.modules[name]


def _belongs(module: str, packages: tuple[str, ...]) -> bool:
    return module.partition(".")[0] in packages


class TorchExtension:
    """The extension PyTorch as a module to import; its logic is given by the test, calls are recorded."""

    def __init__(self, site: LinkedSite) -> None:
        self.site = site
        self.calls: list[dict[str, Any]] = []
        self.result: Any = types.SimpleNamespace(__version__="2.8.0")
        self.error: Exception | None = None

    def install(self, **arguments: Any) -> Any:
        """What installTorch() does; the signature in front of it is that of some version of the extension."""
        self.calls.append(arguments)
        if self.error is not None:
            raise self.error
        if self.result is not None:
            self.site.give_back("torch")
        return self.result

    @contextlib.contextmanager
    def installed(self, logic: type) -> Iterator[None]:
        """While the extension is installed."""
        module = types.ModuleType("PyTorchUtils")
        module.PyTorchUtilsLogic = logic
        sys.modules["PyTorchUtils"] = module
        try:
            yield
        finally:
            del sys.modules["PyTorchUtils"]


def show(desktop: Desktop, name: str) -> Any:
    """The panel of one of the two modules, both of which are loaded."""
    for module in ("Med3DInsight", "MedInsightSegment"):
        if desktop.modules.module(module) is None:
            desktop.modules.load(REPOSITORY / module / f"{module}.py")
    return desktop.show(desktop.modules.module(name), size=(380, 800))


def rest_of(widget: Any) -> Any:
    """What a module shows besides its environment; None if that is not there."""
    return widget.shown.gate._rest


def click(widget: Any) -> None:
    """Click the middle of a widget, which must be enabled and visible."""
    assert widget.enabled, widget.toolTip
    assert widget.visible
    QtTest.QTest.mouseClick(widget, QtCore.Qt.LeftButton)


def table_of(panel: Any) -> dict[str, tuple[str, str, str]]:
    """State, required and found version of every package, as the table shows them."""
    table = panel.ui.packagesTable
    rows = [[table.item(row, column).text() for column in range(4)] for row in range(table.rowCount)]
    return {name: tuple(rest) for name, *rest in rows}


def when_pip_installs(name: str, site: LinkedSite) -> list[str]:
    """Let pip put a package back when it is asked for it; returns where it notes the constraints it was given."""
    constraints: list[str] = []

    def effect(arguments: list[str]) -> None:
        if arguments[0] == "install" and any(argument.startswith(name) for argument in arguments):
            constraints.append(Path(arguments[arguments.index("-c") + 1]).read_text())
            site.give_back(name)

    packaging.EFFECTS.append(effect)
    return constraints
