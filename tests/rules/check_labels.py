#!/usr/bin/python3
"""Holds the rows of labels/ to the label guide's form: known words, each message once in a language, nothing that contradicts itself.

usage: check_labels.py
Exit code 0 where every row is sound, 1 where one is not; each is named by file and line.
"""
import glob
import json
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LABELS = os.path.join(ROOT, "labels")
MEMBERS = ["source", "id", "complaint", "severity", "urgent", "categories", "traits"]
CRITICAL = 4


def known_words():
    """(categories, traits): the names that a verdict has for them."""
    with open(os.path.join(ROOT, "docs/schemas/case.json"), encoding="utf-8") as file:
        verdict = json.load(file)["properties"]["verdict"]["properties"]
    return tuple(set(verdict[kind]["items"]["enum"]) for kind in ("categories", "traits"))


def faults_of(row, categories, traits):
    if list(row) != MEMBERS:
        yield f"its members are {list(row)}"
        return
    if row["severity"] not in range(CRITICAL + 1) or row["complaint"] != int(row["severity"] > 0):
        yield "complaint and severity part"
    if row["severity"] == CRITICAL and not row["urgent"]:
        yield "critical and not urgent"
    if row["urgent"] and row["severity"] < CRITICAL - 1:
        yield "urgent and not serious"
    if bool(row["categories"]) != bool(row["complaint"]) or len(row["categories"]) > 2:
        yield "a complaint has one category or two, a calm message none"
    for word in set(row["categories"]) - categories | set(row["traits"]) - traits:
        yield f'"{word}" is no category or trait'


def check_file(path, seen, categories, traits):
    found = 0
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            row = json.loads(line)
            faults = list(faults_of(row, categories, traits))
            key = row.get("source"), row.get("id"), path.split(".")[-2]
            if key in seen:
                faults.append("read twice")
            seen.add(key)
            for fault in faults:
                print(f"{os.path.relpath(path, ROOT)}:{number}: {fault}", file=sys.stderr)
            found += len(faults)
    return found


def main():
    categories, traits = known_words()
    seen = set()
    paths = sorted(glob.glob(os.path.join(LABELS, "*.jsonl")) + glob.glob(os.path.join(LABELS, "*", "*.??.jsonl")))
    found = sum(check_file(path, seen, categories, traits) for path in paths)
    print(f"labels: {len(seen)} rows in {len(paths)} files, {found} faults")
    sys.exit(1 if found or not seen else 0)


if __name__ == "__main__":
    main()
