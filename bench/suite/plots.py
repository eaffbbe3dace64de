"""Two plots of a result as SVG, drawn by gnuplot: latency against load, cost against rules."""

import os
import shutil
import subprocess
import sys

SERIES_OF_LATENCY = ("p50", "p99", "p99.9")


def latency_series(result):
    """{title: [(load in percent, microseconds), ...]} of engine and floor."""
    series = {}
    for name, row in result["rows"].items():
        if not name.startswith("flow/") or "load_percent" not in row:
            continue
        where = name.split("/")[1]
        for key, who in (("us", "engine"), ("floor_us", "floor")):
            for percentile in SERIES_OF_LATENCY:
                if row[key][percentile] is not None:
                    title = f"{who}, {where}, {percentile}"
                    series.setdefault(title, []).append((row["load_percent"], row[key][percentile]))
    return {title: sorted(points) for title, points in series.items()}


def rules_series(result):
    """{title: [(rules, nanoseconds a message), ...]} of matcher and loops at 400 bytes."""
    series = {}
    titles = {"ns": "matcher", "loop_view_ns": "loop over the view", "loop_original_ns": "loop over the original"}
    for name, row in result["rows"].items():
        parts = name.split("/")
        if parts[0] != "rules" or len(parts) != 3 or not parts[1].isdigit() or parts[2] != "400":
            continue
        for key, title in titles.items():
            series.setdefault(title, []).append((int(parts[1]), row[key]["median"]))
    return {title: sorted(points) for title, points in series.items()}


def script(path, title, x_label, y_label, series, log_x):
    """What gnuplot is told; the points stand in it."""
    lines = ["set terminal svg size 900,560 dynamic background '#ffffff'", f"set output '{path}'", f"set title '{title}'",
             f"set xlabel '{x_label}'", f"set ylabel '{y_label}'", "set logscale y", "set grid", "set key outside right"]
    if log_x:
        lines.append("set logscale x")
    for number, points in enumerate(series.values()):
        lines += [f"$series{number} << END", *(f"{x} {y}" for x, y in points), "END"]
    curves = [f"$series{number} with linespoints title '{name}'" for number, name in enumerate(series)]
    return "\n".join([*lines, "plot " + ", ".join(curves), ""])


def draw(result, folder):
    """The files that were written; none, and a word why, where gnuplot is missing."""
    if not shutil.which("gnuplot"):
        print("bench: gnuplot is missing (script/setup bench): nothing is plotted", file=sys.stderr)
        return []
    os.makedirs(folder, exist_ok=True)
    plots = (("latency-by-load.svg", "From due to a reader in another process", "percent of saturation", "microseconds",
              latency_series(result), False),
             ("cost-by-rules.svg", "Matching one text of 400 bytes, equal hits", "rules", "nanoseconds a message",
              rules_series(result), True))
    written = []
    for name, title, x_label, y_label, series, log_x in plots:
        if not series:
            continue
        path = os.path.join(folder, name)
        subprocess.run(["gnuplot"], input=script(path, title, x_label, y_label, series, log_x), text=True, check=True)
        written.append(path)
    return written
