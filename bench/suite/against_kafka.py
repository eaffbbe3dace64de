"""The engine on a real Kafka against plain librdkafka: throughput, processor time, latency."""

import json
import os
import signal
import subprocess
import time

import brokers
import flow
import latencies
import programs
import rule_sets
from engines import Reader
from statistics_of import median_row

MESSAGES = {False: 300 * 1000, True: 1500 * 1000}
PARTITION_MESSAGES = {False: 100 * 1000, True: 400 * 1000}
SECONDS = {False: 8, True: 25}
ROUNDS = {False: 1, True: 3}
PAIRS = {False: 4, True: 12}
PAIR_SECONDS = {False: 2, True: 4}
RATE = 1000
PARTITIONS = (1, 2, 4, 16, 64)
WARM_UP_SECONDS = 20  # a broker that has just started compiles itself, and lags by seconds meanwhile
SETTLE_SECONDS = 1.0


def plain_row(printed):
    found = json.loads(printed)
    return {"messages": found["messages"], "produced": found["produced"], "seconds": round(found["seconds"], 1),
            "messages_per_second": round(found["messages"] / found["seconds"]),
            "cpu_us": round(1e6 * found["cpu_seconds"] / found["messages"], 2)}


def median_of(rows):
    """Of several rounds, the row with the median throughput, and all their figures."""
    ordered = sorted(rows, key=lambda row: row["messages_per_second"])
    row = dict(ordered[len(ordered) // 2])
    row["rounds"] = {key: [each[key] for each in rows] for key in ("messages_per_second", "cpu_us")}
    return row


def throughput(kafka, folder, rules, records, full, name):
    """Engine, the consumer that produces what the engine produced, and the bare consumer, by turns."""
    topic = f"bench.in.{name}"
    brokers.load(kafka, topic, MESSAGES[full], records)
    found = {"engine": [], "plain": [], "bare": []}
    for turn in range(ROUNDS[full]):
        engine = brokers.engine_on(kafka, folder, rules, topic, f"{name}-{turn}")
        row = brokers.run_engine(engine, MESSAGES[full], SECONDS[full])
        found["engine"].append(row)
        brokers.make_topics(kafka, {f"bench.copy.{name}.{turn}": brokers.PARTITIONS})
        # All that the output topics hold stands for all that any engine has read so far.
        ended = sum(each["ended"] for each in found["engine"])
        found["plain"].append(plain_row(brokers.floor("copy", kafka.bootstrap, topic, SECONDS[full], ended,
                                                      f"bench.copy.{name}.{turn}", *brokers.OUTPUTS)))
        found["bare"].append(plain_row(brokers.floor("consume", kafka.bootstrap, topic, SECONDS[full])))
    rows = {f"kafka/{name}/{who}": median_of(each) for who, each in found.items()}
    ours, plain = rows[f"kafka/{name}/engine"], rows[f"kafka/{name}/plain"]
    ours["throughput_ratio"] = round(ours["messages_per_second"] / plain["messages_per_second"], 3)
    ours["cpu_ratio"] = round(ours["cpu_us"] / plain["cpu_us"], 2)
    return rows


def send(kafka, topic, seconds):
    """When the sending began and ended, in monotonic nanoseconds."""
    begin = time.monotonic_ns()
    brokers.floor("send", kafka.bootstrap, topic, RATE, RATE * seconds)
    return begin, time.monotonic_ns()


def ratios_of(pairs, share):
    """Of each pair (engine, bare): one percentile over the other's."""
    ratios = []
    for ours, bare in pairs:
        above, below = latencies.percentile(sorted(ours), share), latencies.percentile(sorted(bare), share)
        if above and below:
            ratios.append(above / below)
    return ratios


def latency_row(spans, times, bare_times):
    pairs = []
    for ours_span, bare_span in spans:
        pairs.append((latencies.split(times, [ours_span])[0], latencies.split(bare_times, [bare_span])[0]))
    row = {"pairs": len(pairs), "us": latencies.describe([each for ours, _ in pairs for each in ours]),
           "bare_us": latencies.describe([each for _, bare in pairs for each in bare])}
    for name, share in (("p50", 50), ("p99", 99)):
        row[f"{name}_ratios"] = median_row(ratios_of(pairs, share))
        row[f"{name}_ratio"] = row[f"{name}_ratios"]["median"]
    row["p99_ratio_low"] = row["p99_ratios"]["low"]
    return row


def latency(kafka, folder, patterns_folder, full):
    """From due to produce to a reader, by turns with a bare consumer of another topic."""
    brokers.make_topics(kafka, {"bench.ours": 1, "bench.bare": 1})
    engine = brokers.engine_on(kafka, folder, patterns_folder, "bench.ours", "latency")
    reader = Reader(engine.socket, os.path.join(folder, "kafka.times"), sent_in_id=True)
    engine.start()
    bare_path = os.path.join(folder, "bare.times")
    listener = subprocess.Popen([flow.bench("bench_kafka_floor"), "listen", kafka.bootstrap, "bench.bare", bare_path])
    spans = []
    try:
        for topic in ("bench.ours", "bench.bare"):
            send(kafka, topic, WARM_UP_SECONDS)
        time.sleep(SETTLE_SECONDS)
        for _ in range(PAIRS[full]):
            spans.append((send(kafka, "bench.ours", PAIR_SECONDS[full]),
                          send(kafka, "bench.bare", PAIR_SECONDS[full])))
        time.sleep(SETTLE_SECONDS)
    finally:
        listener.send_signal(signal.SIGTERM)
        listener.wait(30)
    engine.stop()
    return {"kafka/latency": latency_row(spans, latencies.read_times(reader.finish()),
                                         latencies.read_times(bare_path))}


def partitions(kafka, folder, rules, records, full):
    rows = {}
    for count in PARTITIONS:
        topic = f"bench.partitions.{count}"
        brokers.load(kafka, topic, PARTITION_MESSAGES[full], records, count)
        engine = brokers.engine_on(kafka, folder, rules, topic, f"partitions-{count}")
        rows[f"scale/partitions/{count}"] = brokers.run_engine(engine, PARTITION_MESSAGES[full], SECONDS[full])
    return rows


def kafka(folder, made_rules, records, full):
    rows = {}
    patterns = made_rules(600, urgent=False)
    urgent = rule_sets.write_folder(os.path.join(folder, "latency-rules"),
                                    [r"\bcaught fire\b", *rule_sets.read_folder(patterns)])
    with brokers.broker(folder) as broker:
        rows.update(latency(broker, folder, urgent, full))
        rows.update(throughput(broker, folder, patterns, records, full, "600"))
        if full:
            rows.update(partitions(broker, folder, patterns, records, full))
    with brokers.broker(os.path.join(folder, "second")) as broker:
        rows.update(throughput(broker, folder, programs.RULES, records, full, "shipped"))
    return rows
