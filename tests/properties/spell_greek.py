"""Greek in Latin letters, as ISO 843 writes it and as people type it.

A writer keeps to their habits through a message: habits() draws them once.
"""
import unicodedata

SINGLE = {"α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l",
          "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y", "φ": "f",
          "χ": "ch", "ψ": "ps", "ω": "o"}
VOICELESS = "θκξπσςτφχψ"
ISO_SINGLE = dict(SINGLE, η="ī", ω="ō")
ISO_PAIRS = {"γγ": "ng", "γξ": "nx", "γχ": "nch", "ου": "ou"}


def bare(text):
    """Without accents; a diaeresis stays, since it parts two vowels."""
    letters = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(letter for letter in letters if letter != "\u0301"))


def cased(source, spelt):
    return spelt.capitalize() if source[0].isupper() else spelt


def spelled(text, pairs, single):
    """Pairs first, longest match; what is no Greek letter stays."""
    text, out, at = bare(text), [], 0
    while at < len(text):
        pair = text[at:at + 2]
        if pair.lower() in pairs:
            out.append(cased(pair, spelt_pair(text, at, pairs)))
            at += 2
            continue
        letter = unicodedata.normalize("NFD", text[at])[0] if text[at] in "ϊϋΪΫ" else text[at]
        out.append(cased(letter, single[letter.lower()]) if letter.lower() in single else letter)
        at += 1
    return "".join(out)


def spelt_pair(text, at, pairs):
    """αυ, ευ and ηυ sound as av or af, by what follows."""
    spelt = pairs[text[at:at + 2].lower()]
    if "|" not in spelt:
        return spelt
    follows = text[at + 2:at + 3].lower()
    voiceless = not follows.isalpha() or follows in VOICELESS
    return spelt.split("|")[1 if voiceless else 0]


def iso_843(text, habits=None):
    return spelled(text, ISO_PAIRS | {"αυ": "au", "ευ": "eu", "ηυ": "īu"}, ISO_SINGLE)


def habits(dice):
    """One writer's: eta and chi are never the same letter, nor chi and xi."""
    eta = dice.choice(["h", "i", "n"])
    chi = dice.choice(["x"] if eta == "h" else ["x", "h"])
    xi = dice.choice(["3", "ks"] if chi == "x" else ["3", "ks", "x"])
    single = dict(SINGLE, η=eta, χ=chi, ξ=xi, θ=dice.choice(["8", "th"]), ω=dice.choice(["w", "o"]),
                  υ=dice.choice(["y", "u", "i"]), β=dice.choice(["v", "b"]), φ=dice.choice(["f", "f", "ph"]))
    pairs = {"ου": dice.choice(["ou", "u"]), "αυ": dice.choice(["au", "av|af"]), "ευ": dice.choice(["eu", "ev|ef"]),
             "μπ": dice.choice(["mp", "b"]), "ντ": dice.choice(["nt", "d"]), "γκ": dice.choice(["gk", "g"])}
    if dice.random() < 0.4:  # by sound
        pairs |= {"ει": "i", "οι": "i", "αι": "e"}
    return pairs, single


def typed(text, habit):
    return spelled(text, *habit)
