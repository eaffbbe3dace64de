"""Sets of 60, 600 and 6,000 rules of one pattern each that hit equally often.

The first 60 are patterns of the shipped packs. All others are patterns of the packs whose letters were
changed, vowels for vowels and consonants for consonants: they look like rules and hit next to nothing.
"""

import hashlib
import json
import os
import random
import re

ALPHABETS = ("aeiou", "bcdfghklmnprstvwz", "аеиоуыюя", "бвгджзклмнпрстфхцч", "αειουωη", "βγδζθκλμνπρστφχψ")
CLASS_OF = {letter: alphabet for alphabet in ALPHABETS for letter in alphabet}
# What is no literal: escapes, classes, counts, the heads of groups.
SYNTAX = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\{[^}]*\}|\(\?[^:=!>]*[:=!>]|[^\\\[{(]|\(")
LETTERS_MIN = 5
HITTING = 60


def is_literal(token):
    return len(token) == 1 and token in CLASS_OF


def change(pattern, draw):
    """The pattern with other letters, or None where it has too few."""
    tokens = SYNTAX.findall(pattern)
    if "".join(tokens) != pattern or sum(map(is_literal, tokens)) < LETTERS_MIN:
        return None
    return "".join(another(token, draw) if is_literal(token) else token for token in tokens)


def another(letter, draw):
    alphabet = CLASS_OF[letter]
    step = 1 + int(draw.random() * (len(alphabet) - 1))
    return alphabet[(alphabet.index(letter) + step) % len(alphabet)]


def hits_any(pattern, text):
    """Python's word on whether a pattern hits; one that it cannot read counts as neither."""
    try:
        return re.search(pattern, text, re.IGNORECASE) is not None
    except re.error:
        return None


def make_set(patterns, size, text, seed=1):
    """`size` patterns, the first HITTING of which hit `text` and are the same in every set; the others do not."""
    draw = random.Random(seed)
    made = []
    while len(made) < size:
        pattern = patterns[int(draw.random() * len(patterns))]
        wanted = len(made) < HITTING
        if not wanted:
            pattern = change(pattern, draw)
        if pattern and pattern not in made and hits_any(pattern, text) is wanted:
            made.append(pattern)
    return made


def kept_set(patterns, size, text, folder):
    """What make_set makes, kept in a folder of the build: searching for patterns that do not hit takes minutes.

    Equal seeds draw equally, so that a set is the beginning of every larger one.
    """
    digest = hashlib.sha256("\n".join([*patterns, text]).encode()).hexdigest()[:16]
    kept = sorted(int(name.split("-")[1]) for name in os.listdir(folder) if name.startswith(digest + "-")) \
        if os.path.isdir(folder) else []
    enough = [count for count in kept if count >= size]
    if enough:
        with open(os.path.join(folder, f"{digest}-{enough[0]}"), encoding="utf-8") as file:
            return json.load(file)[:size]
    made = make_set(patterns, size, text)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"{digest}-{size}"), "w", encoding="utf-8") as file:
        json.dump(made, file, ensure_ascii=False)
    return made


def write_set(path, patterns):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{rule}\t{pattern}\n" for rule, pattern in enumerate(patterns))


def write_folder(folder, patterns, urgent=True):
    """A folder of rules for the engine, one pattern each, that fire in every language.

    A message that one of them hits is a complaint; with `urgent` it stands before people.
    """
    # Negation is what the engine adds to a pattern; who is compared with it does not know it.
    rules = [{"id": f"en.bench.rule_{number}", "why": "A bench asks", "pattern": pattern, "complaint": 2,
              "negation": "ignore", "category": {"delivery": 1}, **({"at_least": "critical"} if urgent else {}),
              "languages": ["pl", "sv", "nl", "ru", "el"],
              "examples": {"match": ["one", "two"], "calm": ["three", "four"]}}
             for number, pattern in enumerate(patterns)]
    again = {"id": "said_again", "why": "The customer complains again", "when": "recurrence.repeat and complaint",
             "sets": ["repeat"]}
    os.makedirs(os.path.join(folder, "en"))
    documents = {"en/bench.yaml": {"language": "en", "rules": rules}, "composites.yaml": {"composites": [again]},
                 "tiers.yaml": {"tiers": {"minor": 0.5, "moderate": 1.0}}}
    for name, document in documents.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False)  # JSON is YAML
    return folder


def read_folder(folder):
    """The patterns of a folder that write_folder made, in their order."""
    with open(os.path.join(folder, "en", "bench.yaml"), encoding="utf-8") as file:
        return [rule["pattern"] for rule in json.load(file)["rules"]]
