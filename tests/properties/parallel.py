"""Messages that say the same in several languages get the same answer: complaint or not.

mabsa-parallel is machine-translated, so its figures are a lower bound.
"""
import itertools

from figures import at_least, at_most, share

KAPPA_MIN = 0.60
RATE_POINTS_MAX = 6
LANGUAGES = ["en", "nl", "ru", "sv"]


def kappa(pairs):
    """Cohen's, of two answers that are true or false."""
    both = share(sum(a == b for a, b in pairs), len(pairs))
    first, second = share(sum(a for a, _ in pairs), len(pairs)), share(sum(b for _, b in pairs), len(pairs))
    chance = first * second + (1 - first) * (1 - second)
    return (both - chance) / (1 - chance) if chance < 1 else 0.0


def measure(engine, corpus):
    said = {}
    for language in LANGUAGES:
        rows = [row for row in corpus.of_source("mabsa-parallel") if row["language"] == language]
        said[language] = {row["id"]: verdict["complaint"] for row, verdict in zip(rows, engine.verdicts(rows))}
    common = sorted(set.intersection(*(set(answers) for answers in said.values())))
    figures = []
    for a, b in itertools.combinations(LANGUAGES, 2):
        pairs = [(said[a][name], said[b][name]) for name in common]
        figures.append(at_least(f"parallel messages: {a}-{b} kappa", kappa(pairs), KAPPA_MIN, len(pairs)))
    rates = {language: 100 * share(sum(said[language][name] for name in common), len(common))
             for language in LANGUAGES}
    figures.append(at_most("parallel messages: rates apart, points", max(rates.values()) - min(rates.values()),
                           RATE_POINTS_MAX, len(common), [", ".join(f"{k} {v:.1f} %" for k, v in rates.items())]))
    return figures
