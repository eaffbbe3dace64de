"""Messages that say the same in several languages get the same answer: complaint or not.

mabsa-parallel is machine-translated, so its figures are a lower bound; the project's own (labels/parallel, the part
that nobody looked at) are written natively in six.
"""
import itertools

from figures import at_least, at_most, share

KAPPA_MIN = 0.60
RATE_POINTS_MAX = 6


def kappa(pairs):
    """Cohen's, of two answers that are true or false."""
    both = share(sum(a == b for a, b in pairs), len(pairs))
    first, second = share(sum(a for a, _ in pairs), len(pairs)), share(sum(b for _, b in pairs), len(pairs))
    chance = first * second + (1 - first) * (1 - second)
    return (both - chance) / (1 - chance) if chance < 1 else 0.0


def measure(engine, name, messages):
    """Of messages whose ids are the same in every language."""
    said = {}
    for message, verdict in zip(messages, engine.verdicts(messages)):
        said.setdefault(message["language"], {})[message["id"]] = verdict["complaint"]
    common = sorted(set.intersection(*(set(answers) for answers in said.values())))
    kappas = {f"{a}-{b}": kappa([(said[a][meaning], said[b][meaning]) for meaning in common])
              for a, b in itertools.combinations(sorted(said), 2)}
    rates = {language: 100 * share(sum(answers[meaning] for meaning in common), len(common))
             for language, answers in said.items()}
    return [at_least(f"{name}: lowest kappa of two languages", min(kappas.values()), KAPPA_MIN, len(common),
                     [", ".join(f"{pair} {value:.2f}" for pair, value in kappas.items())]),
            at_most(f"{name}: rates apart, points", max(rates.values()) - min(rates.values()), RATE_POINTS_MAX,
                    len(common), [", ".join(f"{language} {rate:.1f} %" for language, rate in rates.items())])]
