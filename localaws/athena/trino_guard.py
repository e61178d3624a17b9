"""`python -m localaws.athena.trino_guard folder command…`: a command that ends with its parent.

The parent holds the other end of standard input; when it is gone, killed or not, input ends and
so does the command.
"""

import os
import signal
import subprocess
import sys
import threading


def main() -> int:
    """Run the command of the arguments in the folder and return its exit code."""
    folder, *command = sys.argv[1:]
    child = subprocess.Popen(  # noqa: S603 -- our parent's command
        command, cwd=folder, stdin=subprocess.DEVNULL
    )
    # A key pressed in the terminal reaches every process of it: the parent decides then.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: child.kill())
    threading.Thread(target=_end_with_input, args=(child,), daemon=True).start()
    return child.wait()


def _end_with_input(child: subprocess.Popen[bytes]) -> None:
    while os.read(0, 1024):  # not sys.stdin: its lock would be held when the interpreter ends
        pass
    child.kill()


if __name__ == "__main__":
    sys.exit(main())
