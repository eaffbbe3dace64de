"""Builds the benches, runs them, and makes rows of what they print."""

import json
import os
import subprocess
import sys

import environment
import rule_sets
from statistics_of import median_row, noise

ROOT = environment.ROOT
BUILD = os.path.join(ROOT, "build", "release")
TARGETS = ["redress", "bench_stages", "bench_rules", "bench_flow_reader", "bench_flow_floor", "bench_wake_chain",
           "bench_history_scale", "bench_count_calls", "bench_kafka_floor"]
RULES = os.path.join(ROOT, "rules")
KEPT_SETS = os.path.join(ROOT, "build", "bench-sets")
# Bytes of a text, messages and rounds: quick, then full. A loop over 6,000 rules is slow.
TEXTS = {100: ((100, 5), (400, 15)), 400: ((100, 3), (300, 15)), 4096: ((10, 3), (60, 9)),
         65000: ((2, 3), (6, 7))}
SET_SIZES = (60, 600, 6000)
HIT_MESSAGES = 150  # the patterns that shall hit do so in one of these, the others in none


def build():
    commands = [["cmake", "--preset", "release"], ["cmake", "--build", BUILD, "-j2", "--target", *TARGETS]]
    for command in commands:
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            sys.exit(f"bench: {' '.join(command)} failed:\n{done.stdout[-4000:]}")


def run(name, *arguments, may_differ=False):
    command = [os.path.join(BUILD, "bench", name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0 and not (may_differ and done.returncode == 1):
        raise RuntimeError(f"{name} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout


def generate(path, messages, bytes_a_text=0):
    subprocess.run([os.path.join(ROOT, "bench", "data", "generate"), "--messages", str(messages),
                    "--bytes", str(bytes_a_text), "--out", path], check=True)
    return path


def thin(corpus, path, lines_max):
    """At most so many lines of the corpus, evenly."""
    lines = []
    for name in corpus:
        with open(name, encoding="utf-8") as file:
            lines += [line for line in file if line.strip()]
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(line.rstrip("\n") + "\n" for line in lines[::max(1, len(lines) // lines_max)])
    return path


def stages(corpus, folder, rules, full, name):
    """What the corpus is and was to these rules, and rows stages/NAME/STAGE."""
    records = thin(corpus, os.path.join(folder, "records.jsonl"), 20000 if full else 2000)
    found = json.loads(run("bench_stages", "--rounds", 101 if full else 15, rules, records))
    cycle_ns = median_row(found["ns_per_cycle"])["median"]
    rows = {}
    for row in found.pop("rows"):
        ns = median_row(row["ns"])
        rows[f"stages/{name}/{row['name']}"] = {
            "ns": ns, "cycles": round(ns["median"] / cycle_ns),
            "cycles_a_byte": round(ns["median"] / cycle_ns / found["text_bytes"], 2),
            "allocations": row["allocations"]}
    whole = found.pop("whole_ns")
    rows[f"stages/{name}/whole"].update(p50_cycles=round(whole["p50"] / cycle_ns),
                                        p99_cycles=round(whole["p99"] / cycle_ns), p99_ns=whole["p99"])
    found["noise"] = round(noise(found.pop("ns_per_cycle")), 4)
    found["ns_per_cycle"] = cycle_ns
    rows[f"stages/{name}"] = {"allocations": sum(row["allocations"] for row in rows.values())}
    return found, rows


def rules_row(pattern_set, texts, rounds):
    found = json.loads(run("bench_rules", "--rounds", rounds, pattern_set, texts, may_differ=True))
    row = {key: found[key] for key in ("rules", "patterns", "text_bytes", "hits", "undecided",
                                       "differences", "allocations", "load_ms")}
    for key in ("ns", "loop_view_ns", "loop_original_ns"):
        row[key] = median_row(found[key])
    row["ratio_view"] = round(row["loop_view_ns"]["median"] / row["ns"]["median"], 1)
    row["ratio_original"] = round(row["loop_original_ns"]["median"] / row["ns"]["median"], 1)
    return row


def shipped_patterns(folder):
    """The file with every pattern of the packs, those patterns, and the texts that some of them shall hit."""
    shipped = os.path.join(folder, "shipped.tsv")
    with open(shipped, "w", encoding="utf-8") as file:
        file.write(run("bench_rules", "--print", RULES))
    with open(shipped, encoding="utf-8") as file:
        patterns = [line.rstrip("\n").split("\t", 1)[1] for line in file]
    with open(generate(os.path.join(folder, "hit.jsonl"), HIT_MESSAGES), encoding="utf-8") as file:
        hit_texts = "\n".join(json.loads(line)["text"] for line in file)
    return shipped, patterns, hit_texts


def rules(folder, full):
    shipped, patterns, hit_texts = shipped_patterns(folder)
    rows = {}
    for size in SET_SIZES:
        path = os.path.join(folder, f"{size}.tsv")
        rule_sets.write_set(path, rule_sets.kept_set(patterns, size, hit_texts, KEPT_SETS))
        for bytes_a_text, ways in TEXTS.items():
            messages, rounds = ways[full]
            texts = generate(os.path.join(folder, f"texts-{bytes_a_text}.jsonl"), messages, bytes_a_text)
            row = rules_row(path, texts, rounds)
            rows[f"rules/{size}/{bytes_a_text}"] = row
            base = rows.get(f"rules/600/{bytes_a_text}")
            if size == 6000 and base:
                row["over_600"] = round(row["ns"]["median"] / base["ns"]["median"], 2)
    texts = generate(os.path.join(folder, "texts-shipped.jsonl"), 60 if full else 12, 400)
    rows["rules/shipped/400"] = rules_row(shipped, texts, 7 if full else 3)
    rows["rules"] = {"differences": sum(row["differences"] for row in rows.values())}
    return rows
