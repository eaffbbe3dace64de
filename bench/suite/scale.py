"""Where the engine bends: workers, rules, customers."""

import json
import os

import programs
from engines import Engine, full_speed
from statistics_of import median_row

RULES = {False: (60, 600), True: (60, 600, 6000)}
CUSTOMERS = {False: (10 ** 4, 10 ** 6), True: (10 ** 4, 10 ** 5, 10 ** 6, 10 ** 7)}
ROUNDS = {False: 3, True: 7}
SECONDS = {False: 2, True: 15}


def throughput(folder, rules, records, workers, seconds):
    """Messages a second of wall clock, and processor time a message."""
    row = full_speed(Engine(folder, rules, {"workers": workers}), records, seconds)
    return {key: row[key] for key in ("messages_per_second", "cpu_us")}


def worker_counts(cores):
    counts, count = ["inline"], 1
    while count <= cores:
        counts.append(count)
        count *= 2
    return counts


def workers(folder, rules, records, full):
    """As many workers as cores and fewer; ingest and egress want a share of the cores, too."""
    rows = {}
    for count in worker_counts(os.cpu_count() or 1):
        row = throughput(folder, rules, records, count, SECONDS[full])
        row["messages_per_second_and_core"] = round(1e6 / row["cpu_us"])
        rows[f"scale/workers/{count}"] = row
    return rows


def rules(folder, made, size, records, full):
    """The whole engine with `size` rules; all sizes hit equally often."""
    return {f"scale/rules/{size}": throughput(folder, made, records, "inline", SECONDS[full])}


def customers(full):
    """The history alone, by the number of customers it knows."""
    rows = {}
    for count in CUSTOMERS[full]:
        found = json.loads(programs.run("bench_history_scale", count, ROUNDS[full]))
        rows[f"scale/customers/{count}"] = {"ns": median_row(found["ns"])}
    return rows
