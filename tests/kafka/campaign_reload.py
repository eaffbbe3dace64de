"""Rules are reloaded while messages flow, by SIGHUP and by the admin socket in turn. A good folder
is what judges from then on; a bad one (bad YAML, a bad pattern, an empty file, a bomb for the
compiler, no folder at all) changes nothing, is counted, and the log says where and why. Nothing is
lost, every verdict carries the hash of a set that was in use when it was made, and old sets are
freed: memory stays where it was, however often the rules are reloaded.
"""

import collections
import json
import os
import re
import shutil
import signal
import subprocess
import time

import campaign
from samples import Stream
from server import ROOT
from topics import Feeder, Progress, Sender
from waiting import wait_until

INPUTS = {"in.chat": 4}
CHANNELS = {"chat": ["in.chat"]}
LIMITS = {"reload": {"memory": "128 MiB", "cpu": "1 s"}}
CHECK_SECONDS = 60
BOMB_RULES = 1800
RELOADS, FAILURES = "redress_classify_reloads_total", "redress_classify_reload_failures_total"
VERSION = "redress_classify_rule_set_version"
GOOD_AT = "redress_classify_reload_success_timestamp_seconds"
BAD_AT = "redress_classify_reload_failure_timestamp_seconds"

Bad = collections.namedtuple("Bad", "name file content why")
RULE = ("language: en\nrules:\n  - id: en.campaign.marker\n    why: x\n"
        "    pattern: '{pattern}'\n    complaint: {weight}\n"
        "    examples: {{match: [marker, marker], calm: [a, b]}}\n")


def bomb():
    """Patterns that are small to write and large to compile, far over either limit of the checker on any machine."""
    lines = ["language: en\nrules:\n"]
    for rule in range(BOMB_RULES):
        patterns = [f"'\\b(?:{chr(97 + rule % 26) * (1 + at)}(?:[a-z]{{1,40}} ){{1,40}}end{rule}{at})'"
                    for at in range(60)]
        lines.append(f"  - id: en.bomb.n{rule}\n    why: x\n    patterns: [{', '.join(patterns)}]\n"
                     "    complaint: 1\n    examples: {match: [a, b], calm: [c, d]}\n")
    return "".join(lines)


BAD = [
    Bad("bad YAML", "en/marker.yaml", "language: en\nrules: [\n", r"en/marker\.yaml:\d+:\d+: "),
    Bad("a bad pattern", "en/marker.yaml", RULE.format(pattern=r"\b(open", weight=1),
        r"en/marker\.yaml:5:\d+: "),
    Bad("an empty file", "en/marker.yaml", "", r"en/marker\.yaml: "),
    Bad("a bomb", "en/marker.yaml", bomb(), r"limits: 134 MB of memory, \d s of CPU"),
    Bad("no folder", None, None, r"cannot be read"),
]


class Rules:
    """The folder that the engine reads, made from that of the other campaigns."""

    def __init__(self, run):
        self.engine_path = run.arguments.engine
        self.folder = os.path.join(run.folder, "rules")
        shutil.copytree(os.path.join(ROOT, "tests", "kafka", "rules"), self.folder)
        self.number = 0
        self.write_next()

    def write(self, name, content):
        # Whoever loads meanwhile sees the old file or the new one, never half of one.
        path = os.path.join(self.folder, name)
        with open(path + ".new~", "w") as file:
            file.write(content)
        os.replace(path + ".new~", path)

    def write_next(self):
        """A good folder that was never there before; its hash, as the command tells it."""
        self.number += 1
        self.write("en/marker.yaml", RULE.format(pattern=r"\bmarker\b", weight=self.number / 1000))
        done = subprocess.run([self.engine_path, "rules", "check", "--json", self.folder],
                              stdout=subprocess.PIPE, text=True, timeout=CHECK_SECONDS, check=True)
        self.hash = json.loads(done.stdout)["rule_set"]
        return self.hash

    def spoil(self, bad):
        if bad.file:
            self.write(bad.file, bad.content)
        else:
            os.rename(self.folder, self.folder + ".away")

    def mend(self, bad):
        if not bad.file:
            os.rename(self.folder + ".away", self.folder)
        self.write("en/marker.yaml",
                   RULE.format(pattern=r"\bmarker\b", weight=self.number / 1000))


class Reloader:
    def __init__(self, run, engine, rules, sender):
        self.run, self.engine, self.rules, self.sender = run, engine, rules, sender
        self.requests = 0
        self.probes = {}  # id: the hash that its verdict must carry
        self.hashes = {rules.hash}

    def ask(self):
        self.requests += 1
        if self.requests % 2:
            self.engine.process.send_signal(signal.SIGHUP)
        else:
            self.engine.run_command("drain", "-c", self.engine.config, "--verb", "reload")

    def wait_for(self, what, name, count):
        def reached():
            self.engine.check_running()
            metrics = self.engine.metrics()
            return metrics if metrics.get(name, 0) >= count else None
        return wait_until(what, reached, CHECK_SECONDS, 0.02)

    def probe(self):
        """A message whose verdict tells which rules judged it."""
        probe_id = f"probe-{len(self.probes)}"
        self.probes[probe_id] = self.rules.hash
        value = json.dumps({"id": probe_id, "text": "A marker, nothing else.", "language": "en"})
        self.sender.send("in.chat", probe_id, b"probe", value.encode())

    def reload_good(self):
        before = self.engine.metrics()
        started = time.time()
        self.hashes.add(self.rules.write_next())
        self.ask()
        after = self.wait_for("a good set is active", RELOADS, before[RELOADS] + 1)
        self.run.expect(f'hash="{self.rules.hash}"' in self.engine.get("/metrics")[1],
                        f"/metrics does not show the set {self.rules.hash}")
        self.run.expect(after[VERSION] == before[VERSION] + 1, "the version did not rise by one")
        self.run.expect(after[GOOD_AT] >= started - 1, "the time of the last success is old")
        self.run.expect(after[FAILURES] == before[FAILURES], "a good set counted as a failure")

    def reload_bad(self, bad):
        before = self.engine.metrics()
        started = time.time()
        log_size = len(self.engine.log_text())
        self.rules.spoil(bad)
        self.ask()
        try:
            after = self.wait_for(f"{bad.name} is refused", FAILURES, before[FAILURES] + 1)
        finally:
            self.rules.mend(bad)
        said = self.engine.log_text()[log_size:]
        self.run.expect(re.search(bad.why, said), f"{bad.name}: the log does not say {bad.why}: "
                                                  f"{said[-400:]}")
        self.run.expect(f'hash="{self.rules.hash}"' in self.engine.get("/metrics")[1],
                        f"{bad.name} changed the set in use")
        for name in (RELOADS, VERSION):
            self.run.expect(after[name] == before[name], f"{bad.name} changed {name}")
        self.run.expect(after[BAD_AT] >= started - 1, "the time of the last failure is old")

    def reload_burst(self):
        """Many requests at once become few runs, and the last content is what counts."""
        before = self.engine.metrics()
        for _ in range(5):
            self.hashes.add(self.rules.write_next())
            self.ask()
        wait_until("the last set of a burst is active",
                   lambda: f'hash="{self.rules.hash}"' in self.engine.get("/metrics")[1],
                   CHECK_SECONDS)
        runs = self.engine.metrics()[RELOADS] - before[RELOADS]
        self.run.expect(1 <= runs <= 5, f"5 requests at once made {runs} loads")
        # One more may be under way: the next step must begin from rest.
        wait_until("the burst is over", self.is_at_rest, CHECK_SECONDS, 0.5)

    def is_at_rest(self):
        before = self.engine.metrics()[RELOADS]
        time.sleep(0.3)
        return self.engine.metrics()[RELOADS] == before


def check_memory(run, engine, reloader):
    """Reloads many times; old sets that stay would be seen in the process's size."""
    sizes = []
    for count in range(run.arguments.more):
        reloader.reload_good()
        if count >= run.arguments.more // 5:
            sizes.append(engine.memory_bytes())
    quarter = max(1, len(sizes) // 4)
    grown = min(sizes[-quarter:]) - min(sizes[:quarter])
    run.counts["memory_mb"] = round(sizes[-1] / 1e6, 1)
    run.counts["grown_mb"] = round(grown / 1e6, 1)
    run.expect(grown < 8e6, f"{run.arguments.more} reloads made the engine {grown} bytes larger")


def check_verdicts(run, outcomes, reloader):
    used = collections.Counter()
    for outcome in outcomes:
        if outcome.ending == "dead_letter":
            continue
        document = outcome.document
        rule_set = document["verdict"]["rule_set"]
        used[rule_set] += 1
        run.expect(rule_set in reloader.hashes, f"{rule_set} was never a set in use")
        message_id = document.get("id") or document.get("message", {}).get("id")
        expected = reloader.probes.pop(message_id, None)
        if expected:
            run.expect(rule_set == expected,
                       f"{message_id} was judged by {rule_set} and not by {expected}")
    run.expect(not reloader.probes, f"{len(reloader.probes)} probes not found by their id")
    run.counts["rule_sets"] = len(used)


def body(run):
    run.start_kafka(INPUTS)
    rules = Rules(run)
    engine = run.new_engine(CHANNELS, changes={**LIMITS, "rules": rules.folder})
    engine.start().wait_ready()
    sender = Sender(run.kafka.bootstrap)
    probes = Sender(run.kafka.bootstrap)
    reloader = Reloader(run, engine, rules, probes)
    feeder = Feeder(sender, Stream(run.seed), list(INPUTS), run.arguments.messages,
                    seconds=run.arguments.reloads)
    feeder.start()
    for step in range(run.arguments.reloads):
        run.note(f"reload {step + 1}")
        reloader.reload_good()
        reloader.probe()
        probes.flush()
        progress = Progress(run.kafka.bootstrap, "redress")
        progress.wait_for(dict(probes.sent), run.arguments.patience, [engine])
        progress.close()
        run.note(f"then {BAD[step % len(BAD)].name}")
        reloader.reload_bad(BAD[step % len(BAD)])
        reloader.probe()
    reloader.reload_burst()
    feeder.finish(run.arguments.patience)
    probes.flush()
    metrics = engine.metrics()
    run.counts.update(reloads=int(metrics[RELOADS]), refused=int(metrics[FAILURES]))
    run.expect(metrics[FAILURES] == run.arguments.reloads, "not every bad set was one failure")
    everything = {**sender.sent, **probes.sent}
    progress = Progress(run.kafka.bootstrap, "redress")
    progress.wait_for(everything, run.arguments.patience, [engine])
    progress.close()
    if run.arguments.more:
        check_memory(run, engine, reloader)
    run.stop_engine(engine)
    check_verdicts(run, run.check_law(everything), reloader)


def arguments(parser):
    parser.add_argument("--reloads", type=int, default=20, metavar="N",
                        help="good reloads, each followed by a bad one")
    parser.add_argument("--more", type=int, default=100, metavar="N",
                        help="reloads more, to watch memory; 0: none")


def main():
    return campaign.run("soak-reload", body, __doc__, messages=20_000, more_arguments=arguments)
