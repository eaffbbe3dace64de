"""SIGKILL at seeded moments: every message ends exactly once by case id, whatever the moment. Each
life has its stages on one thread or on three, so that a case of one is delivered by the other, too."""

import time

import campaign
from samples import Stream
from topics import Feeder, Progress, Sender

INPUTS = {"in.chat": 4, "in.mail": 2}
CHANNELS = {"chat": ["in.chat"], "mail": ["in.mail"]}
UP_SECONDS_MAX = 1.5


def body(run):
    kills = run.arguments.kills
    run.start_kafka(INPUTS)
    slow = {"producer": {"linger.ms": run.arguments.linger_ms}} if run.arguments.linger_ms else None
    engine = run.new_engine(CHANNELS, changes=slow).start()
    sender = Sender(run.kafka.bootstrap)
    feeder = Feeder(sender, Stream(run.seed), list(INPUTS), run.arguments.messages,
                    seconds=max(2, kills * UP_SECONDS_MAX * 0.7))
    feeder.start()
    progress = Progress(run.kafka.bootstrap, "redress")
    ready_ms = []
    for number in range(kills):
        # One kill in four may hit the start-up itself; the others hit an engine at work.
        if run.random.random() < 0.75:
            begin = time.monotonic()
            engine.wait_ready()
            ready_ms.append(round((time.monotonic() - begin) * 1000))
        time.sleep(run.random.uniform(0, UP_SECONDS_MAX))
        run.expect(engine.kill(), f"before kill {number + 1} the engine had ended by itself")
        run.note(f"kill {number + 1}")
        engine.write_config({"workers": run.random.choice(["inline", 1])})
        engine.start()
    run.counts["kills"] = kills
    run.counts["ready_ms_max"] = max(ready_ms, default=0)
    feeder.finish(run.arguments.patience)
    progress.wait_for(sender.sent, run.arguments.patience, [engine])
    progress.close()
    engine.wait_ready()  # the life before may have done all: SIGTERM is for an engine that has started
    run.stop_engine(engine)
    run.check_law(sender.sent)


def arguments(parser):
    parser.add_argument("--kills", type=int, default=20, metavar="N")
    parser.add_argument("--linger-ms", type=int, metavar="MS",
                        help="how long each delivery waits: more is in flight at each kill")


def main():
    return campaign.run("soak", body, __doc__, messages=20_000, more_arguments=arguments)
