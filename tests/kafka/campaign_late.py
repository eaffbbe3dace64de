"""Messages that end after their partition was taken away move nothing, not even when the partition has
come back meanwhile: nothing is committed that has not been delivered.

The broker refuses cases and calm messages while a second instance takes partitions and is killed, so
that the first one reads them again. Then it takes the calm ones, which stand last in every partition;
the first instance is killed while every case before them is still undelivered.
"""

import campaign
import engine as engines
import topics
from samples import CALM, COMPLAINTS, Stream
from waiting import wait_until

INPUTS = {"in.chat": 4}
TRACER = "in.tracer"
CHANNELS = {"chat": ["in.chat"], "tracer": [TRACER]}
PARTITIONS = sum(INPUTS.values()) + 1
CALM_LAST = 5
SETTINGS = {
    # What is refused must be older than the batch that it comes in: topics.REFUSING.
    "producer": {"linger.ms": 100},
    # A revoke that gives up at once: what it leaves behind is what ends late.
    "bounds": {"revoke": "50 ms"},
}
WAIT_SECONDS = 60


def wait_metric(engine, name, holds):
    def asked():
        engine.check_running()
        return holds(engine.metrics().get(name, -1))
    wait_until(f"{name} of engine {engine.instance} is as expected", asked, WAIT_SECONDS)


def send_all(run, sender):
    """In every partition complaints, and calm messages behind them."""
    complaints = Stream(run.seed, "complaint", broken_share=0, sentences=COMPLAINTS)
    calm = Stream(run.seed, "calm", broken_share=0, sentences=CALM)
    for topic, partitions in INPUTS.items():
        for partition in range(partitions):
            for _ in range(run.arguments.messages // PARTITIONS):
                sender.send(topic, *complaints.next(), partition=partition)
            for _ in range(CALM_LAST):
                sender.send(topic, *calm.next(), partition=partition)
    sender.flush()


def comes_and_goes(run, host, guest):
    """Until the host owns again what it had to leave with everything in flight."""
    received = host.metrics()["redress_ingest_messages_total"]
    guest.start().wait_ready()
    wait_metric(guest, "redress_ingest_messages_total", lambda count: count > 0)
    run.note("the guest has read messages and is killed")
    guest.kill()
    wait_metric(host, "redress_ingest_partitions", lambda count: count == PARTITIONS)
    wait_metric(host, "redress_ingest_messages_total", lambda count: count > received)
    run.note("the host reads again")


def trace(run, sender):
    """A calm message of its own partition: when it is committed, so is all that was stored before."""
    before = set(sender.sent)
    sender.send(TRACER, *Stream(run.seed, "tracer", broken_share=0, sentences=CALM).next())
    sender.flush()
    progress = topics.Progress(run.kafka.bootstrap, "redress")
    progress.wait_for(set(sender.sent) - before, run.arguments.patience, run.engines[:1])
    progress.close()


def body(run):
    run.start_kafka({**INPUTS, TRACER: 1}, refused=[engines.CASES, engines.CALM])
    host = run.new_engine(CHANNELS, "one", SETTINGS).start().wait_ready()
    guest = run.new_engine(CHANNELS, "two", SETTINGS)
    sender = topics.Sender(run.kafka.bootstrap)
    send_all(run, sender)
    wait_metric(host, "redress_ingest_messages_total",
                lambda count: count == len(sender.sent))
    comes_and_goes(run, host, guest)
    topics.accept(run.kafka.bootstrap, engines.CALM)
    wait_metric(host, "redress_ingest_stale_messages_total", lambda count: count > 0)
    trace(run, sender)
    run.counts["late"] = int(host.metrics()["redress_ingest_stale_messages_total"])
    run.note("calm messages ended late; SIGKILL")
    run.expect(host.kill(), "the first instance had ended by itself")
    topics.accept(run.kafka.bootstrap, engines.CASES)
    host.start()
    progress = topics.Progress(run.kafka.bootstrap, "redress")
    progress.wait_for(sender.sent, run.arguments.patience, [host])
    progress.close()
    run.stop_engine(host)
    run.check_law(sender.sent)


def main():
    return campaign.run("soak-late", body, __doc__, messages=1_000)
