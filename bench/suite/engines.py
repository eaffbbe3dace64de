"""The engine as a whole, measured from outside: configuration, process, processor time."""

import json
import os
import resource
import signal
import subprocess
import time

import programs

ENGINE = os.path.join(programs.BUILD, "redress")
START_SECONDS = 120
END_SECONDS = 300
POLL_SECONDS = 0.02
WARM_UP = 0.2  # of a window
REPEAT_WITHOUT_END = 10 ** 9


def merge(base, changes):
    merged = dict(base)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else value
    return merged


class Engine:
    """One `redress run`. Its sockets stand in `folder`; what it logs is kept in `log`."""

    def __init__(self, folder, rules, changes=None, name="engine"):
        self.folder = folder
        self.socket = os.path.join(folder, f"{name}.sock")
        self.admin = os.path.join(folder, f"{name}-admin.sock")
        self.config = os.path.join(folder, f"{name}.yaml")
        self.log = os.path.join(folder, f"{name}.log")
        self.process = None
        self.usage = None
        document = {"brokers": "localhost:1", "channels": [{"name": "bench", "topics": ["bench"]}],
                    "rules": rules, "workers": "inline", "http": {"enabled": False},
                    "frontline": {"socket": self.socket}, "admin": {"socket": self.admin}}
        with open(self.config, "w", encoding="utf-8") as file:
            json.dump(merge(document, changes or {}), file)  # JSON is YAML

    def start(self, *arguments, prefix=(), environment=None):
        """Returns when it reads."""
        with open(self.log, "wb"):
            pass
        self.process = subprocess.Popen(
            [*prefix, ENGINE, "run", "-c", self.config, *map(str, arguments)], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=open(self.log, "ab"), env={**os.environ, **(environment or {})})
        self.await_log("reading")
        return self

    def replay(self, path, *, rate=0, repeat=1, prefix=(), environment=None):
        more = ["--rate", rate] if rate else []
        return self.start("--replay", path, "--discard", "--repeat", repeat, *more, prefix=prefix,
                          environment=environment)

    def await_log(self, word, seconds=START_SECONDS):
        deadline = time.monotonic() + seconds
        while f" {word} " not in self.log_text():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the engine has not said \"{word}\": {self.log_text()[-2000:]}")
            time.sleep(0.002)

    def log_text(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def pid(self):
        return self.process.pid

    def wait(self, seconds=END_SECONDS):
        """Until it has ended by itself; its processor seconds and its peak of memory are known then."""
        deadline = time.monotonic() + seconds
        while True:
            pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                self.process.kill()
                raise RuntimeError(f"the engine has not ended after {seconds} s")
            time.sleep(0.005)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.usage = usage
        if self.process.returncode != 0:
            raise RuntimeError(f"the engine ended with {self.process.returncode}: {self.log_text()[-2000:]}")
        return self

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def cpu_seconds_now(self):
        return cpu_seconds_of(self.process.pid)

    def memory_bytes(self):
        """Resident now."""
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        return 0

    def status(self):
        """What the admin socket answers, or {}."""
        import socket
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as admin:
                admin.settimeout(5)
                admin.connect(self.admin)
                admin.sendall(b"status\n")
                return json.loads(admin.recv(65536).decode())
        except (OSError, ValueError):
            return {}


def cpu_seconds_of(pid):
    """User and system seconds of a running process, its threads together."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Reader:
    """flow_reader at an engine's socket; its pairs are there when the engine has ended."""

    def __init__(self, socket, path, spin=False, sent_in_id=False):
        self.path = path
        options = ["--spin"] * spin + ["--sent-in-id"] * sent_in_id
        self.process = subprocess.Popen(
            [os.path.join(programs.BUILD, "bench", "bench_flow_reader"), socket, path, *options],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def await_attached(self):
        line = self.process.stderr.readline()
        if line != b"attached\n":
            raise RuntimeError(f"the reader could not attach: {line.decode()}")
        return self

    def finish(self, seconds=60):
        self.process.wait(seconds)
        self.process.stderr.close()
        if self.process.returncode != 0:
            raise RuntimeError(f"the reader ended with {self.process.returncode}")
        return self.path


def ended_by(engine):
    status = engine.status()
    return sum(status.get(key, 0) for key in ("cases", "calm", "dead_letters"))


def watch(progress, cpu_seconds, total, seconds):
    """Samples (time, messages, processor seconds) from the first message on, for so long or until all are through."""
    begun, samples = time.monotonic(), []
    while True:
        now, count = time.monotonic(), progress()
        if not samples and now - begun > START_SECONDS:
            raise RuntimeError("nothing has moved")
        if count > 0:
            samples.append((now, count, cpu_seconds()))
            if count >= total or now - samples[0][0] >= seconds:
                return samples
        time.sleep(POLL_SECONDS)


def window_row(samples):
    """Messages a second and processor a message, the first fifth left out."""
    first, last = samples[0][0], samples[-1][0]
    inside = [sample for sample in samples if sample[0] >= first + (last - first) * WARM_UP]
    (begin, few, cpu_before), (end, many, cpu_after) = inside[0], inside[-1]
    messages = max(1, many - few)
    return {"messages": messages, "seconds": round(end - begin, 1),
            "messages_per_second": round(messages / max(end - begin, 1e-9)),
            "cpu_us": round(1e6 * (cpu_after - cpu_before) / messages, 2)}


def full_speed(engine, records, seconds):
    """A window of a replay without end, as fast as the engine can; start and end stand outside it."""
    engine.replay(records, repeat=REPEAT_WITHOUT_END)
    samples = watch(lambda: ended_by(engine), engine.cpu_seconds_now, float("inf"), seconds)
    engine.stop()
    return window_row(samples)


def count_lines(path):
    with open(path, encoding="utf-8") as file:
        return sum(1 for _ in file)


def children_cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
