"""Makes processes of sandboxes quickly: it has imported what they need, and forks.

Each line on stdin is the arguments of one process as JSON; its process ID is the answer.
"""

from __future__ import annotations

import json
import os
import signal
import sys

SERVICES = (
    "cloudformation",
    "dynamodb",
    "ec2",
    "iam",
    "kms",
    "organizations",
    "s3",
    "sns",
    "sqs",
    "ssm",
    "sts",
)


def main() -> None:
    """Answer until stdin ends."""
    from moto.moto_api._internal import mock_random

    from watchword.sandbox import answer, control, process, server  # noqa: F401 - imported for the forks
    from watchword.sandbox.authorise.bindings import bindings_of
    from watchword.sandbox.plane.moto import Moto
    from watchword.sandbox.state import state  # noqa: F401
    from watchword.sandbox.warm import warm_up
    from watchword.sandbox.wire import catalog

    moto = Moto(host="127.0.0.1:0")
    moto.load()
    for service in SERVICES:
        moto._service(service)
        catalog.operation_names(service)
        bindings_of(service)
    warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel takes the dead away
    print("ready", flush=True)
    for line in sys.stdin:
        arguments = json.loads(line)
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            mock_random.seed()  # or every fork would make the same names
            null = os.open(os.devnull, os.O_RDWR)
            os.dup2(null, 0)
            os.dup2(null, 1)
            os._exit(process.main(arguments))
        print(child, flush=True)


if __name__ == "__main__":
    main()
