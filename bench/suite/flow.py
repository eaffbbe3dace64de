"""The whole engine from a file to a reader in another process: latency under load, and when idle.

Open loop: message n is due at begin + n / rate whatever the engine does, and its latency begins then.
"""

import os
import subprocess

import latencies
import programs
import rule_sets
from engines import Engine, Reader, count_lines, full_speed
from statistics_of import median_row

LOADS = {False: (10, 50, 90), True: (10, 25, 50, 75, 90, 95)}  # percent of saturation
SECONDS = {False: 4, True: 30}
SATURATION_SECONDS = {False: 2, True: 15}
IDLE_MESSAGES = {False: 200, True: 6000}
IDLE_GAP_MS = 10
IDLE_REPEATS = {False: 3, True: 11}
CHAIN, CHAIN_SECONDS_MAX = "bench_wake_chain", 300
# What spins: ingest, which is worker and egress too, and the reader; with a worker thread also that, and egress.
MODES = {"inline": ({"workers": "inline", "wait": "spin"}, 2),
         "workers-1": ({"workers": 1, "wait": "spin"}, 4)}


def bench(name):
    return os.path.join(programs.BUILD, "bench", name)


def saturation(folder, rules, records, full, changes):
    """Messages a second where every line is due at once, a reader attached."""
    engine = Engine(folder, rules, changes)
    reader = Reader(engine.socket, os.path.join(folder, "saturation.times"), spin=changes["wait"] == "spin")
    row = full_speed(engine, records, SATURATION_SECONDS[full])
    reader.finish()
    return row["messages_per_second"]


def at_rate(folder, rules, records, changes, rate, seconds, lines):
    """Times of one run, and how many messages it had."""
    engine = Engine(folder, rules, changes)
    repeat = max(1, round(rate * seconds / lines))
    reader = Reader(engine.socket, os.path.join(folder, "flow.times"), spin=changes["wait"] == "spin")
    engine.replay(records, rate=rate, repeat=repeat).wait()
    return latencies.read_times(reader.finish()), repeat * lines


def floor_at(folder, rate, seconds, urgent_share, spin):
    socket = os.path.join(folder, "floor.sock")
    reader = Reader(socket, os.path.join(folder, "floor.times"), spin=spin)
    subprocess.run([bench("bench_flow_floor"), socket, str(rate), str(seconds), f"{urgent_share:.6f}",
                    *["--spin"] * spin], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return latencies.read_times(reader.finish())


def flow_row(load, rate, times, floor_times):
    row = {"load_percent": load, "rate": rate, "us": latencies.describe(latencies.latencies_us(times)),
           "floor_us": latencies.describe(latencies.latencies_us(floor_times))}
    row["p50_us"] = row["us"]["p50"]
    row["p50s"] = median_row(latencies.medians_by_slice(latencies.latencies_us(times)))
    if row["us"]["p99"] is not None and row["floor_us"]["p99"] is not None:
        row["p99_over_floor_us"] = round(row["us"]["p99"] - row["floor_us"]["p99"], 2)
    return row


def flow(folder, rules, records, full, name):
    """Rows flow/NAME/MODE/LOAD, the floor beside the engine at the same rate."""
    lines, rows = count_lines(records), {}
    for mode, (changes, spinning) in MODES.items():
        if spinning > (os.cpu_count() or 1):
            rows[f"flow/{name}/{mode}"] = {"not_measurable": f"{spinning} threads would spin on "
                                                             f"{os.cpu_count()} cores"}
            continue
        full_rate = saturation(folder, rules, records, full, changes)
        rows[f"flow/{name}/{mode}"] = {"saturation": round(full_rate)}
        for load in LOADS[full]:
            rate = max(1, round(full_rate * load / 100))
            times, messages = at_rate(folder, rules, records, changes, rate, SECONDS[full], lines)
            floor = floor_at(folder, rate, SECONDS[full], len(times) / messages, spin=True)
            rows[f"flow/{name}/{mode}/{load}"] = flow_row(load, rate, times, floor)
    return rows


def idle_records(folder):
    """Short urgent messages: what is measured is waking, not reading."""
    path = os.path.join(folder, "idle.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f'{{"id": "{number}", "text": "the charger caught fire"}}\n' for number in range(100))
    return path


def idle_once(folder, rules, records, workers, wakes, messages):
    """The engine and the bare chain at the same time, half a gap apart: what disturbs one disturbs both."""
    engine = Engine(folder, rules, {"workers": workers})
    reader = Reader(engine.socket, os.path.join(folder, "idle.times"))
    engine.replay(records, rate=1000 // IDLE_GAP_MS, repeat=max(1, messages // 100))
    chain_path = os.path.join(folder, "chain.times")
    subprocess.run([bench(CHAIN), str(wakes), str(messages), str(IDLE_GAP_MS), chain_path], check=True,
                   timeout=CHAIN_SECONDS_MAX)
    engine.wait()
    return latencies.read_times(reader.finish()), latencies.read_times(chain_path)


def idle(folder, full):
    """A message each 10 ms, parked threads. The clock wakes the first thread of engine and chain alike."""
    rules = rule_sets.write_folder(os.path.join(folder, "idle-rules"), [r"\bcaught fire\b"])
    records = idle_records(folder)
    rows = {}
    for name, workers, wakes in (("inline", "inline", 1), ("workers-1", 1, 2)):
        engine, queued, chain, first, ratios = [], [], [], [], []
        for _ in range(IDLE_REPEATS[full]):
            times, chain_times = idle_once(folder, rules, records, workers, wakes, IDLE_MESSAGES[full])
            queued += latencies.latencies_us(times, end=latencies.QUEUED)
            first += latencies.latencies_us(chain_times, end=latencies.QUEUED)
            ours, bare = latencies.latencies_us(times), latencies.latencies_us(chain_times)
            engine += ours
            chain += bare
            ratios.append(median_row(ours)["median"] / median_row(bare)["median"])
        rows[f"idle/{name}"] = {"wakes": wakes, "us": latencies.describe(engine),
                                "queued_us": latencies.describe(queued), "chain_us": latencies.describe(chain),
                                "first_us": latencies.describe(first),
                                "ratio": median_row(ratios)["median"], "ratios": median_row(ratios)}
    return rows
