"""Medians, their intervals, and what changed beyond the noise between two results."""

import math
import statistics

# A change counts where the intervals are apart and the medians further than this.
CHANGE_MIN = 0.02
REGRESSION_MAX = 0.10


# Where a row keeps a median with its interval; less is better in all of them.
COMPARED = ("ns", "p50s", "ratios", "seconds", "p50_ratios")


def median_row(samples):
    """The median and its 95 % interval by ranks (binomial, no assumption about the distribution)."""
    if not samples:
        return {"median": None, "low": None, "high": None, "samples": 0}
    ordered = sorted(samples)
    count = len(ordered)
    reach = 0.98 * math.sqrt(count)
    low = max(0, math.floor(count / 2 - reach))
    high = min(count - 1, math.ceil(count / 2 + reach))
    return {"median": round(statistics.median(ordered), 2), "low": round(ordered[low], 2),
            "high": round(ordered[high], 2), "samples": count}


def noise(samples):
    """Half the distance of the quartiles over the median: of rounds that all do the same work."""
    ordered = sorted(samples)
    count = len(ordered)
    return (ordered[count * 3 // 4] - ordered[count // 4]) / 2 / statistics.median(ordered)


def compare(old, new, regression_max=REGRESSION_MAX):
    """Every row that both results have: (name, ratio, verdict), worst first.

    A row got "slower" or "faster" where the intervals are apart and the medians differ by more than
    CHANGE_MIN and by more than the noise of the two runs together; else it is the "same". A slower row
    over `regression_max` is a "regression".
    """
    floor = max(CHANGE_MIN, old.get("noise", 0) + new.get("noise", 0))
    changes = []
    for name in sorted(set(old["rows"]) & set(new["rows"])):
        before, after = compared_of(old["rows"][name]), compared_of(new["rows"][name])
        if not before or not after or not before["median"] or not after["median"]:
            continue
        ratio = after["median"] / before["median"]
        changes.append((name, ratio, judge(before, after, ratio, floor, regression_max)))
    return sorted(changes, key=lambda change: -change[1])


def compared_of(row):
    """The figure by which rows are compared, or None; some keep a plain number under such a name."""
    return next((row[key] for key in COMPARED if isinstance(row.get(key), dict)), None)


def judge(before, after, ratio, floor, regression_max):
    apart = after["low"] > before["high"] or after["high"] < before["low"]
    if not apart or abs(ratio - 1) <= floor:
        return "same"
    if ratio < 1:
        return "faster"
    return "regression" if ratio > 1 + regression_max else "slower"


def compare_instructions(limits, counts, tolerance):
    """Rows whose instructions a message rose over the limit: (row, ratio, the function that rose most)."""
    risen = []
    for name, limit in limits.items():
        count = counts.get(name)
        if count and count["total"] > limit["total"] * (1 + tolerance):
            before = limit["functions"]
            most = max(count["functions"],
                       key=lambda function: count["functions"][function] - before.get(function, 0))
            rise = count["functions"][most] - before.get(most, 0)
            risen.append((name, count["total"] / limit["total"], most, rise))
    return risen
