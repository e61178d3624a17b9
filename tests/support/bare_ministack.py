"""`python -m tests.support.bare_ministack`: localaws with no function of ministack replaced.

Shows whether ministack still has the faults that the rows of localaws's table are there for.
"""

import importlib
import sys

from localaws import __main__ as command
from localaws import settings


def main() -> int:
    """Serve as localaws does, with an empty table."""
    entered = settings.enter

    def enter(chosen: settings.Settings, port: int) -> None:
        entered(chosen, port)
        table = importlib.import_module("localaws.ministack")
        table.REPLACEMENTS = ()  # type: ignore[attr-defined]
        table.SERVICES = ()  # type: ignore[attr-defined]

    settings.enter = enter
    return command.main([])


if __name__ == "__main__":
    sys.exit(main())
