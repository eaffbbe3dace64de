"""A calm paragraph before or behind a message leaves severity and urgency as they are in 98 of 100."""
from figures import at_least, at_most, share
from loudness import describe, with_texts
from messages import tone

KEPT_MIN = 0.98
PRAISE_SERIOUS_MAX = 0.03
PRAISE_CHARACTERS_MIN = 400
PADS = [200, 600, 2000]


def pad_of(calm, characters):
    """Whole sentences of the paragraph, from its beginning again where it ends, up to about so many characters."""
    sentences = [sentence.strip() + "." for sentence in calm.replace("\n", " ").split(". ")]
    sentences = [sentence.replace("..", ".") for sentence in sentences]
    text, at = "", 0
    while len(text) + len(sentences[at % len(sentences)]) <= characters:
        text += sentences[at % len(sentences)] + " "
        at += 1
    return text.strip()


def measure(engine, name, messages, words):
    """One figure a language over all pads; the pad stands before and behind."""
    before = engine.verdicts(messages)
    kept, all_of, moved = 0, 0, []
    for characters in PADS:
        for behind in (False, True):
            pads = [pad_of(words[message["language"]]["calm"], characters) for message in messages]
            texts = [f"{message['text']}\n\n{pad}" if behind else f"{pad}\n\n{message['text']}"
                     for message, pad in zip(messages, pads)]
            after = engine.verdicts(with_texts(messages, texts))
            for row in zip(messages, before, after):
                same = (row[1]["severity"], row[1]["urgent"]) == (row[2]["severity"], row[2]["urgent"])
                kept += same
                all_of += 1
                if not same:
                    moved.append(f"{describe(*row)} ({characters} {'behind' if behind else 'before'})")
    return at_least(f"{name}: kept", share(kept, all_of), KEPT_MIN, all_of, moved)


def long_praise(engine, corpus):
    rows = [row for row in corpus.rows
            if row["labels"].get("stars", 0) >= 4 and len(row["text"]) > PRAISE_CHARACTERS_MIN]
    serious = [f"{row['id']}: {verdict['severity']}" for row, verdict in zip(rows, engine.verdicts(rows))
               if verdict["severity"] >= 3]
    return at_most("padding: serious among long texts of 4 and 5 stars", share(len(serious), len(rows)),
                   PRAISE_SERIOUS_MAX, len(rows), serious)
