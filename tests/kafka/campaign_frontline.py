"""SIGKILL with urgent cases in shared memory: those that nobody has acknowledged come back once, the
acknowledged ones never; and a claim that was given back acknowledges nothing."""

import json

import campaign
from samples import URGENT, Stream
from topics import Progress, Sender
from waiting import wait_until

INPUTS = {"in.chat": 4}
CHANNELS = {"chat": ["in.chat"]}
SETTINGS = {"frontline": {"records": 4096, "lease": "10 min"}}
URGENT_SHARE_MIN = 0.9
REFILL_SECONDS = 180
TOKENS_AT_ONCE = 50


class Reader:
    """A reader of the frontline queue, through the command line."""

    def __init__(self, engine):
        self.engine = engine
        self.socket = engine.document["frontline"]["socket"]

    def command(self, verb, *arguments):
        return self.engine.run_command("frontline", verb, "--socket", self.socket, "--json",
                                       *arguments, check=False)

    def claim(self, most):
        """Up to `most` claimed cases as {case id: token}; fewer when the queue is empty."""
        claimed = {}
        while len(claimed) < most:
            code, output = self.command("claim")
            if code != 0:
                break
            for line in output.splitlines():
                document = json.loads(line)
                assert document["case_id"] not in claimed, "claimed twice at the same time"
                claimed[document["case_id"]] = document["token"]
        return claimed

    def acknowledge(self, *tokens):
        """0 when every one of them was acknowledged and Kafka knows it."""
        return max(self.command("ack", *tokens[first:first + TOKENS_AT_ONCE])[0]
                   for first in range(0, len(tokens), TOKENS_AT_ONCE))

    def give_back(self, token):
        return self.command("give-back", token)[0]


def try_stale_claim(run, reader):
    """A claim that was given back acknowledges nothing, even when its case is claimed again."""
    (case_id, stale), = reader.claim(1).items()
    run.expect(reader.give_back(stale) == 0, "give-back failed")
    again = {}
    while case_id not in again:
        more = reader.claim(1)
        if not run.expect(more, "a case that was given back is not offered again"):
            return {}
        again.update(more)
    run.expect(reader.acknowledge(stale) == 1, "a claim that was given back could acknowledge")
    return again


def body(run):
    run.start_kafka(INPUTS)
    engine = run.new_engine(CHANNELS, changes=SETTINGS).start().wait_ready()
    sender = Sender(run.kafka.bootstrap)
    # Every message has a customer of its own: nothing repeats, so no case gets a second revision.
    stream = Stream(run.seed, sentences=URGENT, broken_share=0, customers=10 ** 12)
    for _ in range(run.arguments.messages):
        sender.send("in.chat", *stream.next())
    sender.flush()
    progress = Progress(run.kafka.bootstrap, "redress")
    progress.wait_for(sender.sent, run.arguments.patience, [engine])
    urgent = {outcome.case_id for outcome in run.frontline_copies()}
    run.expect(len(urgent) >= URGENT_SHARE_MIN * run.arguments.messages,
               f"only {len(urgent)} of {run.arguments.messages} became urgent")

    reader = Reader(engine)
    claimed = {**try_stale_claim(run, reader), **reader.claim(len(urgent) // 5)}
    acknowledged = set(run.random.sample(sorted(claimed), len(claimed) // 2))
    code = reader.acknowledge(*(claimed[case_id] for case_id in sorted(acknowledged)))
    run.expect(code == 0, f"acknowledging claimed cases answered {code}")
    run.note(f"{len(claimed)} claimed, {len(acknowledged)} acknowledged; SIGKILL")
    run.expect(engine.kill(), "the engine had ended by itself")

    engine.start().wait_ready()
    expected = urgent - acknowledged
    back = {}

    def all_back():
        more = reader.claim(len(expected) + 1 - len(back))
        run.expect(not set(more) & set(back), "a case came back twice")
        back.update(more)
        return len(back) >= len(expected)
    wait_until(f"{len(expected)} unacknowledged cases are back", all_back, REFILL_SECONDS)
    run.note("all that was not acknowledged is back")
    run.expect(not reader.claim(1), "there are more cases than were unacknowledged")
    run.expect(not set(back) & acknowledged, "an acknowledged case came back")
    run.expect(set(back) == expected, f"{len(expected - set(back))} cases did not come back")

    run.note("all of them acknowledged; SIGKILL")
    code = reader.acknowledge(*back.values())
    run.expect(code == 0, f"acknowledging what came back answered {code}")
    engine.kill()
    engine.start().wait_ready()
    run.expect(not reader.claim(1), "an acknowledged case came back")
    progress.wait_for(sender.sent, run.arguments.patience, [engine])
    progress.close()
    run.stop_engine(engine)
    run.counts.update(urgent=len(urgent), acknowledged=len(acknowledged), came_back=len(back))
    run.check_law(sender.sent)


def main():
    return campaign.run("soak-frontline", body, __doc__, messages=1_200)
