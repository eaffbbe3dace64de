#!/usr/bin/python3
"""Holds `redress rules stems` to whole lines: a message whose line has no room is refused with its place.

usage: check_stems.py REDRESS
"""
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ID_BYTES = 8 << 20


def stems(redress, messages):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.writelines(json.dumps(message) + "\n" for message in messages)
        file.flush()
        return subprocess.run([redress, "rules", "stems", "--rules", os.path.join(ROOT, "rules"), file.name],
                              capture_output=True, text=True, check=False)


def main():
    redress = sys.argv[1]
    short, long = {"id": "a", "text": "The parcel is late."}, {"id": "b" * ID_BYTES, "text": "It is late."}
    whole = stems(redress, [short])
    assert whole.returncode == 0, whole.stderr
    assert json.loads(whole.stdout)["sentences"] == [["the", "parcel", "is", "late"]], whole.stdout
    cut = stems(redress, [short, long])
    assert cut.returncode == 1, cut.returncode
    assert ":2:" in cut.stderr and "shorten its id" in cut.stderr, cut.stderr[-300:]
    assert [json.loads(line)["id"] for line in cut.stdout.splitlines()] == ["a"], cut.stdout[-300:]


if __name__ == "__main__":
    main()
