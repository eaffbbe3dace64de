"""Retention overtakes a running engine: it stands still while records behind its position are deleted.
With on_log_loss: continue it counts exactly what it could not read and goes on; with halt it ends
with 3, names the number, and moves no committed offset past the loss."""

import os
import re
import signal

import campaign
from law import outcome_of
from samples import Stream
from topics import Progress, Sender, committed, parse, read_all

INPUTS = {"in.chat": 2}
CHANNELS = {"chat": ["in.chat"]}
PLACE = ("in.chat", 0)
LOST_METRIC = "redress_ingest_lost_before_read_messages_total"
# Little is fetched ahead, and a session that outlives standing still.
NARROW = {"consumer": {"queued.min.messages": 10, "queued.max.messages.kbytes": 16,
                       "fetch.message.max.bytes": 4096, "session.timeout.ms": 45000,
                       "max.poll.interval.ms": 60000}}


def send(sender, stream, count):
    for number in range(count):
        message_id, key, value = stream.next()
        sender.send("in.chat", message_id, key, value, partition=number % 2)
    sender.flush()


def overtake(run, engine, sender, stream, count):
    """The engine stands still while messages come and the most of partition 0 is deleted again."""
    os.kill(engine.process.pid, signal.SIGSTOP)
    try:
        send(sender, stream, count)
        ends = [offset for topic, partition, offset in sender.sent if (topic, partition) == PLACE]
        first_kept = max(ends) + 1 - run.random.randint(1, count // 8)
        run.kafka.delete_records({PLACE: first_kept})
    finally:
        os.kill(engine.process.pid, signal.SIGCONT)
    return first_kept


def continues(run, engine, sender, stream):
    run.note("on_log_loss: continue")
    overtake(run, engine, sender, stream, run.arguments.messages // 2)
    progress = Progress(run.kafka.bootstrap, "redress")
    progress.wait_for(sender.sent, run.arguments.patience, [engine])
    progress.close()
    counted = engine.metrics().get(LOST_METRIC)
    came_out = {outcome_of(parse(record)).place
                for record in read_all(run.kafka.bootstrap, campaign.OUTPUTS)}
    gone = set(sender.sent) - came_out
    run.expect(gone, "nothing was lost: the campaign has shown nothing")
    run.expect(all(place[:2] == PLACE for place in gone), "the other partition lost messages")
    run.expect(counted == len(gone), f"{LOST_METRIC} is {counted}, {len(gone)} were lost")
    run.counts["lost_while_running"] = len(gone)
    return gone


def halts(run, engine, sender, stream, patience=60):
    run.note("on_log_loss: halt")
    first_kept = overtake(run, engine, sender, stream, run.arguments.messages // 2)
    code = engine.wait_end(patience)
    run.expect(code == 3, f"on_log_loss: halt ended with {code}")
    after = committed(run.kafka.bootstrap, "redress", [PLACE])[PLACE]
    run.expect(after < first_kept, f"halt committed {after}, beyond the loss at {first_kept}")
    named = re.findall(r"offsets (\d+) to (\d+) were deleted", engine.log_text())
    run.expect(named and int(named[-1][1]) == first_kept - 1,
               f"the log names {named[-1:]}, the deletion ended before {first_kept}")
    return first_kept, after


def body(run):
    run.start_kafka(INPUTS)
    sender, stream = Sender(run.kafka.bootstrap), Stream(run.seed)
    engine = run.new_engine(CHANNELS, changes={"on_log_loss": "continue", **NARROW})
    engine.start().wait_ready()
    send(sender, stream, 200)
    gone = continues(run, engine, sender, stream)
    run.stop_engine(engine)
    run.check_law({place: name for place, name in sender.sent.items() if place not in gone})

    engine.write_config({"on_log_loss": "halt"})
    engine.start().wait_ready()
    first_kept, committed_at_halt = halts(run, engine, sender, stream)
    engine.write_config({"on_log_loss": "continue"})
    engine.start()
    progress = Progress(run.kafka.bootstrap, "redress")
    progress.wait_for(sender.sent, run.arguments.patience, [engine])
    progress.close()
    lost_at_start = engine.metrics().get(LOST_METRIC)
    run.stop_engine(engine)
    came_out = {outcome.place for outcome in run.outcomes()}
    more = {place for place in set(sender.sent) - came_out - gone}
    run.expect(all(place[:2] == PLACE and place[2] < first_kept for place in more),
               "messages that were kept are missing")
    # What was in flight at the halt has ended and is committed: what is counted is what is missing.
    deleted = first_kept - committed_at_halt
    run.expect(lost_at_start == deleted, f"{deleted} deleted behind what was committed, {lost_at_start} counted")
    run.expect(len(more) == deleted, f"{len(more)} lost, {lost_at_start} counted")
    run.counts["lost_at_halt"] = len(more)


def main():
    return campaign.run("soak-log-loss-running", body, __doc__, messages=8_000)
