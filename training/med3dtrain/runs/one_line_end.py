"""How a command ends when it cannot go on: with one line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from Med3DInsightLib.cli.interruption import Interruption
from Med3DInsightLib.errors import UserError


@contextmanager
def one_line_end(kept: str = "nothing was written.") -> Iterator[Interruption]:
    """End the program with one line for what the user can mend, a disk that fails, and a signal.

        with one_line_end(f"what is done is in {output}. Run it again to go on."):
            command.run()

    kept tells what is left of the work. Everything else is a defect of ours and keeps its traceback.
    """
    try:
        with Interruption() as interruption:
            yield interruption
    except UserError as error:
        sys.exit(f"Error: {error}")
    except OSError as error:  # such as a disk that is full, or a folder that may not be written
        sys.exit(f"Error: {UserError(error.strerror or str(error), error.filename)}; {kept}")
    except (KeyboardInterrupt, EOFError):
        sys.exit(f"Error: interrupted; {kept}")
