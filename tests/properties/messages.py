"""The messages that properties are tried on: the project's own, the corpus, and labelled ones of the corpus.

Own messages are those of rules/cases/parallel.yaml, written for this project. The corpus is the folder of JSON Lines
files that REDRESS_CORPUS names, the labels those in REDRESS_GOLD; neither is part of the project.
"""
import glob
import json
import os
import random

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LANGUAGES = ["en", "pl", "sv", "nl", "ru", "el"]
GRAVE_THEMES = {"self_harm", "threat", "injury", "gas", "fire", "fraud_now"}


def read_jsonl(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def own_messages():
    """Every meaning in every language: {id, text, language, urgent, grave}."""
    with open(os.path.join(ROOT, "rules/cases/parallel.yaml"), encoding="utf-8") as file:
        meanings = yaml.safe_load(file)["meanings"]
    return [{"id": f"{meaning['id']}.{language}", "text": text, "language": language,
             "urgent": meaning["expect"].get("urgent", False), "grave": meaning["theme"] in GRAVE_THEMES}
            for meaning in meanings for language, text in meaning["texts"].items()]


def wording():
    with open(os.path.join(ROOT, "tests/properties/wording.yaml"), encoding="utf-8") as file:
        return yaml.safe_load(file)


class Corpus:
    """Rows of the corpus as messages; `labels` are their source's own."""

    def __init__(self, *folders):
        self.rows = []
        for path in sorted(path for folder in folders for path in glob.glob(os.path.join(folder, "*.jsonl"))):
            for row in read_jsonl(path):
                self.rows.append({"id": f"{row['source']}|{row['id']}", "text": row["text"], "language": row["lang"],
                                  "channel": row.get("channel", ""), "source": row["source"],
                                  "labels": row.get("labels", {})})

    def of_language(self, language):
        return [row for row in self.rows if row["language"] == language]

    def of_source(self, *sources):
        return [row for row in self.rows if row["source"] in sources]

    def sample(self, language, count, seed):
        rows = self.of_language(language)
        return random.Random(f"{seed} {language}").sample(rows, min(count, len(rows)))


def tone(row):
    """'negative' or 'positive' by stars or sentiment, 'neutral', or None where the source says neither."""
    labels = row["labels"]
    stars = labels.get("stars")
    if stars is not None:
        return "negative" if stars <= 2 else "positive" if stars >= 4 else None
    said = str(labels.get("sentiment", labels.get("polarity", ""))).lower()
    return said if said in ("negative", "positive", "neutral") else None


def gold_rows(folder, part, language):
    path = os.path.join(folder, f"{part}.{language}.jsonl")
    return {f"{row['source']}|{row['id']}": row for row in read_jsonl(path)}


def own_parallel():
    """The meanings of labels/parallel that are held back, in every language, as rows of a corpus."""
    folder = os.path.join(ROOT, "labels/parallel")
    held = gold_rows(folder, "dev", LANGUAGES[0])  # the same ids in each
    return [row for row in Corpus(os.path.join(folder, "texts")).rows if row["id"] in held]
