"""setup() cannot fail, whatever packages do when they are imported, and imports nothing heavy."""

from __future__ import annotations

import subprocess
import sys
import time
from importlib.metadata import version

import psutil
import pytest

from .environment_steps import REPOSITORY, click, rest_of, show, table_of

MODULES = ("Med3DInsight", "MedInsightSegment")


class Panic(BaseException):
    """What a panic in compiled code of Rust is for Python."""


class Blocker:
    """Makes the import of a package raise."""

    def __init__(self, package, error):
        self.package, self.error = package, error

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == self.package:
            raise self.error


ERRORS = [
    ImportError("DLL load failed"),
    ModuleNotFoundError("No module named 'its_part'"),
    AttributeError("module 'numpy' has no attribute 'bool'"),
    SystemError("The installed pydantic-core version (2.1) is incompatible"),
    OSError(126, "The specified module could not be found"),
    SystemExit(1),
    Panic("called `Result::unwrap()` on an `Err` value"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("module", MODULES)
def test_whatever_a_package_raises_the_section_is_there_and_tells_it(a_desktop, a_site, module, error, monkeypatch):
    a_site.forget_module("pydantic")
    blocker = Blocker("pydantic", error)
    monkeypatch.setattr(sys, "meta_path", [blocker, *sys.meta_path])
    widget = show(a_desktop, module)
    panel = widget.shown.gate.panel
    assert rest_of(widget) is None
    assert not panel.ui.environmentSection.collapsed
    assert f"The panel could not be built ({type(error).__name__}: {error})" in panel.ui.summaryLabel.text
    a_desktop.modules.module(module).exit()
    a_desktop.modules.module(module).enter()
    assert panel.ui.summaryLabel.text.count("could not be built") == 1
    sys.meta_path.remove(blocker)
    a_site.remember_module("pydantic")
    click(panel.ui.checkButton)
    assert rest_of(widget).visible
    assert "could not be built" not in panel.ui.summaryLabel.text


@pytest.mark.parametrize("module", MODULES)
def test_a_missing_pydantic_survives_a_reload_of_the_module(a_desktop, a_site, module):
    a_site.take_away("pydantic")
    show(a_desktop, module)
    widget = a_desktop.modules.reload(module)
    a_desktop.process_events()  # of layouts
    assert rest_of(widget) is None
    assert widget.shown.gate.panel.ui.packagesTable.visible
    a_site.give_back("pydantic")
    widget = a_desktop.modules.reload(module)
    a_desktop.process_events()
    assert rest_of(widget).visible
    assert widget.shown.gate.panel.ui.environmentSection.collapsed


def test_requirements_that_cannot_be_read_are_told(a_desktop, a_site, monkeypatch, tmp_path):
    from Med3DInsightLib.environment import inspection
    from Med3DInsightLib.environment.requirements_file import read_requirements

    monkeypatch.setattr(inspection, "read_requirements", lambda: read_requirements(tmp_path / "nowhere.txt"))
    widget = show(a_desktop, "MedInsightSegment")
    panel = widget.shown.gate.panel
    assert "nowhere.txt: the requirements cannot be read" in panel.ui.summaryLabel.text
    assert not panel.ui.installButton.enabled
    assert not panel.ui.repairButton.enabled
    assert not panel.ui.tryButton.enabled
    assert panel.ui.installButton.toolTip == "It is not known what is installed; see above."


OPEN_BOTH = """
import sys
from Testing.minislicer import start
desktop = start()
for name in ("Med3DInsight", "MedInsightSegment"):
    widget = desktop.show(desktop.modules.load(f"{name}/{name}.py"))
    assert widget.shown.gate._rest.visible
assert not desktop.slot_errors
print("HEAVY", *{"torch", "monai", "transformers", "matplotlib"} & set(sys.modules))
"""


def test_opening_both_modules_imports_nothing_heavy():
    done = subprocess.run([sys.executable, "-c", OPEN_BOTH], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert done.stdout.splitlines()[-1] == "HEAVY"


@pytest.fixture
def an_open_section(a_desktop):
    panel = show(a_desktop, "Med3DInsight").shown.gate.panel
    panel.ui.environmentSection.collapsed = False
    a_desktop.process_events()
    return panel


def test_trying_it_imports_for_real_while_the_gui_stays_alive(a_desktop, an_open_section):
    panel = an_open_section
    click(panel.ui.tryButton)
    assert panel.ui.tryButton.text == "Stop"
    gaps, last = [], time.monotonic()
    while panel.ui.tryButton.text == "Stop":
        a_desktop.process_events(1)
        gaps.append(time.monotonic() - last)
        last = time.monotonic()
        time.sleep(0.005)
        assert len(gaps) < 30_000
    assert len(gaps) > 20  # the event loop went round while a process imported torch, which takes seconds
    text = panel.ui.statusLabel.text
    assert text.startswith(f"It works. PyTorch {version('torch')} computes on: ")
    assert text.endswith(f"MONAI {version('monai')}.")
    assert "torch" not in panel.ui.summaryLabel.text


def children():
    return [child for child in psutil.Process().children(recursive=True) if "environment.trial" in str(child.cmdline())]


def test_a_trial_can_be_stopped_and_ends_with_the_module(a_desktop, an_open_section):
    panel = an_open_section
    click(panel.ui.tryButton)
    assert len(children()) == 1
    click(panel.ui.tryButton)
    assert panel.ui.statusLabel.text == "Stopped."
    assert children() == []
    click(panel.ui.tryButton)
    assert len(children()) == 1
    a_desktop.modules.reload("Med3DInsight")
    assert children() == []


def test_what_fails_in_a_trial_is_broken_until_it_is_checked_again(a_desktop, an_open_section, monkeypatch, tmp_path):
    panel = an_open_section
    (tmp_path / "einops.py").write_text("raise OSError('libfoo.so: cannot open shared object file')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    click(panel.ui.tryButton)
    a_desktop.wait_until(lambda: panel.ui.tryButton.text == "Try it", seconds=120)
    assert panel.ui.statusLabel.text.startswith("It does not work.")
    assert table_of(panel)["einops"][0] == "broken"
    assert "einops: OSError: libfoo.so: cannot open shared object file" in panel.ui.summaryLabel.text
    assert panel.ui.installButton.enabled
    assert not a_desktop.modules.module("Med3DInsight").widgetRepresentation().self().ui.analyseSection.visible
    click(panel.ui.checkButton)
    assert table_of(panel)["einops"][0] == "installed"
    assert a_desktop.modules.module("Med3DInsight").widgetRepresentation().self().ui.analyseSection.visible
