"""A real Kafka for a part of the suite, its topics, and an engine that reads from it."""

import contextlib
import os
import sys

import programs
from engines import Engine, ended_by, watch, window_row

sys.path.insert(0, os.path.join(programs.ROOT, "tests", "kafka"))

PARTITIONS = 4
OUTPUTS = ("redress.cases", "redress.calm", "redress.dead-letters", "redress.frontline.people")
ACKS = "redress.frontline.acks"


@contextlib.contextmanager
def broker(folder):
    """One broker with the engine's output topics; gone with the block."""
    from server import AS_OPERATED, Kafka
    kafka = Kafka(os.path.join(folder, "kafka"), machine=AS_OPERATED).start()
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
    os.sync()  # else the kernel writes what was loaded, or deleted before, while somebody is measured


def engine_on(kafka, folder, rules, topic, name, changes=None):
    """An engine of a group of its own, so that it begins at the beginning. Not started."""
    base = {"brokers": kafka.bootstrap, "group": f"bench-{name}", "instance": name,
            "channels": [{"name": "bench", "topics": [topic]}],
            "outputs": {"calm": {"topic": OUTPUTS[1]}}}
    base.update(changes or {})
    return Engine(folder, rules, base, name)


def run_engine(engine, total, seconds):
    engine.start()
    row = window_row(watch(lambda: ended_by(engine), engine.cpu_seconds_now, total, seconds))
    status = engine.status()
    engine.stop()
    row["cases"] = status["cases"]
    row["ended"] = sum(status[key] for key in ("cases", "calm", "dead_letters"))
    return row
