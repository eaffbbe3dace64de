"""The score against stars or sentiment: F1 of the negative rows, 3 stars and ambivalent rows left out.

One threshold a source is fitted on one half of its rows and tried on the other, and the other way round.
"""
import hashlib

from figures import at_least
from messages import tone

BARS = {"en": (["airline-tweets"], 0.82), "pl": (["polemo-medicine-sentences"], 0.62), "sv": (["trustpilot"], 0.81),
        "nl": (["thuisbezorgd"], 0.78), "ru": (["kaztelecom", "banki-ru-domrf"], 0.90),
        "el": (["skroutz-shops"], 0.90)}


def half_of(row):
    return hashlib.blake2b(row["id"].encode(), person=b"stars").digest()[0] & 1


def counts(pairs, threshold):
    """(true positives, false positives, false negatives) of pairs (negative, score)."""
    hit = sum(negative and score >= threshold for negative, score in pairs)
    said = sum(score >= threshold for _, score in pairs)
    return hit, said - hit, sum(negative for negative, _ in pairs) - hit


def f1(hit, false, missed):
    return 2 * hit / (2 * hit + false + missed) if hit else 0.0


def fit(pairs):
    return max(sorted({score for _, score in pairs}), key=lambda threshold: f1(*counts(pairs, threshold)))


def measure(engine, corpus):
    figures = []
    for language, (sources, bar) in BARS.items():
        rows = [row for row in corpus.of_source(*sources) if tone(row) in ("negative", "positive")]
        halves = ([], [])
        for row, verdict in zip(rows, engine.verdicts(rows)):
            halves[half_of(row)].append((tone(row) == "negative", verdict["score"]))
        thresholds = [fit(halves[1]), fit(halves[0])]
        table = [sum(of_half) for of_half in zip(*(counts(half, at) for half, at in zip(halves, thresholds)))]
        figures.append(at_least(f"stars: {language} ({', '.join(sources)}) F1", f1(*table), bar, len(rows),
                                [f"thresholds {thresholds[0]:.2f} and {thresholds[1]:.2f}"]))
    return figures
