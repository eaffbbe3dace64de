"""The broker is stopped, then frozen, each time for longer than every timeout of the engine, with
messages in flight: the engine waits, says so, and loses nothing."""

import time

import campaign
from samples import Stream
from topics import Feeder, Progress, Sender

INPUTS = {"in.chat": 4}
CHANNELS = {"chat": ["in.chat"]}
TIMEOUTS = {
    "kafka": {"socket.timeout.ms": 2000},
    "consumer": {"session.timeout.ms": 2000, "heartbeat.interval.ms": 500,
                 "max.poll.interval.ms": 4000},
    # A producer's queue that an outage fills at once: what does not fit must wait, not go.
    "producer": {"request.timeout.ms": 2000, "queue.buffering.max.messages": 100},
    "bounds": {"revoke": "1 s"},
}


def is_away(run, engine, what, away, back):
    """One outage: the engine lives through it and answers its health check all the time."""
    run.note(f"the broker is {what}")
    away()
    end = time.monotonic() + run.arguments.outage
    while time.monotonic() < end:
        engine.check_running()
        run.expect(engine.get("/healthz")[0] == 200, f"/healthz failed while Kafka was {what}")
        time.sleep(0.5)
    back()
    run.note("the broker is back")


def body(run):
    run.start_kafka(INPUTS)
    engine = run.new_engine(CHANNELS, changes=TIMEOUTS).start().wait_ready()
    sender = Sender(run.kafka.bootstrap)
    feeder = Feeder(sender, Stream(run.seed), list(INPUTS), run.arguments.messages,
                    seconds=2 * run.arguments.outage)
    feeder.start()
    time.sleep(run.random.uniform(0.5, 1.5))
    is_away(run, engine, "stopped", run.kafka.kill, run.kafka.start)
    time.sleep(run.random.uniform(0.5, 1.5))
    is_away(run, engine, "frozen", run.kafka.pause, run.kafka.resume)
    run.counts["outages"] = 2
    feeder.finish(run.arguments.patience)
    begin = time.monotonic()
    progress = Progress(run.kafka.bootstrap, "redress")
    progress.wait_for(sender.sent, run.arguments.patience, [engine])
    progress.close()
    run.counts["caught_up_ms"] = round((time.monotonic() - begin) * 1000)
    run.expect(engine.starts == 1, "the engine had to be started again")
    run.stop_engine(engine)
    run.check_law(sender.sent)


def arguments(parser):
    parser.add_argument("--outage", type=float, default=8, metavar="SECONDS")


def main():
    return campaign.run("soak-outage", body, __doc__, messages=20_000, more_arguments=arguments)
