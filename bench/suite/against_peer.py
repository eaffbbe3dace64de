"""Kafka Streams on the engine's job: the same rules, the same topic, the same run, by turns."""

import os
import subprocess
import threading

import brokers
import programs
import rule_sets
from against_kafka import median_of
from engines import cpu_seconds_of, watch, window_row

MESSAGES = {False: 600 * 1000, True: 1500 * 1000}  # its first second goes to pages that nobody had touched
SECONDS = {False: 15, True: 40}
ROUNDS = {False: 1, True: 3}
JARS = os.path.join(programs.ROOT, "build", "peer-jars")
CLASSES = os.path.join(programs.ROOT, "build", "peer-classes")
SOURCE = os.path.join(programs.ROOT, "bench", "peer", "Peer.java")
POM = os.path.join(programs.ROOT, "bench", "peer", "pom.xml")


def compile_peer():
    """The class path of the peer."""
    from server import fetch_jars
    jars = os.path.join(fetch_jars(JARS, POM), "*")
    os.makedirs(CLASSES, exist_ok=True)
    try:
        subprocess.run(["javac", "-nowarn", "-cp", jars, "-d", CLASSES, SOURCE], check=True)
    except FileNotFoundError:
        raise RuntimeError("javac is missing (script/setup bench)") from None
    return f"{CLASSES}:{jars}"


class Peer:
    """The running peer and how far it says it is: messages, complaints, hits."""

    def __init__(self, class_path, kafka, topic, output, rules, folder, name):
        options = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=error", "-Xmx2g"]
        self.process = subprocess.Popen(
            ["java", *options, "-cp", class_path, "Peer", kafka.bootstrap, name, topic, output, rules,
             os.path.join(folder, name)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.said = (0, 0, 0)
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.listener.start()

    def listen(self):
        for line in self.process.stdout:
            self.said = tuple(map(int, line.split()))

    def cpu_seconds(self):
        return cpu_seconds_of(self.process.pid)

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.listener.join(10)


def run_peer(class_path, kafka, topic, rules, folder, name, total, seconds):
    output = f"{topic}.{name}"
    brokers.make_topics(kafka, {output: brokers.PARTITIONS})
    peer = Peer(class_path, kafka, topic, output, rules, folder, name)
    try:
        row = window_row(watch(lambda: peer.said[0], peer.cpu_seconds, total, seconds))
    finally:
        peer.stop()
    row["ended"], row["cases"], row["hits"] = peer.said
    return row


def share_of_cases(row):
    return round(100 * row["cases"] / max(1, row["ended"]), 2)


def peer(folder, rules, records, full):
    class_path = compile_peer()
    patterns = os.path.join(folder, "peer-rules.txt")
    with open(patterns, "w", encoding="utf-8") as file:
        file.writelines(pattern + "\n" for pattern in rule_sets.read_folder(rules))
    ours, theirs = [], []
    with brokers.broker(os.path.join(folder, "peer")) as kafka:
        brokers.load(kafka, "bench.peer", MESSAGES[full], records)
        for turn in range(ROUNDS[full]):
            engine = brokers.engine_on(kafka, folder, rules, "bench.peer", f"peer-{turn}",
                                       {"outputs": {"calm": {"enabled": False}}})
            ours.append(brokers.run_engine(engine, MESSAGES[full], SECONDS[full]))
            theirs.append(run_peer(class_path, kafka, "bench.peer", patterns, folder, f"streams-{turn}",
                                   MESSAGES[full], SECONDS[full]))
    rows = {"peer/engine": median_of(ours), "peer/kafka-streams": median_of(theirs)}
    for row in rows.values():
        row["cases_percent"] = share_of_cases(row)
    engine, streams = rows["peer/engine"], rows["peer/kafka-streams"]
    engine["throughput_ratio"] = round(engine["messages_per_second"] / streams["messages_per_second"], 1)
    engine["cpu_ratio"] = round(streams["cpu_us"] / engine["cpu_us"], 1)
    return rows
