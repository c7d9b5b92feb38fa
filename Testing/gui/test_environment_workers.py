"""No worker of either module runs while packages are being replaced."""

from __future__ import annotations

import pytest
from Testing.minislicer import packaging

from .environment_steps import click, rest_of, show, when_pip_installs
from .models_steps import workers
from .panel_steps import wait_until

MODULES = ("Med3DInsight", "MedInsightSegment")


@pytest.mark.parametrize("reloaded", [False, True], ids=["", "after a reload of the other"])
@pytest.mark.parametrize(("module", "other"), [MODULES, MODULES[::-1]])
def test_installing_ends_the_workers_of_both_modules_and_the_other_panel_comes_back_when_it_is_shown(
    a_desktop, a_site, module, other, reloaded
):
    first, second = show(a_desktop, module), show(a_desktop, other)
    if reloaded:  # which gives it classes of its own
        second = a_desktop.modules.reload(other)
    show(a_desktop, module)
    for widget in (first, second):
        widget.logic.engine.client.start()
    wait_until(a_desktop, lambda: len(workers()) >= 2, 30)  # the name of a program is there a little after it
    panel = first.shown.gate.panel
    panel.ui.environmentSection.collapsed = False
    a_desktop.process_events()
    a_site.take_away("einops")
    click(panel.ui.checkButton)
    running = []
    when_pip_installs("einops", a_site)
    packaging.EFFECTS.append(lambda arguments: running.extend(workers()))

    click(panel.ui.installButton)

    assert panel.ui.statusLabel.text == "Everything is installed."
    assert running == []
    assert rest_of(first).visible
    assert rest_of(second) is None
    assert show(a_desktop, other) is second
    assert rest_of(second).visible
