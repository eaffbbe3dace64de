"""Records are deleted that a stopped engine had not read. With on_log_loss: halt it ends and says how
many are lost; with continue it counts them and goes on with all that is left."""

import campaign
from samples import Stream
from topics import Progress, Sender, committed

INPUTS = {"in.chat": 2}
CHANNELS = {"chat": ["in.chat"]}
PLACES = [("in.chat", 0), ("in.chat", 1)]
LOST_METRIC = "redress_ingest_lost_before_read_messages_total"


def send(run, sender, stream, count):
    for number in range(count):
        message_id, key, value = stream.next()
        sender.send("in.chat", message_id, key, value, partition=number % 2)
    sender.flush()


def body(run):
    run.start_kafka(INPUTS)
    engine = run.new_engine(CHANNELS, changes={"on_log_loss": "halt"}).start().wait_ready()
    sender, stream = Sender(run.kafka.bootstrap), Stream(run.seed)
    progress = Progress(run.kafka.bootstrap, "redress")
    half = run.arguments.messages // 2
    send(run, sender, stream, half)
    progress.wait_for(sender.sent, run.arguments.patience, [engine])
    run.stop_engine(engine)
    send(run, sender, stream, half)

    before = committed(run.kafka.bootstrap, "redress", PLACES)
    lost = run.random.randint(1, half // 4)
    first_kept = before[PLACES[0]] + lost
    run.kafka.delete_records({PLACES[0]: first_kept})
    gone = {place for place in sender.sent
            if place[:2] == PLACES[0] and before[PLACES[0]] <= place[2] < first_kept}
    run.expect(len(gone) == lost, f"{len(gone)} records deleted where {lost} were meant")

    run.note(f"{lost} lost; on_log_loss: halt")
    code = engine.start().wait_end(30)
    run.expect(code == 3, f"on_log_loss: halt ended with {code}")
    run.expect(str(lost) in engine.log_text(), f"the log does not name the {lost} lost messages")
    after = committed(run.kafka.bootstrap, "redress", PLACES)
    run.expect(after[PLACES[0]] == before[PLACES[0]], "halt moved the committed offset")

    run.note("on_log_loss: continue")
    engine.write_config({"on_log_loss": "continue"})
    engine.start().wait_ready()
    kept = {place: name for place, name in sender.sent.items() if place not in gone}
    progress.wait_for(kept, run.arguments.patience, [engine])
    counted = engine.metrics().get(LOST_METRIC)
    run.expect(counted == lost, f"{LOST_METRIC} is {counted}, {lost} were lost")
    progress.close()
    run.stop_engine(engine)
    run.counts["lost_before_read"] = lost
    run.check_law(kept)


def main():
    return campaign.run("soak-log-loss", body, __doc__, messages=2_000)
