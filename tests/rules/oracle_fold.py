#!/usr/bin/python3
"""The oracle of the view's bytes: a second fold and second edits, written with Python's own tools.

Goal:   the view of a text, with drawn-out letters once and twice, is what docs/view.md says.
Method: the fold of a character comes from Unicode's data by script/generate-view-table, without the
        tables it wrote; the edits are regular expressions over a whole text. view_print, which is the
        engine's view, must print the same. Texts: the project's samples, the examples of its rules,
        texts made from pieces (seeded and printed) and, where REDRESS_CORPUS names a folder, its texts.

usage: oracle_fold.py VIEW_PRINT
"""
import glob
import importlib.machinery
import importlib.util
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import unicodedata

import yaml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CORPUS_TEXTS_MAX = 8000
ADDRESS = "\u00fb"


def load_table():
    path = os.path.join(ROOT, "script", "generate-view-table")
    sys.dont_write_bytecode = True
    loader = importlib.machinery.SourceFileLoader("table", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("table", loader))
    loader.exec_module(module)
    return module


TABLE = load_table()
KNOWN = {}


def fold_character(char):
    """Its bytes, as characters below U+0100."""
    if char not in KNOWN:
        code_point = ord(char)
        if code_point < 0x80:
            out = "" if char == "\r" else " " if char in "\t\n\v\f" else char.lower()
        else:
            out = "".join(map(chr, TABLE.fold(code_point)))
        KNOWN[char] = out
    return KNOWN[char]


LETTERS = "a-z" + "".join(map(chr, sorted([*TABLE.LETTERS.values(), TABLE.OTHER_LETTER])))
WORD = LETTERS + "0-9_"
SYMBOLS = "".join(map(chr, [*TABLE.EMOJI_CLASSES, TABLE.OTHER_EMOJI, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF]))
DRAWN = "".join(c for c in map(chr, range(256)) if re.match("[%s]" % LETTERS, c)
                and c not in ("x", chr(TABLE.LETTERS["х"]), chr(TABLE.LETTERS["χ"]), chr(0xF0)))
DOMAINS = ("app be biz ca co com de dev edu es eu fr gl gov gr ie io info ly me net nl nu org pl ru se "
           "su tv uk").split()
REST = r'(?:[^\x00-\x20"<>|%s]*[^\x00-\x20"<>|.,;:!?)\]}*\'%s])?' % (SYMBOLS, SYMBOLS)
NAME = r"(?:(?!\.\.)[%s.+%%-])*" % WORD
LINK = re.compile(r"(?:https?://(?=[^\x00-\x20])|www\.(?=[^\x00-\x20]))")
LINK_REST = re.compile(REST)
MAIL = re.compile(r"%s@[%s-]+(?:\.[%s-]+)+" % (NAME, WORD, WORD))
SITE = re.compile(r"(?=%s/)(%s)/" % (NAME, NAME))
HANDLE = re.compile(r"@[%s_][%s]*" % (LETTERS, WORD))
TAG = re.compile(r"#[%s]+" % WORD)
RUN = re.compile(r"([%s])\1{2,}" % DRAWN)
START = re.compile(r"(?<![%s])[%s]" % (WORD, WORD))


def address_at(fold, at):
    """The end of the link or e-mail address at a word's start, or None."""
    if LINK.match(fold, at):
        return LINK_REST.match(fold, at).end()
    mail = MAIL.match(fold, at)
    if mail and re.match(r"[%s]{2}" % LETTERS, mail.group().rsplit(".", 1)[1]):
        return mail.end()
    site = SITE.match(fold, at)
    if site:
        host, dot, domain = site.group(1).rpartition(".")
        if dot and host and domain in DOMAINS:
            return LINK_REST.match(fold, at).end()
    return None


def kind_of(char):
    folded = fold_character(char)
    if folded and folded[0] in "0123456789":
        return "digit"
    if not folded or not re.match("[%s]" % LETTERS, folded[0]):
        return "none"
    return "upper" if unicodedata.category(char) in ("Lu", "Lt") and ord(char) < 0x2000 else "lower"


def shorten(piece, kept):
    return RUN.sub(lambda run: run.group(1) * kept, piece)


def split_tag(chars, kept):
    """The view of a hashtag, from its characters behind the #."""
    chars = [char for char in chars if fold_character(char)]
    out, piece = "", ""
    skipped = 0  # bytes of a drawn-out letter, inside which nothing is split
    for i, char in enumerate(chars):
        folded = fold_character(char)
        before = kind_of(chars[i - 1]) if i else "none"
        after = kind_of(chars[i + 1]) if i + 1 < len(chars) else "none"
        inside = skipped > 0
        skipped = max(0, skipped - len(folded))
        if not inside:
            begins = kind_of(char) == "upper" and (
                before == "lower" or (before in ("upper", "digit") and after == "lower"))
            if begins or folded == "_":
                out += shorten(piece, kept) + " "
                piece = ""
            rest = "".join(map(fold_character, chars[i:]))
            run = RUN.match(rest)
            if run:
                skipped = max(0, run.end() - len(folded))
        if folded != "_":
            piece += folded
    return out + shorten(piece, kept)


def view_of(text, kept):
    folded = [fold_character(char) for char in text]
    fold = "".join(folded)
    if not re.search(r"[#@/]|%s" % RUN.pattern, fold):
        return fold
    owner = [i for i, piece in enumerate(folded) for _ in piece]
    out, at = [], 0
    while at < len(fold):
        end = None
        if START.match(fold, at):
            end = address_at(fold, at)
        elif fold[at] == "@" and not (at and re.match("[%s]" % WORD, fold[at - 1])):
            handle = HANDLE.match(fold, at)
            end = handle.end() if handle else None
        if end:
            out.append(ADDRESS)
            at = end
            continue
        tag = TAG.match(fold, at)
        run = RUN.match(fold, at)
        if tag:
            chars = text[owner[at] + 1:owner[tag.end() - 1] + 1]
            out.append("#" + split_tag(chars, kept))
            at = tag.end()
        elif run:
            out.append(run.group(1) * kept)
            at = run.end()
        else:
            out.append(fold[at])
            at += 1
    return "".join(out)


PIECES = """word Word WORD goooood SOOO #NeverFlyAgain #BAFail #SoooBad #Flight2Late #a_bC @name @5pm
a@b.se A.b+c@d-e.co.uk https://t.co/aB?c=#d. http://x www.a.b/c, www.. name.com/ bit.ly/x and/or 24/7
1000 XXXX ... ideeën Straßse ёёё #НеНадо #ΠοτέΞανά ΠΠΠ 😡 👍🏽 ❤️ € 12,50 ( ) " ' # @ / :// .com/ - _ 漢漢漢
me@home a@b.c #1 e\u0301e\u0301e\u0301 a\u00ada\u200ba \r \u2028""".split(" ")


def made_texts(generator):
    for _ in range(3000):
        count = generator.randrange(1, 12)
        yield "".join(generator.choice(PIECES) + generator.choice(("", " ", " ", "\n", ", "))
                      for _ in range(count))


def sample_texts():
    with open(os.path.join(ROOT, "share", "demo", "messages.jsonl"), encoding="utf-8",
              errors="replace") as lines:
        for line in lines:
            try:
                yield json.loads(line, strict=False)["text"]
            except (ValueError, KeyError, TypeError):
                continue  # the demo has broken messages on purpose
    for path in sorted(glob.glob(os.path.join(ROOT, "rules", "??", "*.yaml"))):
        with open(path, encoding="utf-8") as file:
            content = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        for rule in content.get("rules") or []:
            for texts in (rule.get("examples") or {}).values():
                yield from texts


def corpus_texts(generator):
    folder = os.environ.get("REDRESS_CORPUS")
    if not folder:
        print("SKIPPED: REDRESS_CORPUS names no folder")
        return []
    texts = []
    for path in sorted(glob.glob(os.path.join(folder, "*.jsonl"))):
        with open(path, encoding="utf-8") as lines:
            texts += [json.loads(line)["text"] for line in lines]
    return generator.sample(texts, min(len(texts), CORPUS_TEXTS_MAX))


def judge(program, name, texts):
    texts = [text for text in texts if isinstance(text, str) and 0 < len(text) < 10000]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "texts")
        with open(path, "w", encoding="utf-8") as out:
            out.writelines(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
        answer = subprocess.run([program, path], stdout=subprocess.PIPE, check=True)
    lines = answer.stdout.decode().split("\n")[:-1]
    assert len(lines) == len(texts), (len(lines), len(texts))
    edited = 0
    for text, line in zip(texts, lines):
        got = [bytes.fromhex(part).decode("latin-1") for part in line.split(" ")]
        wanted = [view_of(text, 1), view_of(text, 2)]
        edited += wanted[0] != "".join(map(fold_character, text))
        if got != wanted:
            sys.exit("%s: %r\nengine %r\noracle %r" % (name, text, got, wanted))
    print("%s: %d texts, %d of them edited, views equal" % (name, len(texts), edited))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    seed = int(os.environ.get("REDRESS_SEED", "8"))
    generator = random.Random(seed)
    print("seed %d" % seed)
    judge(sys.argv[1], "samples", list(sample_texts()))
    judge(sys.argv[1], "made", list(made_texts(generator)))
    judge(sys.argv[1], "corpus", corpus_texts(generator))


if __name__ == "__main__":
    main()
