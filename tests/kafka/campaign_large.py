"""Inputs of 1.04 MB, the most that a topic takes by default: their outputs would be larger than the
broker accepts, and every one of them ends all the same, by reference where it must."""

import base64

import campaign
from hostile import dump
from topics import Progress, Sender

INPUTS = {"in.web": 2}
CHANNELS = {"web": ["in.web"]}
LARGE_BYTES = 1_040_000
HEAD_BYTES = 64 * 1024
PLAIN = "The parcel never came and I want my money back. "


def exactly(make):
    """make(filler) as bytes of LARGE_BYTES."""
    short = make("")
    value = make("x" * (LARGE_BYTES - len(short)))
    assert len(value) == LARGE_BYTES
    return value


def kinds():
    """{name: (value, endings allowed)}."""
    return {
        "long attribute": (exactly(lambda fill: dump({"text": PLAIN, "log": fill})),
                           {"case", "calm"}),
        "long text": (exactly(lambda fill: dump({"text": PLAIN + fill})),
                      {"case", "dead_letter"}),
        "no JSON": (exactly(lambda fill: b'{"text": ' + fill.encode()), {"dead_letter"}),
        "no text": (exactly(lambda fill: dump({"body": fill})), {"dead_letter"}),
        "bad bytes": (b'{"text":"\xff' + b"\xfe" * (LARGE_BYTES - 12), {"dead_letter"}),
    }


def check_dead_letter(run, name, value, document):
    """Whole, or by reference: coordinates, hash and the first 64 KiB."""
    payload = document["payload"]
    run.expect(payload["bytes"] == len(value), f"{name}: payload.bytes is {payload['bytes']}")
    kept = base64.b64decode(payload["base64"])
    run.expect(value.startswith(kept), f"{name}: the bytes kept are not the original's")
    run.expect(len(kept) == (len(value) if payload["whole"] else HEAD_BYTES),
               f"{name}: {len(kept)} bytes are kept, whole: {payload['whole']}")


def body(run):
    run.start_kafka(INPUTS)
    engine = run.new_engine(CHANNELS).start().wait_ready()
    sender = Sender(run.kafka.bootstrap)
    sent = {}
    for number in range(run.arguments.messages):
        for name, (value, endings) in kinds().items():
            sent[f"{name}/{number}"] = (value, endings)
            sender.send("in.web", f"{name}/{number}", b"k", value)
            sender.send("in.web", f"good/{name}/{number}", b"k", dump({"text": PLAIN}))
    sender.flush()
    progress = Progress(run.kafka.bootstrap, "redress")
    progress.wait_for(sender.sent, run.arguments.patience, [engine])
    progress.close()
    run.stop_engine(engine)
    for outcome in run.check_law(sender.sent):
        name = sender.sent.get(outcome.place)
        if name not in sent:
            run.expect(outcome.ending != "dead_letter", f"{name} became a dead letter")
            continue
        value, endings = sent[name]
        run.expect(outcome.ending in endings, f"{name} ended as {outcome.ending}")
        if outcome.ending == "dead_letter":
            check_dead_letter(run, name, value, outcome.document)
    run.counts["large"] = len(sent)


def main():
    return campaign.run("soak-large", body, __doc__, messages=5)
