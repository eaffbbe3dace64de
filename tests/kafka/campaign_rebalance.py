"""Two instances in one group; one of them is started, stopped, drained and killed, and the other one
killed now and then, while messages flow: every message ends exactly once by case id."""

import time

import campaign
from samples import Stream
from topics import Feeder, Progress, Sender

INPUTS = {"in.chat": 4, "in.mail": 4}
CHANNELS = {"chat": ["in.chat"], "mail": ["in.mail"]}
STEP_SECONDS_MAX = 1.5
# Deliveries that take longer than a revoke may wait, and each topic's batch at a time of its own:
# what finishes late, and in another order, must move nothing.
SLOW_DELIVERY = {"producer": {"linger.ms": 1200}, "bounds": {"revoke": "50 ms"}}
REBALANCE_SECONDS = 2


class Guest:
    """The instance that comes and goes."""

    def __init__(self, run, engine):
        self.run = run
        self.engine = engine

    def starts(self):
        self.engine.start()

    def is_stopped(self):
        self.run.stop_engine(self.engine)

    def is_drained(self):
        self.run.expect(self.engine.drain() == 0, "redress drain did not end the engine with 0")

    def is_killed(self):
        self.engine.kill()

    def is_killed_and_restarted(self):
        self.engine.kill()
        self.engine.start()

    def step(self):
        """One seeded change of its life."""
        if not self.engine.running():
            action = self.starts
        else:
            self.engine.wait_ready()
            # Leaving the group is what makes the other one give its partitions up, so it is likelier.
            action = self.run.random.choice([self.is_drained] * 4 + [
                self.is_stopped, self.is_killed, self.is_killed_and_restarted])
        self.run.note(f"the guest {action.__name__.replace('_', ' ')}")
        action()


def rebalances(engine):
    return engine.log_text().count("partitions assigned")


def is_hit_after(run, host, before):
    """SIGKILL shortly after the host's next rebalance, while old deliveries are still on their way."""
    deadline = time.monotonic() + REBALANCE_SECONDS
    while rebalances(host) == before and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(run.random.uniform(0, 0.8))
    run.expect(host.kill(), "the first instance had ended by itself")
    run.note("the host is killed and restarted")
    host.start()


def body(run):
    run.start_kafka(INPUTS)
    host = run.new_engine(CHANNELS, "one", SLOW_DELIVERY).start()
    guest = Guest(run, run.new_engine(CHANNELS, "two", SLOW_DELIVERY))
    sender = Sender(run.kafka.bootstrap)
    feeder = Feeder(sender, Stream(run.seed), list(INPUTS), run.arguments.messages,
                    seconds=run.arguments.steps * STEP_SECONDS_MAX * 1.5)
    feeder.start()
    host.wait_ready()
    host_kills = 0
    for _ in range(run.arguments.steps):
        before = rebalances(host)
        guest.step()
        if run.random.random() < 0.5:
            is_hit_after(run, host, before)
            host_kills += 1
        time.sleep(run.random.uniform(0.1, STEP_SECONDS_MAX))
    run.expect(rebalances(guest.engine) > 0, "the second instance never had a partition")
    run.counts["guest_assignments"] = rebalances(guest.engine)
    run.counts["steps"] = run.arguments.steps
    run.counts["host_kills"] = host_kills
    feeder.finish(run.arguments.patience)
    progress = Progress(run.kafka.bootstrap, "redress")
    progress.wait_for(sender.sent, run.arguments.patience, [host])
    progress.close()
    for engine in (guest.engine, host):
        if engine.running():
            engine.wait_ready()
            run.stop_engine(engine)
    run.check_law(sender.sent)


def arguments(parser):
    parser.add_argument("--steps", type=int, default=12, metavar="N",
                        help="how often the second instance comes or goes")


def main():
    return campaign.run("soak-rebalance", body, __doc__, messages=20_000,
                        more_arguments=arguments)
