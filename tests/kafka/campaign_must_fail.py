"""Builds an engine for every planted fault (engine/base/fault.h) and runs the campaign that must find
it. A fault that stays unseen under every seed means that the campaign proves nothing."""

import argparse
import json
import os
import subprocess
import sys
import time

import engine as engines
from server import ROOT

SEEDS = [1, 2, 3]
PATIENCE_SECONDS = "120"
# An ending that is missing, or an urgent case that no reader of the frontline could ever see.
LOST = ["without an ending", "without a frontline copy"]
# fault: the campaign that finds it, and words that its findings must have. Each brings its fault's
# harm about by what it waits for, not by a lucky moment; the further seeds are for a machine on which
# the campaign itself failed.
FAULTS = {
    # With ten commits to a delivery whatever a kill meets in flight is lost.
    "store_before_delivery": (["soak", "--kills", "8", "--messages", "30000", "--linger-ms",
                               "1000"], LOST),
    "ignore_generation": (["soak-late"], LOST),
    "drop_on_full_ring": (["soak-outage", "--outage", "6"], [*LOST, "residue"]),
    "acknowledge_without_epoch": (["soak-frontline", "--messages", "200"],
                                  ["given back could acknowledge"]),
}


def campaign_turns_red(fault, path, seed):
    """(True, what it found) when the campaign broke the law for the right reason."""
    (name, *options), words = FAULTS[fault]
    done = subprocess.run([os.path.join(ROOT, "script", name), "--engine", path, "--seed",
                           str(seed), "--patience", PATIENCE_SECONDS, *options], cwd=ROOT,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    try:
        line = json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        return False, f"exit code {done.returncode}: {done.stderr[-500:]}"
    why = line.get("why", [])
    found = [text for text in why if any(word in text for word in words)]
    if done.returncode == 1 and found:
        return True, found[0][:200]
    return False, f"exit code {done.returncode}, {why[:2]}"


def try_fault(fault):
    path = engines.build(fault=fault)
    for seed in SEEDS:
        red, what = campaign_turns_red(fault, path, seed)
        if red:
            return {"red": True, "seed": seed, "found": what}
    return {"red": False, "found": what}


def main():
    parser = argparse.ArgumentParser(prog="script/soak-must-fail", description=__doc__)
    parser.add_argument("faults", nargs="*", metavar="FAULT",
                        help=f"all of them by default: {', '.join(FAULTS)}")
    arguments = parser.parse_args()
    begin = time.monotonic()
    try:
        results = {fault: try_fault(fault) for fault in arguments.faults or FAULTS}
    except KeyError as error:
        parser.error(f"no fault {error}")
    except RuntimeError as error:
        print(f"script/soak-must-fail: {error}", file=sys.stderr)
        return 3
    unseen = [fault for fault, result in results.items() if not result["red"]]
    print(json.dumps({"campaign": "soak-must-fail", "law": "broken" if unseen else "held",
                      "faults": results, "unseen": unseen,
                      "seconds": round(time.monotonic() - begin, 1)}, ensure_ascii=False))
    return 1 if unseen else 0
