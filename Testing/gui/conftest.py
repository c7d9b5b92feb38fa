"""The stand-in for the Slicer desktop, fresh for every test."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
if str(REPOSITORY) not in sys.path:  # pytest called as a program does not add it
    sys.path.insert(0, str(REPOSITORY))

# Before any test imports PySide6: the environment of Qt is set here.
from Testing.minislicer import start  # noqa: E402

from Med3DInsightLib.gui.reloading import forget_packages  # noqa: E402

LIBRARIES = ("Med3DInsightLib", "MedInsightSegmentLib")

if TYPE_CHECKING:
    from Testing.minislicer.desktop import Desktop

    from Med3DInsightLib.bundles import ModelCard

    from .environment_steps import LinkedSite


@pytest.fixture(scope="session")
def the_desktop() -> Desktop:
    """Qt and the scene live as long as the process."""
    desktop = start()
    desktop.dialogs.install()
    return desktop


@pytest.fixture(autouse=True)
def a_qt_application(the_desktop: Desktop) -> None:
    """Every GUI test finds the same QApplication, whichever runs first."""


@pytest.fixture
def a_desktop(the_desktop: Desktop) -> Iterator[Desktop]:
    """A desktop with an empty scene and no scripted modules; a slot that raised fails the test.

    A reload gives a module new libraries; the next test has those again that it has imported.
    """
    the_desktop.reset()
    libraries = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in LIBRARIES}
    yield the_desktop
    if any(sys.modules.get(name) is not module for name, module in libraries.items()):
        forget_packages(*LIBRARIES)
        sys.modules.update(libraries)
    errors = [str(error) for error in the_desktop.slot_errors]
    the_desktop.reset()
    late = [str(error) for error in the_desktop.errors_while_closing]
    assert not errors, "Slots raised:\n" + "\n".join(errors)
    assert not late, "Slots raised while the module was closed:\n" + "\n".join(late)


@pytest.fixture
def a_desktop_with_views(a_desktop: Desktop) -> Desktop:
    """The same with slice and 3D views, which need EGL, in a window that is shown."""
    a_desktop.add_views()
    a_desktop.open_window()
    return a_desktop


@pytest.fixture
def a_module(a_desktop: Desktop) -> Any:
    """MedInsight Segment, loaded beside the module whose library it uses."""
    a_desktop.modules.load(REPOSITORY / "Med3DInsight" / "Med3DInsight.py")
    return a_desktop.modules.load(REPOSITORY / "MedInsightSegment" / "MedInsightSegment.py")


@pytest.fixture
def quick_models(a_card: ModelCard, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of models with one that takes little time, beside those that are shipped."""
    from Testing.unit.brightness_bundle import NAME, a_brightness_bundle

    folder = tmp_path_factory.mktemp("quick")
    a_brightness_bundle(a_card, folder / NAME)
    monkeypatch.setenv("MED3DINSIGHT_MODELS", str(folder))


@pytest.fixture
def a_panel(quick_models: None, a_desktop: Desktop, a_module: Any) -> Any:
    """MedInsight Segment, shown, with a model that is quick."""
    from .panel_steps import choose_quick_model

    panel = a_desktop.show(a_module)
    choose_quick_model(panel)
    return panel


@pytest.fixture
def an_insight_module(a_desktop: Desktop) -> Any:
    """Med3D Insight, loaded."""
    return a_desktop.modules.load(REPOSITORY / "Med3DInsight" / "Med3DInsight.py")


@pytest.fixture
def an_insight_panel(a_desktop: Desktop, an_insight_module: Any) -> Any:
    """Med3D Insight, shown."""
    return a_desktop.show(an_insight_module)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A folder with three small heads."""
    from .folder_steps import write_heads

    folder = tmp_path / "scans of größe"
    folder.mkdir()
    write_heads(folder)
    return folder


@pytest.fixture
def a_folder_section(a_desktop: Desktop, a_panel: Any) -> Any:
    """MedInsight Segment with the section "Folder of volumes" open."""
    from .folder_steps import open_section

    open_section(a_desktop, a_panel)
    return a_panel


@pytest.fixture
def a_site(a_desktop: Desktop, tmp_path: Path) -> Iterator[LinkedSite]:
    """The installed packages as links, which a test may take away and give back."""
    from .environment_steps import LinkedSite

    (tmp_path / "site").mkdir()
    site = LinkedSite(tmp_path / "site")
    yield site
    site.close()


@pytest.fixture(params=["5.12", "5.10"])
def a_slicer(request: pytest.FixtureRequest, a_desktop: Desktop) -> Iterator[str]:
    """Both ways in which Slicer runs pip."""
    from Testing.minislicer.older_slicer import slicer_5_10

    with slicer_5_10() if request.param == "5.10" else contextlib.nullcontext():
        yield request.param
