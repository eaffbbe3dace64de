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

COUNT = 20
SECONDS_MAX = {False: 1, True: 60}  # of reloads together: those of large packs are fewer
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


def spin(seconds):
    """A program at idle priority that does nothing: the least that loading can cost who waits."""
    begin_ns = time.monotonic_ns()
    while time.monotonic_ns() - begin_ns < seconds * 1e9:
        pass
    return begin_ns, time.monotonic_ns()


def seconds_of(spans):
    return sum(end - begin for begin, end in spans) / 1e9


def row_of(spans, times, load_seconds, spins):
    settled = [each for each in times if each[latencies.DUE] >= spans[0][0] - 2e9]
    inside, _ = latencies.split(settled, spans)
    beside_spins, _ = latencies.split(settled, spins)
    _, outside = latencies.split(settled, spans + spins)
    during, without, spinning = map(latencies.describe, (inside, outside, beside_spins))
    seconds = median_row([(end - begin) / 1e9 for begin, end in spans])
    row = {"reloads": len(spans), "seconds": seconds, "seconds_median": seconds["median"],
           "load_cpu_seconds": load_seconds["median"], "us": during, "without_us": without, "spin_us": spinning}
    for name, beside in (("p99_ratio", without), ("p99_over_spin", spinning)):
        if during["p99"] and beside["p99"]:
            row[name] = round(during["p99"] / beside["p99"], 2)
    return row


def reloads(folder, rules, records, full, name):
    """Reloads, as long spins and pauses by turns, in one run of a parked engine with a sleeping reader."""
    changes = {"workers": "inline", "wait": "park"}
    rate = max(1, round(flow.saturation(folder, rules, records, False, changes) * LOAD_SHARE))
    load_seconds = median_row([load_cpu_seconds(rules) for _ in range(3)])
    engine = Engine(folder, rules, changes)
    reader = Reader(engine.socket, os.path.join(folder, "reload.times"))
    engine.replay(records, rate=rate, repeat=1000000)
    spans, spins = [], []
    time.sleep(PAUSE_SECONDS)
    with standing_back():
        while len(spans) < COUNT and seconds_of(spans) < SECONDS_MAX[full]:
            spans.append(reload_once(engine))
            seconds = min(PAUSE_SECONDS, seconds_of(spans[-1:]))
            time.sleep(seconds)
            spins.append(spin(seconds))
            time.sleep(seconds)
    engine.stop()
    row = row_of(spans, latencies.read_times(reader.finish()), load_seconds, spins)
    row["rate"] = rate
    return {f"reload/{name}": row}
