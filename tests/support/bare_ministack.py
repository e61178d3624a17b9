"""`python -m tests.support.bare_ministack`: localaws with no function of ministack replaced.

Shows whether ministack still has the faults that the rows of localaws's table are there for.
"""

import socket
import sys

from localaws.__main__ import Serving, serve_here
from localaws.settings import Settings


def serve(chosen: Settings, listener: socket.socket) -> Serving:
    """Serve as localaws does, with an empty table."""
    # ministack reads the environment while it is imported: that is settled only now.
    from localaws import ministack, server

    return server.serve(chosen, listener, lambda: ministack.apply(replacements=(), services=()))


if __name__ == "__main__":
    sys.exit(serve_here(serve))
