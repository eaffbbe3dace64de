"""A real Apache Kafka on a loopback port: one KRaft node, its data in a folder of the caller.

The jars come by name through Maven (tests/kafka/pom.xml) into build/kafka-jars, once.
Command line: script/kafka --help.
"""

import argparse
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from waiting import (Timeout, command_line, die_with_parent, free_port, is_running, tail,
                     wait_until)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
JARS = os.path.join(ROOT, "build", "kafka-jars")
READY_SECONDS = 90
STOP_SECONDS = 30

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
log.dirs={folder}/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
group.min.session.timeout.ms=1000
num.network.threads=2
num.io.threads=4
num.recovery.threads.per.data.dir=2
log.cleaner.dedupe.buffer.size=16777216
"""

QUICK_TO_START = ["-Xms64m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
AS_OPERATED = ["-Xms1g", "-Xmx1g", "-Xmn600m", "-XX:+UseSerialGC"]  # its code is compiled well once it is warm
JAVA = ["-Xshare:auto", "-Djava.awt.headless=true", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS"]


class KafkaError(Exception):
    """Kafka itself could not be had: a failure of the environment, not of the engine."""


def fetch_jars(target=JARS, pom=os.path.join(ROOT, "tests", "kafka", "pom.xml"), attempts=4):
    """Copies the jars that the pom lists once; several processes may ask at the same time."""
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target + ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.path.isdir(target):
            return target
        if not shutil.which("mvn") or not shutil.which("java"):
            raise KafkaError("no mvn or java: run script/setup kafka")
        for attempt in range(1, attempts + 1):
            folder = tempfile.mkdtemp(prefix="jars-", dir=os.path.dirname(target))
            done = subprocess.run(["mvn", "-B", "-q", "-f", pom, "dependency:copy-dependencies",
                                   f"-DoutputDirectory={folder}"], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if done.returncode == 0 and os.listdir(folder):
                os.chmod(folder, 0o755)
                os.rename(folder, target)
                return target
            shutil.rmtree(folder, ignore_errors=True)
            print(f"kafka: jars: attempt {attempt} of {attempts} failed", file=sys.stderr)
            time.sleep(attempt * 2)
        raise KafkaError("Maven could not copy Kafka's jars:\n" + done.stdout[-2000:])


def run_tool(main_class, *arguments, seconds=120):
    """Runs one of Kafka's own tools; returns what it printed or raises KafkaError."""
    command = ["java", *QUICK_TO_START, *JAVA, "-cp", os.path.join(fetch_jars(), "*"), main_class, *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=seconds)
    if done.returncode != 0:
        raise KafkaError(f"{main_class} ended with {done.returncode}:\n{done.stdout[-2000:]}")
    return done.stdout


def can_answer(bootstrap, seconds=2):
    """True when the broker answers a real metadata request and knows itself as its own peer."""
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient
    client = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0,
                          "socket.timeout.ms": 2000})
    try:
        return len(client.list_topics(timeout=seconds).brokers) > 0
    except KafkaException:
        return False


class Kafka:
    """One broker. Start and stop it as often as you like: the data stay in the folder."""

    def __init__(self, folder, port=None, machine=QUICK_TO_START):
        self.folder = os.path.abspath(folder)
        self.log = os.path.join(self.folder, "kafka.log")
        self.properties = os.path.join(self.folder, "server.properties")
        self.pid_file = os.path.join(self.folder, "kafka.pid")
        self.port_file = os.path.join(self.folder, "port")
        self.asked_port = port
        self.machine = machine
        self.child = None

    @property
    def port(self):
        try:
            with open(self.port_file) as file:
                return int(file.read())
        except (FileNotFoundError, ValueError):
            return None

    @property
    def bootstrap(self):
        return f"127.0.0.1:{self.port}"

    def pid(self):
        """The pid of our own broker, or None: a recycled pid has another command line."""
        try:
            with open(self.pid_file) as file:
                pid = int(file.read())
        except (FileNotFoundError, ValueError):
            return None
        return pid if self.properties in command_line(pid) and is_running(pid) else None

    def start(self, detached=False):
        """Starts the broker and returns when it answers a metadata request."""
        if self.pid():
            raise KafkaError(f"already running in {self.folder} with pid {self.pid()}")
        os.makedirs(self.folder, exist_ok=True)
        jars = fetch_jars()
        for attempt in range(1, 4):
            if not self._is_formatted():
                self._format()
            self._spawn(jars, detached)
            try:
                wait_until("Kafka answers a metadata request",
                           lambda: not self.pid() or can_answer(self.bootstrap), READY_SECONDS, 0.1)
            except Timeout as error:
                self.kill()
                raise KafkaError(f"{error}\n{tail(self.log)}") from None
            if self.pid():
                return self
            if self.asked_port or "Address already in use" not in tail(self.log, 200):
                raise KafkaError(f"Kafka ended at start:\n{tail(self.log)}")
            # Somebody else took the free port between our looking and Kafka's binding.
            shutil.rmtree(os.path.join(self.folder, "data"), ignore_errors=True)
        raise KafkaError("no free port found")

    def _is_formatted(self):
        return os.path.exists(os.path.join(self.folder, "data", "meta.properties"))

    def _format(self):
        port = self.asked_port or free_port()
        controller_port = free_port()
        with open(self.properties, "w") as file:
            file.write(PROPERTIES.format(port=port, controller_port=controller_port,
                                         folder=self.folder))
        with open(self.port_file, "w") as file:
            file.write(str(port))
        cluster = run_tool("kafka.tools.StorageTool", "random-uuid").strip().splitlines()[-1]
        run_tool("kafka.tools.StorageTool", "format", "--cluster-id", cluster, "-c",
                 self.properties)

    def _spawn(self, jars, detached):
        command = ["java", *self.machine, *JAVA, "-cp", os.path.join(jars, "*"), "kafka.Kafka", self.properties]
        with open(self.log, "a") as log:
            self.child = subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=log, start_new_session=True,
                                          preexec_fn=None if detached else die_with_parent)
        with open(self.pid_file, "w") as file:
            file.write(str(self.child.pid))
        # Until exec has happened the command line is still ours and pid() would not know it.
        wait_until("java is executed",
                   lambda: self.child.poll() is not None or self.pid() is not None, 10, 0.005)

    def stop(self):
        """Ends the broker in good order; kills it where that takes too long."""
        pid = self.pid()
        if pid:
            os.kill(pid, signal.SIGCONT)
            os.kill(pid, signal.SIGTERM)
            try:
                wait_until("Kafka has ended", lambda: self._has_ended(pid), STOP_SECONDS)
            except Timeout:
                self.kill()

    def kill(self):
        """SIGKILL: an outage without goodbye, and the quick way at the end of a test."""
        pid = self.pid()
        if pid:
            os.kill(pid, signal.SIGKILL)
            wait_until("Kafka has ended", lambda: self._has_ended(pid), 10, 0.01)

    def _has_ended(self, pid):
        if self.child and self.child.pid == pid:
            return self.child.poll() is not None
        return not is_running(pid)

    def pause(self):
        """SIGSTOP: connections stay open and nobody answers."""
        os.kill(self.pid(), signal.SIGSTOP)

    def resume(self):
        os.kill(self.pid(), signal.SIGCONT)

    def delete_records(self, before):
        """Deletes the heads of partitions: {(topic, partition): first offset that stays}."""
        plan = {"version": 1, "partitions": [
            {"topic": topic, "partition": partition, "offset": offset}
            for (topic, partition), offset in before.items()]}
        path = os.path.join(self.folder, "delete-records.json")
        with open(path, "w") as file:
            json.dump(plan, file)
        run_tool("org.apache.kafka.tools.DeleteRecordsCommand", "--bootstrap-server",
                 self.bootstrap, "--offset-json-file", path)


def main():
    parser = argparse.ArgumentParser(
        prog="script/kafka", description="A real Apache Kafka for tests, on loopback only.",
        epilog="start prints the port; DIR keeps data, log and pid file; exit code 3 where Kafka "
               "can't be had, 1 where status or another command finds none running.")
    parser.add_argument("command", choices=["start", "stop", "kill", "pause", "resume", "status"],
                        help="pause and resume freeze the process: an outage without a reset")
    parser.add_argument("folder", metavar="DIR")
    parser.add_argument("--port", type=int, help="for the first start; a free one otherwise")
    arguments = parser.parse_args()
    kafka = Kafka(arguments.folder, arguments.port)
    try:
        if arguments.command == "start":
            print(kafka.start(detached=True).port)
            return 0
        if not kafka.pid():
            print(f"kafka: none is running in {kafka.folder}", file=sys.stderr)
            return 1
        if arguments.command == "status":
            answers = can_answer(kafka.bootstrap)
            print(f"pid {kafka.pid()}, {kafka.bootstrap}, "
                  f"{'answers' if answers else 'does not answer'}")
            return 0 if answers else 1
        getattr(kafka, arguments.command)()
        return 0
    except KafkaError as error:
        print(f"kafka: {error}", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main())
