"""Memory of the whole engine, and what its worker allocates, locks and asks the kernel for at load."""

import json
import os
import re
import shutil
import subprocess
import sys
import time

import programs
from engines import ENGINE, Engine, count_lines

CUSTOMERS = 1000 * 1000
SAMPLE_SECONDS = 0.02
REPEATS = (1, 3)  # of the corpus: the difference is what messages cost, start and end apart
CALL = re.compile(r"^(\d+)\s+(\w+)\(")
NAMED = re.compile(r'^(\d+)\s+prctl\(PR_SET_NAME, "([^"]+)"')
MODES = {"inline": ("inline", "redress-ingest"), "workers-1": (1, "redress-worker")}


def find_complaint(rules, records):
    """A text of the corpus that these rules hear as a complaint: only who complains is remembered."""
    with open(records, encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    lines = "".join(json.dumps({"text": text, "language": "en"}) + "\n" for text in texts)
    verdicts = subprocess.run([ENGINE, "classify", "--rules", rules], input=lines, stdout=subprocess.PIPE, text=True,
                              check=True).stdout.splitlines()
    for text, verdict in zip(texts, verdicts):
        if json.loads(verdict)["complaint"]:
            return text
    raise RuntimeError(f"the rules of {rules} hear no complaint in {records}: nobody would be remembered")


def write_customers(path, text):
    """A complaint from each of a million customers."""
    with open(path, "w", encoding="utf-8") as file:
        for number in range(CUSTOMERS):
            file.write(json.dumps({"customer": f"c-{number}", "language": "en", "text": text}) + "\n")
    return path


def memory(folder, rules, records, name):
    """Resident bytes at their most while a million customers become known; shared memory of the frontline counts."""
    customers = write_customers(os.path.join(folder, "customers.jsonl"), find_complaint(rules, records))
    engine = Engine(folder, rules, {"limits": {"customers": CUSTOMERS}})
    engine.replay(customers)
    resident = 0
    while not has_ended(engine.pid()):
        resident = max(resident, engine.memory_bytes())  # at the end it falls: what the rules held goes first
        time.sleep(SAMPLE_SECONDS)
    engine.wait()
    os.remove(customers)
    return {f"memory/{name}": {"customers": CUSTOMERS, "resident_mb": round(resident / 1e6, 1),
                               "peak_mb": round(engine.usage.ru_maxrss * 1024 / 1e6, 1)}}


def has_ended(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0] in "ZX"


def read_counts(path, thread):
    """(allocations, locks) of the threads of that name."""
    allocations = locks = 0
    with open(path, encoding="utf-8") as file:
        for line in file:
            name, *counts = line.split()
            if name == thread:
                allocations += int(counts[0])
                locks += int(counts[1])
    return allocations, locks


def read_trace(lines, thread):
    """System calls of the threads of that name, from the moment they took it: {call: count}."""
    threads, calls = set(), {}
    for line in lines:
        named = NAMED.match(line)
        if named and named.group(2) == thread:
            threads.add(named.group(1))
            continue
        call = CALL.match(line)
        if call and call.group(1) in threads:
            calls[call.group(2)] = calls.get(call.group(2), 0) + 1
    return calls


def counted_run(folder, rules, records, workers, repeat, thread):
    counts = os.path.join(folder, "counts")
    library = os.path.join(programs.BUILD, "bench", "libbench_count_calls.so")
    engine = Engine(folder, rules, {"workers": workers})
    engine.replay(records, repeat=repeat, environment={"LD_PRELOAD": library, "REDRESS_COUNTS": counts}).wait()
    return read_counts(counts, thread)


def traced_run(folder, rules, records, workers, repeat, thread):
    trace = os.path.join(folder, "trace")
    engine = Engine(folder, rules, {"workers": workers})
    engine.replay(records, repeat=repeat, prefix=("strace", "-f", "-qq", "-o", trace)).wait()
    with open(trace, encoding="utf-8", errors="replace") as file:
        return read_trace(file, thread)


def without_clock(calls):
    """A message whose thread was preempted asks for its processor time: the machine's doing, not the load's."""
    return sum(count for call, count in calls.items() if call != "clock_gettime")


def per_message(few, many, messages):
    return round((many - few) / messages, 4)


def counts(folder, rules, records, full):
    """Calls a message of the thread that works, while its inbox is never empty."""
    modes = MODES if full else {"workers-1": MODES["workers-1"]}
    messages = count_lines(records) * (REPEATS[1] - REPEATS[0])
    rows = {}
    for mode, (workers, thread) in modes.items():
        few, many = (counted_run(folder, rules, records, workers, repeat, thread) for repeat in REPEATS)
        row = {"messages": messages, "allocations": per_message(few[0], many[0], messages),
               "locks": per_message(few[1], many[1], messages)}
        if shutil.which("strace"):
            few, many = (traced_run(folder, rules, records, workers, repeat, thread) for repeat in REPEATS)
            row["system_calls"] = per_message(without_clock(few), without_clock(many), messages)
            row["by_call"] = {call: per_message(few.get(call, 0), count, messages)
                              for call, count in sorted(many.items()) if count > few.get(call, 0)}
        else:
            print("bench: strace is missing (script/setup bench): system calls are not counted", file=sys.stderr)
        rows[f"counts/{mode}"] = row
    return rows
