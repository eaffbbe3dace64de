"""A second engine starts as the same instance while messages flow: the older one must end with 3 and
name the remedy, the newer one goes on, and every message ends exactly once by case id."""

import campaign
from samples import Stream
from topics import Feeder, Progress, Sender

INPUTS = {"in.chat": 4}
CHANNELS = {"chat": ["in.chat"]}
# The older member learns of it at its next heartbeat, commit or rejoin.
FENCED_SECONDS = 20


def socket_of(run, name):
    """The second engine is another process on the same machine: its own sockets and port."""
    return {"instance": "one",
            "frontline": {"socket": f"{run.folder}/{name}.sock"},
            "admin": {"socket": f"{run.folder}/{name}-admin.sock"}}


def body(run):
    run.start_kafka(INPUTS)
    engine = run.new_engine(CHANNELS, "older", socket_of(run, "older")).start().wait_ready()
    sender = Sender(run.kafka.bootstrap)
    feeder = Feeder(sender, Stream(run.seed), list(INPUTS), run.arguments.messages,
                    seconds=2 + 3 * run.arguments.rounds)
    feeder.start()
    for number in range(1, run.arguments.rounds + 1):
        run.note(f"round {number}: another engine starts as the same instance")
        newer = run.new_engine(CHANNELS, f"newer-{number}", socket_of(run, f"newer-{number}"))
        newer.start()
        code = engine.wait_end(FENCED_SECONDS)
        run.expect(code == 3, f"round {number}: the fenced engine ended with {code}")
        text = engine.log_text()
        run.expect("give each its own `instance`" in text,
                   f"round {number}: the fenced engine's log does not name the remedy")
        newer.wait_ready()
        engine = newer
    run.counts["fenced"] = run.arguments.rounds
    feeder.finish(run.arguments.patience)
    progress = Progress(run.kafka.bootstrap, "redress")
    progress.wait_for(sender.sent, run.arguments.patience, [engine])
    progress.close()
    run.stop_engine(engine)
    run.check_law(sender.sent)


def arguments(parser):
    parser.add_argument("--rounds", type=int, default=3, metavar="N")


def main():
    return campaign.run("soak-fencing", body, __doc__, messages=6_000, more_arguments=arguments)
