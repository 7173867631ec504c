"""Makes processes of sandboxes quickly: it has imported what they need, and forks.

Each line on stdin is the arguments of one process as JSON; its process ID is the answer.
"""

from __future__ import annotations

import json
import os
import signal
import sys


def main() -> None:
    """Answer until stdin ends."""
    from watchword.sandbox import answer, control, process, server  # noqa: F401 - imported for the forks
    from watchword.sandbox.plane.moto import Moto
    from watchword.sandbox.state import state  # noqa: F401
    from watchword.sandbox.warm import warm_up

    Moto(host="127.0.0.1:0").load()
    warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel takes the dead away
    print("ready", flush=True)
    for line in sys.stdin:
        arguments = json.loads(line)
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, 0)
            os.dup2(null, 1)
            os._exit(process.main(arguments))
        print(child, flush=True)


if __name__ == "__main__":
    main()
