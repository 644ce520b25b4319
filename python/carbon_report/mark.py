"""Marks from inside a recorded run.

    from carbon_report.mark import mark

    for epoch in range(10):
        loss = train()
        mark(f"epoch {epoch}", loss=loss)

`carbon-report record -- python train.py` names a socket in the environment variable CARBON_REPORT_MARKS; a mark is one datagram to it. Without a
recorder nothing happens. This file needs the standard library alone and may be copied into a project as it is.
"""

import json
import math
import os
import socket
import sys
from typing import SupportsFloat

VARIABLE = "CARBON_REPORT_MARKS"
LARGEST = 4096
PATIENCE_S = 1.0

__all__ = ["mark"]


def mark(text: object, /, **metrics: SupportsFloat) -> bool:
    """Writes a mark, with numbers beside it, into the log of the recorder that this program runs under.

    Numbers may be anything that `float` takes (NumPy scalars, one-element tensors). What is not finite is left out, because JSON has no word for it.

    Returns True where the recorder has it, False where there is no recorder or it does not answer. Raises ValueError for what is no mark at all:
    an empty text, something that is no number, or more than 4096 bytes.
    """
    text = str(text)
    if not text.strip():
        raise ValueError("mark: found an empty text")
    numbers = {}
    for name, value in metrics.items():
        try:
            number = float(value)
        except (TypeError, ValueError) as error:
            raise ValueError(f"mark: {name}: found {value!r}, expected a number") from error
        if math.isfinite(number):
            numbers[name] = number
    datagram = json.dumps({"text": text, "metrics": numbers}, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
    if len(datagram) > LARGEST:
        raise ValueError(f"mark: found {len(datagram)} bytes, expected at most {LARGEST}")
    path = os.environ.get(VARIABLE)
    if not path or not hasattr(socket, "AF_UNIX"):
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.settimeout(PATIENCE_S)
            sender.connect(path)
            return sender.send(datagram) == len(datagram)
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if mark(" ".join(sys.argv[1:])) else 1)
