"""Russian in Latin letters, as GOST 7.79-2000 system B writes it and as people type it."""

GOST = {"а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z", "и": "i", "й": "j",
        "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
        "х": "x", "ц": "cz", "ч": "ch", "ш": "sh", "щ": "shh", "ъ": "``", "ы": "y'", "ь": "`", "э": "e'", "ю": "yu",
        "я": "ya"}
SOFT = "еёиыэюяй"  # before these ц is c


def spelled(text, letters):
    out = []
    for at, letter in enumerate(text):
        small = letter.lower()
        if small not in letters:
            out.append(letter)
            continue
        spelt = letters[small]
        if small == "ц" and spelt == "cz" and text[at + 1:at + 2].lower() in SOFT and at + 1 < len(text):
            spelt = "c"
        out.append(spelt.capitalize() if letter.isupper() else spelt)
    return "".join(out)


def gost_779_b(text, habits=None):
    return spelled(text, GOST)


def habits(dice):
    """One writer's."""
    return dict(GOST, ё=dice.choice(["e", "yo"]), ж=dice.choice(["zh", "zh", "j"]), й=dice.choice(["y", "i", "j"]),
                х=dice.choice(["h", "kh", "x"]), ц=dice.choice(["c", "ts"]), ч=dice.choice(["ch", "ch", "4"]),
                ш=dice.choice(["sh", "sh", "w"]), щ=dice.choice(["sch", "shch", "sh"]), ъ=dice.choice(["", "'"]),
                ы=dice.choice(["y", "i"]), ь=dice.choice(["", "'"]), э="e", ю=dice.choice(["yu", "u", "ju"]),
                я=dice.choice(["ya", "ja", "ia"]))


def typed(text, habit):
    return spelled(text, habit)
