"""Open a scripted module beside the views, or take a picture of it.

    python -m Testing.minislicer Med3DInsight/Med3DInsight.py
    python -m Testing.minislicer Med3DInsight/Med3DInsight.py --screenshot panel.png --size 1280x800

With --volume, a volume is loaded first.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import start


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m Testing.minislicer", description=__doc__.partition("\n")[0])
    parser.add_argument("modules", metavar="MODULE", nargs="+", type=Path, help="the last one is shown")
    parser.add_argument("--volume", type=Path, help="load this volume first")
    parser.add_argument("--screenshot", type=Path, metavar="PNG", help="write a picture and leave")
    parser.add_argument("--size", default="1280x800", metavar="WxH", help="of the window (default: 1280x800)")
    parser.add_argument("--no-views", action="store_true", help="the panel only; needs no EGL")
    options = parser.parse_args()
    columns, _, rows = options.size.partition("x")
    desktop = start(with_views=not options.no_views)
    modules = [desktop.modules.load(path) for path in options.modules]
    if options.volume is not None:
        import slicer

        slicer.util.loadVolume(str(options.volume))
    desktop.show(modules[-1], (int(columns), int(rows)))
    if options.volume is not None and not options.no_views:
        desktop.add_views().resetSliceViews()
    if options.screenshot is not None:
        desktop.screenshot(options.screenshot)
    else:
        desktop.qt_application.setQuitOnLastWindowClosed(True)
        desktop.qt_application.exec()
    failed = bool(desktop.slot_errors)
    desktop.reset()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
