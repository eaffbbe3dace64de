"""Messages of the project's own (labels/own) that nobody looked at who wrote rules: how often verdicts are right.

They are of trades and wordings that no pack was tuned on, so they read much harder than a corpus that was.
"""
import json
import os
import subprocess

from figures import at_least, at_most
from messages import ROOT

OWN = os.path.join(ROOT, "labels/own")
BLIND = "dev"  # the split
FLOORS = {"complaint_balanced": 0.86, "severity_kappa": 0.72, "serious_precision": 0.65, "serious_recall": 0.70,
          "urgent_precision": 0.50, "urgent_recall": 0.75, "category_hit": 0.72, "trait_f1": 0.60}
FAR_MAX = 0.06


def measure(redress, rules):
    command = [redress, "rules", "score", "--gold", OWN, "--corpus", os.path.join(OWN, "texts"), "--split", BLIND,
               "--rules", rules, "--json"]
    scored = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)[BLIND]["all"]
    rows = scored["rows"]
    figures = [at_least(f"blind: {name}", scored[name]["value"], floor, rows) for name, floor in FLOORS.items()]
    return figures + [at_most("blind: severity_far", scored["severity_far"]["value"], FAR_MAX, rows)]
