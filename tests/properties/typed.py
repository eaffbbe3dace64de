"""Greek and Russian typed in Latin letters is read like Greek and Russian, and nothing else is read as either."""
import os
import random

import spell_greek
import spell_russian
from figures import at_most, share
from loudness import with_texts
from messages import gold_rows

FALL_POINTS_MAX = 10
RISE_POINTS_MAX = 0.2
WAYS = {("el", "ISO 843"): lambda text, dice: spell_greek.iso_843(text),
        ("el", "typed"): lambda text, dice: spell_greek.typed(text, spell_greek.habits(dice)),
        ("ru", "GOST 7.79-B"): lambda text, dice: spell_russian.gost_779_b(text),
        ("ru", "typed"): lambda text, dice: spell_russian.typed(text, spell_russian.habits(dice))}


def falls(engine, name, messages, is_wanted, seed):
    """How much less is found where each message is typed, language told and not told."""
    figures = []
    for (language, way), spell in WAYS.items():
        dice = random.Random(seed)
        mine = [message for message in messages if message["language"] == language]
        spelt = with_texts(mine, [spell(message["text"], dice) for message in mine])
        plain = engine.verdicts(mine)
        for fields in (("language", "channel"), ()):
            after = engine.verdicts(spelt, fields)
            told = "" if fields else ", no fields"
            for key in ("complaint", "urgent"):
                chosen = [(a, b, message) for a, b, message in zip(plain, after, mine) if is_wanted(message, a, key)]
                fall = 100 * share(sum(a[key] for a, *_ in chosen) - sum(b[key] for _, b, _ in chosen), len(chosen))
                lost = [f"{message['id']}" for a, b, message in chosen if a[key] and not b[key]]
                figures.append(at_most(f"{name}: {language} {way}{told}: {key} points lost", fall, FALL_POINTS_MAX,
                                       len(chosen), lost))
    return figures


def measure(engine, name, messages, seed):
    """What is found as it stands is to be found typed."""
    return falls(engine, name, messages, lambda message, verdict, key: verdict[key], seed)


def labelled(corpus, gold):
    messages = []
    for language in ("el", "ru"):
        rows = gold_rows(gold, "train", language)
        texts = {row["id"]: row for row in corpus.of_language(language)}
        messages += [dict(texts[name], gold=row) for name, row in rows.items() if name in texts]
    return messages


def strays(engine, corpus, language):
    """Complaints of a language that is written in Latin letters which were read as Greek or Russian."""
    rows = corpus.of_language(language)
    read = [row["id"] for row, verdict in zip(rows, engine.verdicts(rows, ()))
            if verdict["complaint"] and verdict["language"] in ("el", "ru")]
    return at_most(f"typed: {language}: complaints read as el or ru, points", 100 * share(len(read), len(rows)),
                   RISE_POINTS_MAX, len(rows), read)


def measure_corpus(engine, corpus, gold, seed):
    figures = [strays(engine, corpus, language) for language in ("en", "nl", "sv", "pl")]
    if not os.path.isdir(gold):
        print("what is found of `train` is skipped, REDRESS_GOLD names no folder")
        return figures
    return figures + falls(engine, "typed: train", labelled(corpus, gold),
                           lambda message, verdict, key: bool(message["gold"][key]), seed)
