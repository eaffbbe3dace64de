"""Hostile records among good ones: each has the ending that its generator states, the engine neither
ends nor grows, and the good ones are read as if the others were not there."""

import collections

import campaign
import hostile
from topics import Progress, Sender

INPUTS = {"in.web": 4}
CHANNELS = {"web": ["in.web"]}
TOPIC = {"max.message.bytes": "12000000"}
SETTINGS = {"limits": hostile.LIMITS}
MEMORY_BYTES_MAX = 1 << 30
SHOWN_MAX = 5


def problem(expected, outcome):
    """What differs from the stated ending, or None."""
    document = outcome.document
    if outcome.ending not in expected.endings:
        reason = f" ({document['reason']})" if outcome.ending == "dead_letter" else ""
        return f"ended as {outcome.ending}{reason}"
    if expected.flags is not None and set(document.get("flags", [])) != expected.flags:
        return f"has flags {document.get('flags')}, not {sorted(expected.flags)}"
    reasons = expected.reason if isinstance(expected.reason, tuple) else (expected.reason,)
    if expected.reason and document.get("reason") not in reasons:
        return f"is dead for {document.get('reason')}, not for {expected.reason}"
    return None


def compare(run, expected_by_name, sent, outcomes):
    wrong = collections.defaultdict(list)
    for outcome in outcomes:
        name = sent.get(outcome.place)
        what = problem(expected_by_name[name], outcome) if name is not None else None
        if what:
            wrong[name.split("/")[0], what].append(outcome.place)
    for (generator, what), places in sorted(wrong.items())[:SHOWN_MAX]:
        run.expect(False, f"{generator}: {len(places)} {what}, such as {places[0]}")
    run.counts["wrong_endings"] = sum(len(places) for places in wrong.values())
    run.counts["kinds"] = len({name.split("/")[0] for name in sent.values()})


def body(run):
    run.start_kafka(INPUTS, TOPIC)
    engine = run.new_engine(CHANNELS, changes=SETTINGS).start().wait_ready()
    at_start = engine.memory_bytes()
    sender = Sender(run.kafka.bootstrap)
    expected_by_name = {}
    for number, (kind, value, expected) in enumerate(
            hostile.generate(run.random, run.arguments.messages)):
        name = f"{kind}/{number}"
        expected_by_name[name] = expected
        sender.send("in.web", name, b"k%d" % (number % 97), value)
    sender.flush()
    progress = Progress(run.kafka.bootstrap, "redress")
    progress.wait_for(sender.sent, run.arguments.patience, [engine])
    progress.close()
    run.counts["memory_mib"] = engine.memory_bytes() >> 20
    run.counts["memory_mib_at_start"] = at_start >> 20
    if run.arguments.memory:
        run.expect(engine.memory_bytes() < MEMORY_BYTES_MAX, "the engine grew over 1 GiB")
    run.stop_engine(engine)
    outcomes = run.check_law(sender.sent)
    compare(run, expected_by_name, sender.sent, outcomes)


def arguments(parser):
    parser.add_argument("--no-memory", dest="memory", action="store_false",
                        help="do not judge memory: sanitizers keep freed blocks")


def main():
    return campaign.run("soak-hostile", body, __doc__, messages=10_000, more_arguments=arguments)
