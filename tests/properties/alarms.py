"""Nobody is called to a message that praises, or only asks."""
from figures import at_most, share
from messages import LANGUAGES, tone

CALM_MAX = 0.001
QUESTIONS_MAX = 0.003
# Questions about a card or an account in strange hands are urgent.
URGENT_INTENTS = {"lost_or_stolen_card", "lost_or_stolen_phone", "compromised_card"}


def figure(engine, name, rows, bar):
    urgent = [row["id"] for row, verdict in zip(rows, engine.verdicts(rows)) if verdict["urgent"]]
    return at_most(name, share(len(urgent), len(rows)), bar, len(rows), urgent)


def measure(engine, corpus):
    figures = [figure(engine, f"urgent on praise and neutral rows: {language}",
                      [row for row in corpus.of_language(language) if tone(row) in ("positive", "neutral")], CALM_MAX)
               for language in LANGUAGES]
    questions = [row for row in corpus.of_source("banking77")
                 if row["labels"]["intent"].lower() not in URGENT_INTENTS
                 and not row["labels"]["intent"].endswith("_not_recognised")]
    figures.append(figure(engine, "urgent on plain banking questions", questions, QUESTIONS_MAX))
    return figures
