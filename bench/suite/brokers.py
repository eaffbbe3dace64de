"""A real Kafka for a part of the suite, its topics, and an engine that reads from it."""

import contextlib
import os
import sys
import time

import programs
from engines import Engine

sys.path.insert(0, os.path.join(programs.ROOT, "tests", "kafka"))

PARTITIONS = 4
OUTPUTS = ("redress.cases", "redress.calm", "redress.dead-letters", "redress.frontline.people")
ACKS = "redress.frontline.acks"
POLL_SECONDS = 0.02
WARM_UP = 0.2  # of a window
START_SECONDS_MAX = 120


@contextlib.contextmanager
def broker(folder):
    """One broker with the engine's output topics; gone with the block."""
    from server import Kafka
    kafka = Kafka(os.path.join(folder, "kafka")).start()
    try:
        make_topics(kafka, {name: PARTITIONS for name in OUTPUTS})
        make_topics(kafka, {ACKS: 1}, {"cleanup.policy": "compact"})
        yield kafka
    finally:
        kafka.kill()


def make_topics(kafka, partitions, config=None):
    import topics
    topics.create(kafka.bootstrap, partitions, config)


def floor(*arguments):
    """What kafka_floor prints."""
    return programs.run("bench_kafka_floor", *arguments)


def load(kafka, topic, messages, records, partitions=PARTITIONS):
    make_topics(kafka, {topic: partitions})
    floor("load", kafka.bootstrap, topic, messages, records)


def engine_on(kafka, folder, rules, topic, name, changes=None):
    """An engine of a group of its own, so that it begins at the beginning. Not started."""
    base = {"brokers": kafka.bootstrap, "group": f"bench-{name}", "instance": name,
            "channels": [{"name": "bench", "topics": [topic]}],
            "outputs": {"calm": {"topic": OUTPUTS[1]}}}
    base.update(changes or {})
    return Engine(folder, rules, base, name)


def ended_by(engine):
    status = engine.status()
    return sum(status.get(key, 0) for key in ("cases", "calm", "dead_letters"))


def watch(progress, cpu_seconds, total, seconds):
    """Samples (time, messages, processor seconds) from the first message on, for so long or until all are through."""
    begun, samples = time.monotonic(), []
    while True:
        now, count = time.monotonic(), progress()
        if not samples and now - begun > START_SECONDS_MAX:
            raise RuntimeError("nothing has moved")
        if count > 0:
            samples.append((now, count, cpu_seconds()))
            if count >= total or now - samples[0][0] >= seconds:
                return samples
        time.sleep(POLL_SECONDS)


def window_row(samples):
    """Messages a second and processor a message, the first fifth left out."""
    first, last = samples[0][0], samples[-1][0]
    inside = [sample for sample in samples if sample[0] >= first + (last - first) * WARM_UP]
    (begin, few, cpu_before), (end, many, cpu_after) = inside[0], inside[-1]
    messages = max(1, many - few)
    return {"messages": messages, "seconds": round(end - begin, 1),
            "messages_per_second": round(messages / max(end - begin, 1e-9)),
            "cpu_us": round(1e6 * (cpu_after - cpu_before) / messages, 2)}


def run_engine(engine, total, seconds):
    engine.start()
    row = window_row(watch(lambda: ended_by(engine), engine.cpu_seconds_now, total, seconds))
    status = engine.status()
    engine.stop()
    row["cases"] = status["cases"]
    row["ended"] = sum(status[key] for key in ("cases", "calm", "dead_letters"))
    return row
