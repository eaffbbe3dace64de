"""The engine reads a real Kafka where io_uring is forbidden by a seccomp filter, as in many containers
(one warning that says how to allow it), and with io: epoll (no warning)."""

import ctypes
import platform
import struct

import campaign
from samples import Stream
from topics import Progress, Sender

INPUTS = {"in.chat": 4}
CHANNELS = {"chat": ["in.chat"]}
WARNING = "io_uring is not to be had"
IO_URING_SETUP = 425  # the same number on every architecture
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO_EPERM = 0x7FFF0000, 0x00050001


class Program(ctypes.Structure):
    _fields_ = [("count", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def forbid_io_uring():
    """For preexec_fn: io_uring_setup answers EPERM in this process, as under Docker's profile."""
    instructions = struct.pack(
        "HBBI" * 4,
        0x20, 0, 0, 0,                       # the number of the system call
        0x15, 0, 1, IO_URING_SETUP,          # not this one: skip the next line
        0x06, 0, 0, SECCOMP_RET_ERRNO_EPERM,
        0x06, 0, 0, SECCOMP_RET_ALLOW)
    code = ctypes.create_string_buffer(instructions, len(instructions))
    program = Program(4, ctypes.cast(code, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 or \
            libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")


def feed(run, sender, stream, count):
    for _ in range(count):
        message_id, key, value = stream.next()
        sender.send("in.chat", message_id, key, value)
    sender.flush()


def life(run, engine, sender, stream, forbidden):
    """One start, a share of the messages, one SIGKILL under load, the rest, a good end."""
    run.note(f"io: {engine.document['io']}, {'forbidden' if forbidden else 'allowed'}")
    before = forbid_io_uring if forbidden else None
    count = run.arguments.messages // 4
    engine.start(before_exec=before)
    engine.wait_ready()
    feed(run, sender, stream, count)
    engine.kill()
    engine.start(before_exec=before)
    feed(run, sender, stream, count)
    progress = Progress(run.kafka.bootstrap, "redress")
    progress.wait_for(sender.sent, run.arguments.patience, [engine])
    progress.close()
    run.stop_engine(engine)
    warnings = engine.log_text().count(WARNING)
    wanted = engine.starts if forbidden else 0
    run.expect(warnings == wanted, f"io: {engine.document['io']}: {warnings} warnings in "
                                   f"{engine.starts} starts, {wanted} were due")


def body(run):
    run.start_kafka(INPUTS)
    sender, stream = Sender(run.kafka.bootstrap), Stream(run.seed)
    life(run, run.new_engine(CHANNELS, "one", {"io": "epoll"}), sender, stream, False)
    life(run, run.new_engine(CHANNELS, "two", {"io": "auto"}), sender, stream, True)
    run.counts["machine"] = platform.machine()
    run.check_law(sender.sent)


def main():
    return campaign.run("soak-no-uring", body, __doc__, messages=8_000)
