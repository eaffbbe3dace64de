"""Asks `redress classify`, and says which queue a verdict takes by docs/examples/redress.yaml."""
import json
import os
import subprocess
import threading

from messages import ROOT


class Engine:
    """One process for all questions: rules take longer to load than messages to read."""

    def __init__(self, redress, rules, threads=2):
        self.process = subprocess.Popen([redress, "classify", "--rules", rules, "--threads", str(threads)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def ask(self, messages, fields):
        for message in messages:
            told = {name: message[name] for name in fields if message.get(name)}
            self.process.stdin.write(json.dumps({"text": message["text"], **told}).encode() + b"\n")
        self.process.stdin.flush()

    def verdicts(self, messages, fields=("language", "channel")):
        """One verdict a message, in their order; of a message only the text and `fields` are told."""
        asking = threading.Thread(target=self.ask, args=(messages, fields), daemon=True)
        asking.start()
        verdicts = []
        for message in messages:
            line = self.process.stdout.readline()
            verdict = json.loads(line) if line else {"error": f"the engine ended: {self.process.wait()}"}
            if "error" in verdict:
                raise RuntimeError(f"{message['id']}: {verdict['error']}")
            verdicts.append(verdict)
        asking.join()
        return verdicts


def default_engine():
    return os.path.join(ROOT, "build/release/redress")


def queue_of(verdict, channel=None):
    """The first row of the example routing that holds."""
    traits = set(verdict["traits"])
    if verdict["undecided"]:
        return "people"
    if traits & {"self_harm", "threat", "safety"}:
        return "safety"
    if "fraud" in verdict["categories"] and verdict["severity"] >= 3:
        return "fraud"
    if channel == "social" and traits & {"publicity", "regulator"} and verdict["urgent"]:
        return "press"
    return "languages" if verdict["language"] in ("ru", "el") else "people"
