"""Waiting for conditions with a deadline, and other people's processes and ports left alone."""

import ctypes
import os
import signal
import socket
import time


class Timeout(Exception):
    """A condition did not come true in time; the text says which."""


def wait_until(what, condition, seconds, every=0.05):
    """Calls condition() until it answers something true, and returns that. Raises Timeout."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            raise Timeout(f"not within {seconds} s: {what}")
        time.sleep(every)


def free_port():
    """A loopback port that nothing listens on now. Whoever uses it must cope with losing the race."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def is_running(pid):
    """True for a live process; a zombie has ended."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as cmdline:
            return cmdline.read().decode("utf-8", "replace").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent():
    """For preexec_fn: a child of a test never outlives the test, however that ends."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == 1:
        os._exit(1)


def tail(path, lines=40):
    """The last lines of a file, or a word on why there are none."""
    try:
        with open(path, errors="replace") as file:
            return "".join(file.readlines()[-lines:])
    except OSError as error:
        return f"({error})\n"
