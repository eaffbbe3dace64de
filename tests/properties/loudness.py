"""How loud or polite a message is, and whose fault it says it was, changes nothing that is grave.

Levels 2 to 4, urgency and queue stay as they are; 0 or 1 becomes 2 by a rant in at most 1 %.
"""
import random
import re

from engine import queue_of
from figures import at_most, share

RANTED_UP_MAX = 0.01
STRETCHABLE = re.compile(r"[aeiouyåäöóąęаеиоуыэюяαεηιουω]", re.I)


def shouted(message, words, dice):
    """But not hashtags, handles and links, where capitals part words or change nothing."""
    return re.sub(r"\S+", lambda match: match.group() if re.search(r"[@#]|//", match.group())
                  else match.group().upper(), message["text"])


def exclaimed(message, words, dice):
    return re.sub(r"(?<=\w{3})[.!](?=\s|$)", "!!!", message["text"]) + "!!!"


def stretch_word(match, dice):
    word = match.group()
    vowels = [at.start() for at in STRETCHABLE.finditer(word)]
    if not vowels or dice.random() > 0.3:
        return word
    at = dice.choice(vowels)
    return word[:at] + word[at] * 4 + word[at + 1:]


def stretched(message, words, dice):
    """About a third of the words of four letters and more, but not of handles, links and hashtags."""
    return re.sub(r"(?<![\w@#/.:])[^\W\d_]{4,}(?![\w/.:@])", lambda match: stretch_word(match, dice), message["text"])


def ranted(message, words, dice):
    return f"{message['text']}\n\n{dice.choice(words['rants'])}"


def wrapped(message, words, dice):
    return words["polite"].replace("{}", message["text"])


WAYS = {"capitals": shouted, "exclamations": exclaimed, "stretched letters": stretched, "rant": ranted,
        "polite": wrapped}


def changed(before, after, message):
    """What a grave message may not change by: its level from 2 on, urgency, queue."""
    if before["severity"] < 2 and not before["urgent"]:
        return False
    return (before["severity"], before["urgent"], queue_of(before, message.get("channel"))) != \
           (after["severity"], after["urgent"], queue_of(after, message.get("channel")))


def describe(message, before, after):
    return f"{message['id']} {message['language']}: {before['severity']}{'u' * before['urgent']} -> " \
           f"{after['severity']}{'u' * after['urgent']}"


def compare(name, messages, before, after):
    grave = sum(verdict["severity"] >= 2 or verdict["urgent"] for verdict in before)
    moved = [describe(*row) for row in zip(messages, before, after) if changed(row[1], row[2], row[0])]
    return at_most(f"{name}: grave ones changed", share(len(moved), grave), 0, grave, moved)


def ranted_up(name, messages, before, after):
    rows = [row for row in zip(messages, before, after) if row[1]["severity"] < 2]
    up = [describe(*row) for row in rows if row[2]["severity"] >= 2]
    return at_most(f"{name}: 0 or 1 became 2", share(len(up), len(rows)), RANTED_UP_MAX, len(rows), up)


def with_texts(messages, texts):
    return [dict(message, text=text) for message, text in zip(messages, texts)]


def parties(engine, name, messages, words):
    """The same message with the blame on three different ones: the three verdicts agree."""
    said = [engine.verdicts(with_texts(messages, [f"{message['text']}\n\n{words[message['language']]['parties'][who]}"
                                                  for message in messages])) for who in range(3)]
    rows = [(message, verdicts) for message, *verdicts in zip(messages, *said)
            if max(verdict["severity"] for verdict in verdicts) >= 2]
    moved = [f"{message['id']} {message['language']}: {[verdict['severity'] for verdict in verdicts]}"
             for message, verdicts in rows
             if any(changed(verdicts[0], other, message) or changed(other, verdicts[0], message)
                    for other in verdicts[1:])]
    return at_most(f"{name}: blame moved: grave ones changed", share(len(moved), len(rows)), 0, len(rows), moved)


def measure(engine, name, messages, words, seed):
    dice = random.Random(seed)
    before = engine.verdicts(messages)
    figures = []
    for way, change in WAYS.items():
        texts = [change(message, words[message["language"]], dice) for message in messages]
        after = engine.verdicts(with_texts(messages, texts))
        figures.append(compare(f"{name}: {way}", messages, before, after))
        if way == "rant":
            figures.append(ranted_up(f"{name}: {way}", messages, before, after))
    figures.append(parties(engine, name, messages, words))
    return figures
