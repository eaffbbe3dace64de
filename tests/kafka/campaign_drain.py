"""Two instances share the topics; one is drained under load and the other has its partitions long
before the session would have run out. Then a stop while the broker hangs: it keeps to its bound, and
what was unfinished is read again."""

import time

import campaign
from samples import Stream
from topics import Feeder, Progress, Sender
from waiting import wait_until

INPUTS = {"in.chat": 4, "in.mail": 4}
CHANNELS = {"chat": ["in.chat"], "mail": ["in.mail"]}
PARTITIONS = sum(INPUTS.values())
# Far above what a hand-over may take: partitions that waited for the session would show.
LONG_SESSION = {"consumer": {"session.timeout.ms": 30000, "heartbeat.interval.ms": 500,
                             "max.poll.interval.ms": 60000}}
TAKEN_SECONDS_MAX = 5
BOUND_SECONDS = 3
STOP_GRACE_SECONDS = 8  # the last commit's wait and the clients' goodbye
ASSIGNED = "redress_ingest_partitions"


def assigned(engine):
    return engine.metrics().get(ASSIGNED, -1)


def wait_assigned(engine, count, seconds):
    begin = time.monotonic()
    wait_until(f"engine {engine.instance} has {count} partitions",
               lambda: assigned(engine) == count, seconds, 0.02)
    return round((time.monotonic() - begin) * 1000)


def drain_one(run, host, guest):
    run.note("the guest is drained")
    begin = time.monotonic()
    guest.run_command("drain", "--admin", guest.document["admin"]["socket"])
    wait_assigned(host, PARTITIONS, 60)
    run.counts["taken_ms"] = round((time.monotonic() - begin) * 1000)
    code = guest.wait_end()
    run.expect(code == 0, f"redress drain: the engine ended with {code}")
    run.expect(run.counts["taken_ms"] < TAKEN_SECONDS_MAX * 1000,
               f"the other instance had the partitions after {run.counts['taken_ms']} ms")


def stop_under_hang(run, host):
    """Messages in flight cannot be delivered: the engine must end all the same, with 0."""
    run.note("the broker hangs; SIGTERM")
    run.kafka.pause()
    try:
        begin = time.monotonic()
        code = host.stop(60)
        seconds = time.monotonic() - begin
    finally:
        run.kafka.resume()
    run.counts["stop_hung_ms"] = round(seconds * 1000)
    run.expect(code == 0, f"SIGTERM under a broker that hangs ended with {code}")
    run.expect(seconds < BOUND_SECONDS + STOP_GRACE_SECONDS,
               f"the stop took {seconds:.1f} s with a bound of {BOUND_SECONDS} s")


def body(run):
    run.start_kafka(INPUTS)
    changes = {**LONG_SESSION, "bounds": {"revoke": "2 s", "shutdown": f"{BOUND_SECONDS} s"}}
    host = run.new_engine(CHANNELS, "one", changes).start().wait_ready()
    guest = run.new_engine(CHANNELS, "two", changes).start()
    sender = Sender(run.kafka.bootstrap)
    feeder = Feeder(sender, Stream(run.seed), list(INPUTS), run.arguments.messages, seconds=12)
    feeder.start()
    wait_assigned(guest, PARTITIONS / 2, 60)
    time.sleep(run.random.uniform(0.5, 1.5))
    drain_one(run, host, guest)
    time.sleep(run.random.uniform(0.2, 1))
    stop_under_hang(run, host)
    host.start().wait_ready()
    feeder.finish(run.arguments.patience)
    progress = Progress(run.kafka.bootstrap, "redress")
    progress.wait_for(sender.sent, run.arguments.patience, [host])
    progress.close()
    run.stop_engine(host)
    run.check_law(sender.sent)


def main():
    return campaign.run("soak-drain", body, __doc__, messages=20_000)
