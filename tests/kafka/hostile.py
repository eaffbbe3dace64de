"""Hostile records, each with the ending that it must have.

Every generator answers (value, expected): the record's bytes (None for a tombstone) and what becomes
of it. They follow the limits of LIMITS, which the campaign also writes into the configuration.
"""

import collections
import json

from samples import SENTENCES

LIMITS = {"payload": {"max": "1 MiB"}, "text": {"max": "16 KiB", "over": "truncate"},
          "depth": {"max": 64}, "keys": {"max": 4096}}
PAYLOAD_BYTES_MAX, TEXT_BYTES_MAX, DEPTH_MAX, KEYS_MAX = 1 << 20, 16 << 10, 64, 4096
FIELD_BYTES_MAX = 256

Expected = collections.namedtuple("Expected", "endings flags reason")


def read(*flags):
    """The message is read, with exactly these flags: a case or calm."""
    return Expected({"case", "calm"}, set(flags), None)


def dead(reason):
    return Expected({"dead_letter"}, None, reason)


def sentence(random):
    return random.choice(SENTENCES)[2]


def dump(document):
    return json.dumps(document, ensure_ascii=False).encode()


def with_text(raw_text):
    """An envelope around the raw bytes of a JSON string's inside."""
    return b'{"id":"h","text":"' + raw_text + b'"}'


def good(random):
    return dump({"text": sentence(random), "customer": f"g{random.randrange(50)}"}), read()


def bad_utf8(random):
    bad = random.choice([b"\xff", b"\xc3", b"\xe2\x82", b"\xc0\xaf", b"\xed\xa0\x80",
                         b"\xf5\x80\x80\x80", b"\x80\x80"])
    text = sentence(random).encode()
    return with_text(text + b" " + bad + b" !"), read("repaired")


def latin_1(random):
    return with_text("Ärendet är öppet än, ni måste svara".encode("latin-1")), read("repaired")


def bad_utf8_in_attribute(random):
    return (b'{"note":"\xfe","text":"' + sentence(random).encode() + b'"}'), read("repaired")


def lone_surrogate(random):
    half = random.choice([rb"\ud83d", rb"\ude00", rb"\uDBFF", rb"\udc00\ud800"])
    return with_text(sentence(random).encode() + b" " + half), read("repaired")


def surrogate_pair(random):
    return with_text(sentence(random).encode() + rb" \ud83d\ude00"), read()


def byte_order_mark(random):
    return b"\xef\xbb\xbf" + good(random)[0], read("repaired")


def escaped_nul(random):
    return with_text(sentence(random).encode() + rb" \u0000 end"), read()


def raw_nul(random):
    return with_text(b"before \x00 after"), dead("not_json")


def only_nuls(random):
    return b"\x00" * random.randint(1, 300), dead("not_json")


def utf_16(random):
    return good(random)[0].decode().encode("utf-16"), dead("not_json")


def cut_json(random):
    value = dump({"text": "A parcel that never came, and nobody answers", "id": "cut"})
    return value[:random.randint(1, len(value) - 1)], dead("not_json")


def trailing_bytes(random):
    return good(random)[0] + random.choice([b"x", b"{}", b"]", b" \x00"]), dead("not_json")


def random_bytes(random):
    return b"\x01" + bytes(random.randrange(256) for _ in range(random.randint(0, 400))), \
        dead("not_json")


def deep(random):
    depth = random.choice([DEPTH_MAX + 1, 300, 5000, 100_000])
    brackets = random.choice([(b"[", b"]"), (b'{"a":', b"}")])
    inner = brackets[0] * depth + b"1" + brackets[1] * depth
    return b'{"text":"deep","nested":' + inner + b"}", dead("too_deep")


def not_too_deep(random):
    depth = DEPTH_MAX - 2
    return (b'{"text":"' + sentence(random).encode() + b'","nested":' + b"[" * depth
            + b"]" * depth + b"}"), read()


def too_large(random):
    return with_text(b"long " * ((PAYLOAD_BYTES_MAX + random.randint(1, 200_000)) // 5 + 1)), \
        dead("too_large")


def ten_megabytes(random):
    return with_text(bytes([random.randint(97, 122)]) * 10_000_000), dead("too_large")


def large_attribute(random):
    padding = "p" * random.randint(100_000, 900_000)
    return dump({"text": sentence(random), "padding": padding}), read()


def many_keys(random):
    return dump({"text": "keys", **{f"k{n}": n for n in range(KEYS_MAX + 1)}}), \
        dead("too_many_keys")


def duplicate_mapped_key(random):
    field = random.choice(["text", "id", "customer", "time", "language"])
    return (b'{"text":"one","' + field.encode() + b'":"two","' + field.encode()
            + b'":"three"}'), dead("duplicate_key")


def duplicate_other_key(random):
    return b'{"x":1,"x":2,"text":"' + sentence(random).encode() + b'"}', read()


def wrong_type(random):
    value = random.choice([1, 2.5, True, [], {}, ["text"], {"text": "x"}])
    return dump({"text": value}), dead("wrong_type")


def wrong_type_of_id(random):
    return dump({"text": "fine", "id": random.choice([[], {}, True])}), dead("wrong_type")


def no_object(random):
    value = random.choice([b"[]", b"1", b'"text"', b"null", b"true", b'[{"text":"x"}]'])
    return value, Expected({"dead_letter"}, None, ("text_missing", "wrong_type"))


def no_text(random):
    document = random.choice([{}, {"id": "x"}, {"text": None}, {"Text": "other case"}])
    return dump(document), dead("text_missing")


def blank_text(random):
    return dump({"text": random.choice(["", " ", "\n\t  ", " " * 500])}), dead("empty")


def empty_value(random):
    return b"", dead("empty")


def tombstone(random):
    return None, dead("tombstone")


def large_number(random):
    number = random.choice([b"1e400", b"123456789012345678901234567890", b"-99999999999999999999",
                            b"0.1e-400", b"18446744073709551616"])
    return b'{"n":' + number + b',"text":"' + sentence(random).encode() + b'"}', read()


def long_text(random):
    text = (sentence(random) + " ") * (TEXT_BYTES_MAX // 30)
    return dump({"text": text}), read("truncated")


def long_and_broken_text(random):
    return with_text(b"\xff" + b"word " * TEXT_BYTES_MAX), read("repaired", "truncated")


def long_field(random):
    field = random.choice(["id", "customer", "time", "language"])
    return dump({"text": "fine", field: "f" * (FIELD_BYTES_MAX + 1)}), dead("field_too_long")


# How many of 10,000; the rest is good. The large ones are few, so that a run stays short.
SHARES = {bad_utf8: 400, latin_1: 200, bad_utf8_in_attribute: 200, lone_surrogate: 400,
          surrogate_pair: 200, byte_order_mark: 200, escaped_nul: 200, raw_nul: 200,
          only_nuls: 200, utf_16: 200, cut_json: 400, trailing_bytes: 200, random_bytes: 400,
          deep: 40, not_too_deep: 200, too_large: 20, ten_megabytes: 5, large_attribute: 20,
          many_keys: 50, duplicate_mapped_key: 300, duplicate_other_key: 300, wrong_type: 300,
          wrong_type_of_id: 200, no_object: 300, no_text: 300, blank_text: 300, empty_value: 200,
          tombstone: 200, large_number: 300, long_text: 50, long_and_broken_text: 30,
          long_field: 300}


def generate(random, count):
    """count records in seeded order: (name of the generator, value, expected)."""
    chosen = []
    for generator, share in SHARES.items():
        chosen += [generator] * max(1, share * count // 10_000)
    chosen += [good] * (count - len(chosen))
    random.shuffle(chosen)
    for generator in chosen:
        yield (generator.__name__, *generator(random))
