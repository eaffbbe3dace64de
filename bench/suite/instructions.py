"""Instructions a message, counted by callgrind: the same binary on the same input counts the same.

The limits are in bench/instructions.json; `script/bench --instructions --record` writes them anew.
"""

import glob
import json
import os
import re
import shutil
import subprocess
import sys

import programs
from statistics_of import compare_instructions

LIMITS = os.path.join(programs.ROOT, "bench", "instructions.json")
RECORDS = os.path.join(programs.ROOT, "bench", "data", "instructions.jsonl")
# Loading is nine tenths of the run: one Latin and one Cyrillic pack show what the others would.
PACKS = ("en", "ru")
TOLERANCE = 0.05
FUNCTIONS_KEPT = 12
NAME = re.compile(r"^fn=\((\d+)\)(?: (.*))?$")
COST = re.compile(r"^[+\-*\d]\S* (\d+)$")
TRIGGER = re.compile(r"^desc: Trigger: Client Request: (\S+)$")


def clean(name):
    """What the linker adds to a name says nothing about the function."""
    name = re.sub(r"\.(lto_priv|constprop|part|isra|cold)\b(\.\d+)*", "", name)
    return "code made at run time" if name.startswith("0x") else name


def read_profile(path, names):
    """The row's name and each function's own instructions."""
    row, function, is_call, functions = None, None, False, {}
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            trigger, named, cost = TRIGGER.match(line), NAME.match(line), COST.match(line)
            if trigger:
                row = trigger.group(1)
            elif named:
                if named.group(2):
                    names[named.group(1)] = clean(named.group(2))
                function = names.get(named.group(1), "?")
            elif line.startswith("cfn="):
                called = NAME.match(line[1:])
                if called and called.group(2):
                    names[called.group(1)] = clean(called.group(2))
            elif line.startswith("calls="):
                is_call = True
            elif cost:
                # The line behind calls= is what the callee took, which is counted there.
                if not is_call and function:
                    functions[function] = functions.get(function, 0) + int(cost.group(1))
                is_call = False
    return row, functions


def copy_rules(folder):
    rules = os.path.join(folder, "rules")
    os.mkdir(rules)
    for pack in PACKS:
        shutil.copytree(os.path.join(programs.RULES, pack), os.path.join(rules, pack))
    for path in glob.glob(os.path.join(programs.RULES, "*.yaml")):
        shutil.copy(path, rules)
    return rules


def count(folder):
    out = os.path.join(folder, "callgrind")
    command = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={out}",
               os.path.join(programs.BUILD, "bench", "bench_stages"), "--counting", copy_rules(folder), RECORDS]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        print("bench: valgrind is missing (script/setup): instructions are not counted", file=sys.stderr)
        sys.exit(77)
    if done.returncode != 0:
        sys.exit(f"bench: counting ended with {done.returncode}: {done.stderr[-2000:]}")
    about = json.loads(done.stdout)
    rows = {}
    for path in glob.glob(glob.escape(out) + ".*"):
        row, functions = read_profile(path, {})
        if row:
            rows[row] = {"total": round(sum(functions.values()) / about["messages"]),
                         "functions": {name: round(own / about["messages"]) for name, own in functions.items()}}
    return about["rule_set"], rows


def shorten(rows):
    """The functions that cost most, for the file of limits."""
    for row in rows.values():
        most = sorted(row["functions"].items(), key=lambda item: -item[1])[:FUNCTIONS_KEPT]
        row["functions"] = dict(most)
    return dict(sorted(rows.items()))


def check(folder, record):
    """Prints a row a stage; the number of rows over their limit."""
    rule_set, rows = count(folder)
    if record:
        with open(LIMITS, "w", encoding="utf-8") as file:
            json.dump({"rule_set": rule_set, "tolerance": TOLERANCE, "rows": shorten(rows)}, file, indent=1,
                      ensure_ascii=False)
            file.write("\n")
    with open(LIMITS, encoding="utf-8") as file:
        limits = json.load(file)
    for name, limit in limits["rows"].items():
        found = rows.get(name, {"total": 0})["total"]
        print(f"{name:20} {found:10} instructions a message, limit {limit['total'] * (1 + TOLERANCE):10.0f}")
    risen = compare_instructions(limits["rows"], rows, limits["tolerance"])
    for name, ratio, function, rise in risen:
        print(f"missed: {name}: {100 * (ratio - 1):+.1f} % instructions; {function} rose by {rise} a message")
    if risen and rule_set != limits["rule_set"]:
        print("The rules are not those of the limits: where they are why, record the limits anew.")
    return len(risen)
