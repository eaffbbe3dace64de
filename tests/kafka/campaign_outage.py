"""The broker is stopped, then frozen, each time for longer than every timeout of the engine, with
messages in flight: the engine waits, says so, and loses nothing.

A frozen broker may answer two attempts of one member to join when it wakes, and so fence the member
by itself. librdkafka then can't go on, the engine ends with 3 and its supervisor starts it again:
this is allowed after the second outage and counted (self_fenced).
"""

import time

import campaign
from samples import Stream
from topics import Feeder, Progress, Sender
from waiting import wait_until

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
    failed = 0
    while time.monotonic() < end:
        engine.check_running()
        failed += engine.get("/healthz")[0] != 200
        time.sleep(0.5)
    run.expect(not failed, f"/healthz failed {failed} times while Kafka was {what}")
    back()
    run.note("the broker is back")


def catch_up(run, engine, sender):
    """Until all is committed; an engine that was fenced is started again, as a supervisor would."""
    progress = Progress(run.kafka.bootstrap, "redress")

    def caught_up():
        if not engine.running():
            run.expect(engine.process.returncode == 3 and "FENCED" in engine.log_text(),
                       f"the engine ended with {engine.process.returncode}")
            run.note("the engine was fenced and is started again")
            engine.start()
        return progress.behind(sender.sent) == {}
    wait_until("every message sent is committed", caught_up, run.arguments.patience, 0.1)
    progress.close()


def body(run):
    run.start_kafka(INPUTS)
    engine = run.new_engine(CHANNELS, changes=TIMEOUTS).start().wait_ready()
    sender = Sender(run.kafka.bootstrap)
    feeder = Feeder(sender, Stream(run.seed), list(INPUTS), run.arguments.messages,
                    seconds=3 * run.arguments.outage)
    feeder.start()
    time.sleep(run.random.uniform(0.5, 1.5))
    is_away(run, engine, "stopped", run.kafka.kill, run.kafka.start)
    before = len(sender.sent)
    wait_until("messages are sent again", lambda: not feeder.is_alive() or
               len(sender.sent) > before + run.arguments.messages // 50, run.arguments.patience)
    progress = Progress(run.kafka.bootstrap, "redress")
    progress.wait_for(dict(sender.sent), run.arguments.patience, [engine])
    progress.close()
    is_away(run, engine, "frozen", run.kafka.pause, run.kafka.resume)
    run.counts["outages"] = 2
    feeder.finish(run.arguments.patience)
    begin = time.monotonic()
    catch_up(run, engine, sender)
    run.counts["caught_up_ms"] = round((time.monotonic() - begin) * 1000)
    run.counts["self_fenced"] = engine.starts - 1
    run.expect(engine.starts <= 2, "the engine had to be started again more than once")
    run.stop_engine(engine)
    run.check_law(sender.sent)


def arguments(parser):
    parser.add_argument("--outage", type=float, default=8, metavar="SECONDS")


def main():
    return campaign.run("soak-outage", body, __doc__, messages=20_000, more_arguments=arguments)
