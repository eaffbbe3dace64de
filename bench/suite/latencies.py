"""Latencies from times, with no percentile that the samples do not carry."""

import array
import statistics
import sys

PERCENTILES = (50.0, 90.0, 99.0, 99.9, 99.99)
# A percentile stands on so many samples beyond it, or it is not told.
BEYOND_MIN = 10
WARM_UP = 0.1


def read_times(path):
    """(due, queued, seen) in nanoseconds, as flow_reader and wake_chain write them, in the order seen."""
    numbers = array.array("Q")
    with open(path, "rb") as file:
        numbers.frombytes(file.read())
    if sys.byteorder == "big":
        numbers.byteswap()
    return list(zip(numbers[0::3], numbers[1::3], numbers[2::3]))


DUE, QUEUED, SEEN = 0, 1, 2


def latencies_us(times, begin=DUE, end=SEEN, warm_up=WARM_UP):
    """Microseconds from due to seen; the first tenth of the schedule is left out."""
    if not times:
        return []
    first, last = min(each[DUE] for each in times), max(each[DUE] for each in times)
    warm = first + (last - first) * warm_up
    return [(each[end] - each[begin]) / 1000 for each in times if each[DUE] >= warm]


def percentile(ordered, share):
    """None where fewer than BEYOND_MIN samples lie beyond it."""
    beyond = len(ordered) * (100 - share) / 100
    if beyond + 1e-9 < BEYOND_MIN:
        return None
    return ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))]


def describe(samples):
    """{"count", "p50" ... "p99.99", "max"}; percentiles that cannot be told are None."""
    ordered = sorted(samples)
    row = {"count": len(ordered)}
    for share in PERCENTILES:
        value = percentile(ordered, share)
        row[f"p{share:g}"] = None if value is None else round(value, 2)
    row["max"] = round(ordered[-1], 2) if ordered else None
    return row


def medians_by_slice(samples, slices=10):
    """The median of each tenth of a run, in order: how far they lie apart is how sure the whole is."""
    size = max(1, len(samples) // slices)
    parts = [samples[begin:begin + size] for begin in range(0, size * min(slices, len(samples)), size)]
    return [statistics.median(part) for part in parts if part]


def split(times, spans):
    """Those that were due within one of the spans (begin, end), and the others, as latencies."""
    inside, outside = [], []
    for due, _, seen in times:
        within = any(begin <= due < end for begin, end in spans)
        (inside if within else outside).append((seen - due) / 1000)
    return inside, outside
