"""The frame of every campaign: a Kafka, an engine, a seed, one JSON line, an exit code.

A campaign is a function of (Campaign) that drives the engine and calls campaign.expect() and
campaign.check_law(). Exit codes: 0 the law held, 1 it was broken, 3 the environment failed.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time

import engine as engines
import schemas
import topics
from law import Law, outcome_of, urgent_without_copy
from server import Kafka, KafkaError
from waiting import Timeout, tail

OUTPUTS = [engines.CASES, engines.CALM, engines.DEAD_LETTERS]


class Campaign:
    def __init__(self, name, arguments):
        self.name = name
        self.arguments = arguments
        self.seed = arguments.seed
        self.random = random.Random(f"{name}/{self.seed}")
        self.folder = tempfile.mkdtemp(prefix="redress-soak-")
        self.kafka = Kafka(os.path.join(self.folder, "kafka"))
        self.engines = []
        self.counts = {}
        self.broken = []
        self.started = time.monotonic()

    def start_kafka(self, inputs, input_config=None, refused=()):
        """Starts Kafka with the input topics {name: partitions} and every output topic.

        refused: output topics that take nothing until topics.accept()."""
        self.kafka.start()
        topics.create(self.kafka.bootstrap, inputs, input_config)
        for name in OUTPUTS:
            config = topics.REFUSING if name in refused else None
            topics.create(self.kafka.bootstrap, {name: 2}, config)
        topics.create(self.kafka.bootstrap, {engines.FRONTLINE_PREFIX + engines.QUEUE: 2})
        topics.create(self.kafka.bootstrap, {engines.ACKS: 1}, {"cleanup.policy": "compact"})

    def new_engine(self, channels, instance="one", changes=None):
        engine = engines.Engine(self.arguments.engine, self.kafka, self.folder, channels, instance,
                                changes)
        self.engines.append(engine)
        return engine

    def note(self, text):
        if self.arguments.verbose:
            print(f"{time.monotonic() - self.started:7.2f} {text}", file=sys.stderr)

    def expect(self, holds, what):
        """Notes what is broken; the campaign goes on."""
        if not holds:
            self.broken.append(what)
        return holds

    def outcomes(self):
        """What the three output topics hold; records of unknown shape break the law."""
        records = topics.read_all(self.kafka.bootstrap, OUTPUTS)
        outcomes = [outcome_of(topics.parse(record)) for record in records]
        unknown = [record.value[:200] for record, outcome in zip(records, outcomes) if not outcome]
        self.expect(not unknown, f"{len(unknown)} output records of no known schema: {unknown[:2]}")
        return [outcome for outcome in outcomes if outcome]

    def frontline_copies(self):
        names = [name for name in topics.names(self.kafka.bootstrap, engines.FRONTLINE_PREFIX)
                 if name != engines.ACKS]
        outcomes = [outcome_of(topics.parse(record))
                    for record in topics.read_all(self.kafka.bootstrap, names)]
        return [outcome for outcome in outcomes if outcome]

    def check_law(self, sent, forbidden=()):
        outcomes = self.outcomes()
        law = Law(sent, outcomes, forbidden)
        lost = urgent_without_copy(outcomes, self.frontline_copies())
        self.expect(not lost, f"{len(lost)} urgent cases without a frontline copy: "
                              f"{sorted(lost)[:3]}")
        self.broken += law.broken
        self.broken += schemas.problems(outcomes, self.random)
        self.counts.update(law.summary())
        return outcomes

    def stop_engine(self, engine, seconds=engines.STOP_SECONDS):
        begin = time.monotonic()
        code = engine.stop(seconds)
        self.expect(code == 0, f"SIGTERM: engine {engine.instance} ended with {code}")
        self.counts["stop_ms"] = round((time.monotonic() - begin) * 1000)

    def finish(self):
        for engine in self.engines:
            engine.kill()
            self.broken += engine.sanitizer_findings()[:3]
        self.kafka.kill()
        line = {"campaign": self.name, "law": "broken" if self.broken else "held",
                "seed": self.seed, **self.counts,
                "seconds": round(time.monotonic() - self.started, 1)}
        if self.broken:
            line["why"] = self.broken[:10]
            for engine in self.engines:
                print(f"--- the log of engine {engine.instance} ends with\n{tail(engine.log)}",
                      file=sys.stderr)
            print(f"--- everything is kept in {self.folder}", file=sys.stderr)
        elif not self.arguments.keep:
            shutil.rmtree(self.folder, ignore_errors=True)
        print(json.dumps(line, ensure_ascii=False), flush=True)
        return 1 if self.broken else 0


def add_arguments(parser, messages):
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--messages", type=int, default=messages, metavar="M")
    parser.add_argument("--engine", metavar="PATH",
                        help="the engine to try; build/release/redress is built otherwise")
    parser.add_argument("--patience", type=float, default=180, metavar="SECONDS",
                        help="how long the engine may take to catch up at the end")
    parser.add_argument("--keep", action="store_true", help="keep the folder with logs and data")
    parser.add_argument("--verbose", action="store_true", help="say on stderr what is being done")


def run(name, body, description, messages, more_arguments=None):
    """Parses the command line, runs body(campaign), prints the line; returns the exit code."""
    parser = argparse.ArgumentParser(prog=f"script/{name}", description=description)
    add_arguments(parser, messages)
    if more_arguments:
        more_arguments(parser)
    arguments = parser.parse_args()
    # A test runner's SIGTERM must not leave the children to the kernel alone.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
    try:
        if not arguments.engine:
            arguments.engine = engines.build()
        arguments.engine = os.path.abspath(arguments.engine)
        if not os.access(arguments.engine, os.X_OK):
            raise RuntimeError(f"{arguments.engine} can't be executed")
    except (OSError, RuntimeError) as error:
        print(f"script/{name}: {error}", file=sys.stderr)
        return 3
    campaign = Campaign(name, arguments)
    try:
        body(campaign)
    except (Timeout, engines.EngineEnded) as error:
        campaign.broken.append(str(error))
    except (KafkaError, OSError) as error:
        print(f"script/{name}: {error}", file=sys.stderr)
        campaign.broken.append(f"environment: {error}")
        campaign.finish()
        return 3
    except BaseException:
        campaign.broken.append("the campaign itself failed")
        campaign.finish()
        raise
    return campaign.finish()
