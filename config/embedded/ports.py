"""Ports on 127.0.0.1: which one a service gets, and a clear word when it is taken."""

import os
import socket

from config.embedded.errors import BadSettingError, PortTakenError

HOST = "127.0.0.1"

#: Setting -> the port used when it is not set. Away from the usual 6379 and 8545, so that a
#: developer's own Redis or node is neither in the way nor mistaken for ours.
DEFAULTS = {"HOLDFAST_PORT": 8000, "HOLDFAST_REDIS_PORT": 16379, "HOLDFAST_NODE_PORT": 18545}


def configured(setting: str) -> int:
    """The port that ``setting`` names, or its default. Raises BadSettingError for anything else."""
    text = os.environ.get(setting, "").strip()
    if not text:
        return DEFAULTS[setting]
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise BadSettingError(f"{setting}={text!r} is no port: give a number from 1 to 65535.")
    return int(text)


def is_free(port: int) -> bool:
    """Whether a service could listen on 127.0.0.1:``port`` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: a port in TIME_WAIT after our own restart is not taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def claim(setting: str) -> int:
    """The configured port of ``setting``, checked to be free.

    Raises PortTakenError and BadSettingError.
    """
    port = configured(setting)
    if not is_free(port):
        raise PortTakenError(
            f"Port {port} on {HOST} is taken by another program. "
            f"Stop that program, or choose another port with {setting}=<port>."
        )
    return port


def any_free() -> int:
    """A port that nobody uses right now, chosen by the kernel."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
