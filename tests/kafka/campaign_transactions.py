"""The input topic is written in transactions, some of them aborted, and the engine is killed between:
committed messages end exactly once by case id, aborted ones never come out."""

import campaign
from samples import Stream
from topics import Progress, Sender

INPUTS = {"in.chat": 4}
CHANNELS = {"chat": ["in.chat"]}
ABORTED_SHARE = 0.3


def send_transaction(run, sender, stream):
    sender.begin()
    for _ in range(run.random.randint(1, 60)):
        sender.send("in.chat", *stream.next())
    if run.random.random() < ABORTED_SHARE:
        sender.abort()
    else:
        sender.commit()


def body(run):
    run.start_kafka(INPUTS)
    engine = run.new_engine(CHANNELS).start()
    sender = Sender(run.kafka.bootstrap, transactional_id="redress-test")
    stream = Stream(run.seed)
    kills = 0
    while stream.count < run.arguments.messages:
        send_transaction(run, sender, stream)
        if run.random.random() < 60 * 2 / run.arguments.messages:
            engine.kill()
            engine.start()
            kills += 1
    # A transaction that is still open holds readers back; its end sets them free.
    sender.begin()
    sender.send("in.chat", *stream.next())
    sender.abort()
    progress = Progress(run.kafka.bootstrap, "redress")
    progress.wait_for(sender.sent, run.arguments.patience, [engine])
    progress.close()
    engine.wait_ready()
    run.stop_engine(engine)
    run.counts["aborted"] = len(sender.aborted)
    run.counts["kills"] = kills
    run.check_law(sender.sent, forbidden=sender.aborted)


def main():
    return campaign.run("soak-transactions", body, __doc__, messages=8_000)
