"""What hides a word from a machine but not from a reader: the urgent cases are found all the same."""
import random

from figures import at_most, share
from loudness import with_texts

ZERO_WIDTH = ["\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad"]
# Letters that look alike, from one script to another.
LATIN_TO_CYRILLIC = str.maketrans("aeopcyxiABEKMHOPCTX", "аеорсухіАВЕКМНОРСТХ")
LATIN_TO_GREEK = str.maketrans("oviABEZHIKMNOPTYX", "ονιΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")
CYRILLIC_TO_LATIN = str.maketrans("аеорсухАВЕКМНОРСТХ", "aeopcyxABEKMHOPCTX")
GREEK_TO_LATIN = str.maketrans("ονιΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "oviABEZHIKMNOPTYX")


def hidden(text, dice):
    """An invisible character into the middle of every other word."""
    words = text.split(" ")
    for at, word in enumerate(words):
        if len(word) > 3 and dice.random() < 0.5:
            cut = dice.randrange(1, len(word))
            words[at] = word[:cut] + dice.choice(ZERO_WIDTH) + word[cut:]
    return " ".join(words)


def mixed(text, language, dice):
    """Some of the letters that have a double in another script are taken from there; no word wholly."""
    tables = {"ru": [CYRILLIC_TO_LATIN], "el": [GREEK_TO_LATIN]}.get(language, [LATIN_TO_CYRILLIC, LATIN_TO_GREEK])
    table = dice.choice(tables)
    return "".join(letter.translate(table) if dice.random() < 0.3 else letter for letter in text)


def measure(engine, name, messages, seed):
    """Over the messages that are urgent as they stand."""
    urgent = [message for message, verdict in zip(messages, engine.verdicts(messages)) if verdict["urgent"]]
    dice = random.Random(seed)
    ways = {"zero-width": [hidden(message["text"], dice) for message in urgent],
            "mixed scripts": [mixed(message["text"], message["language"], dice) for message in urgent]}
    figures = []
    for way, texts in ways.items():
        for fields in (("language", "channel"), ()):
            missed = [f"{message['id']}: {text}" if "source" not in message else message["id"]
                      for message, text, verdict in
                      zip(urgent, texts, engine.verdicts(with_texts(urgent, texts), fields)) if not verdict["urgent"]]
            told = "" if fields else ", no fields"
            figures.append(at_most(f"{name}: {way}{told}: urgent missed", share(len(missed), len(urgent)), 0,
                                   len(urgent), missed))
    return figures
