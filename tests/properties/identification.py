"""The language is found from the text alone, and without the fields the verdicts hardly change."""
from figures import at_least, share
from messages import LANGUAGES

RIGHT_MIN = 0.97
SHORT_MIN = 0.90
SHORT_CHARACTERS = 40
SAME_MIN = 0.98


def measure(engine, name, messages):
    messages = [message for message in messages if message["language"] in LANGUAGES]
    told = engine.verdicts(messages)
    untold = engine.verdicts(messages, ())
    rows = [(message, verdict["language"] == message["language"]) for message, verdict in zip(messages, untold)]
    figures = []
    for language in LANGUAGES + ["all"]:
        mine = [row for row in rows if language in ("all", row[0]["language"])]
        short = [row for row in mine if len(row[0]["text"]) < SHORT_CHARACTERS]
        for kind, chosen, bar in (("right", mine, RIGHT_MIN), ("right under 40 characters", short, SHORT_MIN)):
            wrong = [message["id"] for message, right in chosen if not right]
            figures.append(at_least(f"{name}: {language}: {kind}",
                                    share(len(chosen) - len(wrong), len(chosen)), bar, len(chosen), wrong))
    same = sum(a["severity"] == b["severity"] and a["urgent"] == b["urgent"] for a, b in zip(told, untold))
    figures.append(at_least(f"{name}: verdict the same without the fields", share(same, len(rows)), SAME_MIN,
                            len(rows)))
    return figures
