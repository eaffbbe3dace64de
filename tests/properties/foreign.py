"""A language without a pack is marked as undecided, so that people see it, and is never urgent by accident."""
from figures import at_least, at_most, share


def measure(engine, corpus):
    rows = corpus.of_language("fr")
    figures = []
    for fields in (("language", "channel"), ()):
        verdicts = engine.verdicts(rows, fields)
        told = "" if fields else ", no fields"
        silent = [row["id"] for row, verdict in zip(rows, verdicts) if not verdict["undecided"]]
        urgent = [row["id"] for row, verdict in zip(rows, verdicts) if verdict["urgent"]]
        figures.append(at_least(f"unsupported language{told}: marked for people",
                                share(len(rows) - len(silent), len(rows)), 1, len(rows), silent))
        figures.append(at_most(f"unsupported language{told}: urgent", share(len(urgent), len(rows)), 0, len(rows),
                               urgent))
    return figures
