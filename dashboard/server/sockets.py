"""The sockets on which this process listens."""

import os
import socket
import stat
from contextlib import suppress
from pathlib import Path

__all__ = ["send_small_packets_at_once"]

OPEN_FILES = Path("/dev/fd")
"""Where Linux and macOS list the open files of the process that asks."""


def send_small_packets_at_once() -> None:
    """Set TCP_NODELAY on the listening sockets, and so on those that they accept.

    Streamlit's runner binds its socket with protocol 0, which asyncio does not take for TCP; the
    small messages of a rerun then wait up to 40 ms for the browser to acknowledge the first one.
    """
    if not OPEN_FILES.is_dir():
        return
    for path in OPEN_FILES.iterdir():
        with suppress(OSError):  # a file that was closed meanwhile
            if stat.S_ISSOCK(os.fstat(int(path.name)).st_mode):
                _send_at_once(int(path.name))


def _send_at_once(descriptor: int) -> None:
    with socket.socket(fileno=os.dup(descriptor)) as sock:  # of a copy, since it is closed here
        if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
