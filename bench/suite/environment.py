"""On what a result was measured."""

import glob
import hashlib
import os
import platform
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def output_of(*command):
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        found = re.search(r"^model name\s*:\s*(.*)$", file.read(), re.M)
    return found.group(1) if found else platform.machine()


def hash_of(paths):
    digest = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()[:16]


def describe(corpus):
    changed = output_of("git", "status", "--porcelain", "--untracked-files=no", "engine", "rules", "bench")
    return {"processor": processor(), "cores": os.cpu_count(), "kernel": platform.release(),
            "compiler": output_of("cc", "--version").split("\n")[0],
            "commit": output_of("git", "rev-parse", "--short=12", "HEAD") + ("+" if changed else ""),
            "corpus": hash_of(corpus), "load_average": [round(one, 2) for one in os.getloadavg()]}


def corpus_files(folder):
    return sorted(glob.glob(os.path.join(folder, "*.jsonl")))
