"""Figures, the bars that they are held to, and how far those that miss their bar have come.

A figure that reaches its bar fails when it no longer does. One that misses it is listed with what it is, and fails
when it gets worse than ratchets.json says. `script/properties --record` writes that file anew.
"""
import json
import os

from messages import ROOT

RATCHETS = os.path.join(ROOT, "tests/properties/ratchets.json")
PLACES = 5


class Figure:
    def __init__(self, name, value, bar, highest, count, listed=()):
        self.name, self.value, self.bar, self.highest, self.count = name, round(value, PLACES), bar, highest, count
        self.listed = list(listed)  # what a reader should look at, one line each

    def reaches(self, bound):
        return self.value <= bound if self.highest else self.value >= bound


def at_most(name, value, bar, count, listed=()):
    return Figure(name, value, bar, True, count, listed)


def at_least(name, value, bar, count, listed=()):
    return Figure(name, value, bar, False, count, listed)


def share(part, whole):
    return part / whole if whole else 0.0


def read_ratchets():
    if not os.path.exists(RATCHETS):
        return {}
    with open(RATCHETS, encoding="utf-8") as file:
        return json.load(file)


def write_ratchets(figures, ratchets):
    """Those that were measured now; of the others what stood there."""
    kept = {name: value for name, value in ratchets.items() if name not in {figure.name for figure in figures}}
    kept.update((figure.name, figure.value) for figure in figures if not figure.reaches(figure.bar))
    with open(RATCHETS, "w", encoding="utf-8") as file:
        json.dump(kept, file, indent=1, sort_keys=True)
        file.write("\n")


def outcome(figure, ratchets):
    """'holds', 'short' of its bar though no worse than recorded, or 'FAILED'."""
    recorded = ratchets.get(figure.name)
    if figure.reaches(figure.bar):
        return "holds"
    return "short" if recorded is not None and figure.reaches(recorded) else "FAILED"


def show(figure, ratchets, examples):
    sign = "<=" if figure.highest else ">="
    recorded = ratchets.get(figure.name)
    known = f"  (was {recorded:.4f})" if recorded is not None else ""
    print(f"  {outcome(figure, ratchets):<6} {figure.name:<52} {figure.value:8.4f}  bar {sign} {figure.bar:g}"
          f"  of {figure.count}{known}")
    for line in figure.listed[:examples]:
        print(f"           {line}")
