"""One engine of a test: its configuration, its process, what it says about itself."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request

import yaml

from server import ROOT
from waiting import Timeout, die_with_parent, free_port, is_running, tail, wait_until

READY_SECONDS = 60
STOP_SECONDS = 60
CASES, CALM, DEAD_LETTERS = "redress.cases", "redress.calm", "redress.dead-letters"
FRONTLINE_PREFIX, ACKS = "redress.frontline.", "redress.frontline.acks"
QUEUE = "people"
METRIC = re.compile(r'^(\w+)(?:\{(.*)\})? ([-+0-9.eEinfa]+)$')


class EngineEnded(Exception):
    """The engine ended by itself."""


def build(preset="release", fault=None):
    """Builds an engine and returns its path; a planted fault gets a folder of its own."""
    folder = os.path.join(ROOT, "build", f"fault-{fault}" if fault else preset)
    configure = ["cmake", "--preset", preset, "-B", folder]
    if fault:
        # Four links of the whole program at once would take longer than the campaigns.
        configure += [f"-DREDRESS_PLANTED_FAULT={fault}", "-DREDRESS_LTO=OFF"]
    # Builds of one tree share the cache, whatever their folder: a faulty engine differs in few files.
    environment = {**os.environ, "CCACHE_NOHASHDIR": "1", "CCACHE_BASEDIR": ROOT}
    for command in (configure, ["cmake", "--build", folder, "--target", "redress"]):
        done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}:\n{done.stdout[-3000:]}")
    return os.path.join(folder, "redress")


def merge(base, changes):
    """A copy of base with changes laid over it, mappings into mappings; None takes a key away."""
    merged = dict(base)
    for key, value in changes.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = merge(merged[key], value)
        else:
            merged[key] = value
    return merged


def settings(bootstrap, folder, instance, http_port, channels):
    """A configuration with every timeout short. channels: {name: [topic, ...]}."""
    return {
        "brokers": bootstrap,
        "group": "redress",
        "instance": instance,
        # Both arrangements of the threads, whatever the machine: see ARCHITECTURE.md.
        "workers": "inline" if instance == "one" else 1,
        "commit_interval": "100 ms",
        "consumer": {"session.timeout.ms": 3000, "heartbeat.interval.ms": 500,
                     "max.poll.interval.ms": 10000},
        "channels": [{"name": name, "topics": topics} for name, topics in channels.items()],
        "rules": os.path.join(ROOT, "tests", "kafka", "rules"),
        "outputs": {"cases": CASES, "calm": {"topic": CALM}, "dead_letters": DEAD_LETTERS},
        "routing": {"default_queue": QUEUE},
        "http": {"port": http_port},
        "frontline": {"socket": os.path.join(folder, f"{instance}.sock")},
        "admin": {"socket": os.path.join(folder, f"{instance}-admin.sock")},
        "bounds": {"revoke": "2 s"},
    }


class Engine:
    """Starts, kills and questions `redress run`. The log of all its lives is one file."""

    def __init__(self, path, kafka, folder, channels, instance="one", changes=None):
        self.path = path
        self.folder = folder
        self.instance = instance
        self.http_port = free_port()
        self.config = os.path.join(folder, f"{instance}.yaml")
        self.log = os.path.join(folder, f"{instance}.log")
        self.process = None
        self.starts = 0
        self.document = merge(
            settings(kafka.bootstrap, folder, instance, self.http_port, channels), changes or {})
        self.write_config()

    def write_config(self, changes=None):
        self.document = merge(self.document, changes or {})
        with open(self.config, "w") as file:
            yaml.safe_dump(self.document, file, sort_keys=False, allow_unicode=True)

    def start(self, *arguments, before_exec=None):
        """before_exec: called in the child, for what the engine is to find forbidden."""
        def prepare():
            die_with_parent()
            if before_exec:
                before_exec()
        assert not self.running(), "the engine runs already"
        environment = {"ASAN_OPTIONS": "detect_leaks=0:abort_on_error=0",
                       "UBSAN_OPTIONS": "print_stacktrace=1", **os.environ}
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [self.path, "run", "-c", self.config, *arguments], cwd=self.folder,
                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=prepare)
        self.starts += 1
        return self

    def running(self):
        return self.process is not None and self.process.poll() is None

    def check_running(self):
        if not self.running():
            code = self.process.returncode if self.process else None
            raise EngineEnded(f"engine {self.instance} ended by itself with {code}:\n"
                              f"{tail(self.log)}")

    def wait_ready(self, seconds=READY_SECONDS):
        def ready():
            self.check_running()
            return self.get("/readyz")[0] == 200
        wait_until(f"engine {self.instance} is ready", ready, seconds)
        return self

    def kill(self):
        """SIGKILL. True when the engine was alive until then."""
        was_running = self.running()
        if self.process:
            self.process.kill()
            self.process.wait()
        return was_running

    def stop(self, seconds=STOP_SECONDS, signal_number=signal.SIGTERM):
        """SIGTERM, and its exit code: 0 is the only good one."""
        self.check_running()
        self.process.send_signal(signal_number)
        return self.wait_end(seconds)

    def wait_end(self, seconds=STOP_SECONDS):
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Timeout(f"engine {self.instance} has not ended after {seconds} s:\n"
                          f"{tail(self.log)}") from None

    def get(self, path):
        """(status, body) of its HTTP server; (0, "") where nobody answers."""
        try:
            url = f"http://127.0.0.1:{self.http_port}{path}"
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metrics(self):
        """{name: sum over its labels}, of what /metrics shows now."""
        sums = {}
        for line in self.get("/metrics")[1].splitlines():
            match = METRIC.match(line)
            if match:
                sums[match.group(1)] = sums.get(match.group(1), 0) + float(match.group(3))
        return sums

    def memory_bytes(self):
        """Resident bytes now."""
        with open(f"/proc/{self.process.pid}/status") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        return 0

    def log_text(self):
        with open(self.log, errors="replace") as file:
            return file.read()

    def run_command(self, *arguments, seconds=60, check=True):
        """Another subcommand, such as ("frontline", "claim", "--json"): (exit code, stdout)."""
        done = subprocess.run([self.path, *arguments], cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=seconds)
        if check and done.returncode != 0:
            raise RuntimeError(f"redress {' '.join(arguments)} ended with {done.returncode}: "
                               f"{done.stderr[-1000:]}")
        return done.returncode, done.stdout

    def drain(self):
        """Leaves the group for scale-in and ends."""
        self.run_command("drain", "--admin", self.document["admin"]["socket"])
        return self.wait_end()

    def sanitizer_findings(self):
        return re.findall(r"(?:ERROR: \w+Sanitizer|runtime error:).*", self.log_text())
