"""What loading the rules again costs: its time, and what urgent messages wait meanwhile."""

import contextlib
import os
import signal
import subprocess
import time

import flow
import latencies
from engines import ENGINE, Engine, Reader, children_cpu_seconds
from statistics_of import median_row

COUNTS = {False: 1, True: 20}
LOAD_SHARE = 0.2  # of saturation: people wait for a case, not behind others
RELOAD_SECONDS_MAX = 120
POLL_SECONDS = 0.01
PAUSE_SECONDS = 2.0


def load_cpu_seconds(rules):
    """Processor seconds of loading alone: what a reload takes twice, in the check and in the engine."""
    before = children_cpu_seconds()
    subprocess.run([ENGINE, "rules", "check", "--quick", rules], check=True, stdout=subprocess.DEVNULL)
    return children_cpu_seconds() - before


@contextlib.contextmanager
def standing_back():
    """Whoever asks how far a reload is takes no processor from who is measured."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    try:
        yield
    finally:
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def reload_once(engine):
    """From the signal to the rules in use, in monotonic nanoseconds."""
    version = engine.status()["rule_set_version"]
    begin_ns = time.monotonic_ns()
    engine.process.send_signal(signal.SIGHUP)
    while engine.status().get("rule_set_version", version) == version:
        if time.monotonic_ns() - begin_ns > RELOAD_SECONDS_MAX * 1e9 or engine.process.poll() is not None:
            raise RuntimeError(f"no reload within {RELOAD_SECONDS_MAX} s: {engine.log_text()[-2000:]}")
        time.sleep(POLL_SECONDS)
    return begin_ns, time.monotonic_ns()


def row_of(spans, times, load_seconds):
    inside, outside = latencies.split([each for each in times if each[latencies.DUE] >= spans[0][0] - 2e9], spans)
    during, without = latencies.describe(inside), latencies.describe(outside)
    seconds = median_row([(end - begin) / 1e9 for begin, end in spans])
    row = {"reloads": len(spans), "seconds": seconds, "seconds_median": seconds["median"],
           "load_cpu_seconds": load_seconds["median"], "us": during, "without_us": without}
    if during["p99"] and without["p99"]:
        row["p99_ratio"] = round(during["p99"] / without["p99"], 2)
    return row


def reloads(folder, rules, records, full, name):
    """Pauses and reloads by turns, in one run of a parked engine with a sleeping reader."""
    changes = {"workers": "inline", "wait": "park"}
    rate = max(1, round(flow.saturation(folder, rules, records, False, changes) * LOAD_SHARE))
    load_seconds = median_row([load_cpu_seconds(rules) for _ in range(3)])
    engine = Engine(folder, rules, changes)
    reader = Reader(engine.socket, os.path.join(folder, "reload.times"))
    engine.replay(records, rate=rate, repeat=1000000)
    spans = []
    time.sleep(PAUSE_SECONDS)
    with standing_back():
        for _ in range(COUNTS[full]):
            spans.append(reload_once(engine))
            time.sleep(min(PAUSE_SECONDS, (spans[-1][1] - spans[-1][0]) / 1e9))
    engine.stop()
    row = row_of(spans, latencies.read_times(reader.finish()), load_seconds)
    row["rate"] = rate
    return {f"reload/{name}": row}
