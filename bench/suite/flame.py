"""Stacks as `perf script` prints them, folded and drawn as one SVG that needs nothing else."""

import collections
import html
import re
import zlib

WIDTH, ROW_HEIGHT, MARGIN = 1200, 17, 10
CHARACTER_WIDTH = 6.6
SHARE_MIN = 0.0005  # what is narrower cannot be seen
FRAME = re.compile(r"^\s+[0-9a-f]+ (.+)$")


def clean(name):
    """The function without its place in it; code that was made at run time has no name."""
    name = re.sub(r"\+0x[0-9a-f]+$", "", name.split(" (")[0])
    name = re.sub(r"\.(lto_priv|constprop|part|isra|cold)\b(\.\d+)*", "", name)
    return "(made at run time)" if name == "[unknown]" else name


def fold(lines):
    """{(thread, outermost, ..., innermost): samples}."""
    stacks, thread, frames = collections.Counter(), None, []
    for line in [*lines, ""]:
        frame = FRAME.match(line)
        if frame:
            frames.append(clean(frame.group(1)))
        elif line.strip():
            thread = line.strip()
        elif thread:
            stacks[(thread, *reversed(frames))] += 1
            thread, frames = None, []
    return stacks


def tree_of(stacks):
    """{name: [samples, children]} from the threads inwards."""
    root = [0, {}]
    for stack, count in stacks.items():
        root[0] += count
        node = root
        for name in stack:
            node = node[1].setdefault(name, [0, {}])
            node[0] += count
    return root


def boxes_of(node, total, left=0.0, depth=0):
    """(name, left, width, depth), shares of the whole."""
    for name, (count, children) in sorted(node[1].items()):
        width = count / total
        if width >= SHARE_MIN:
            yield name, left, width, depth
            yield from boxes_of([count, children], total, left, depth + 1)
        left += width


def colour_of(name):
    """Warm, and the same for a name wherever it stands."""
    number = zlib.crc32(name.encode())
    return f"rgb({205 + number % 50},{90 + number // 50 % 120},{number // 6000 % 60})"


def draw(stacks):
    root = tree_of(stacks)
    boxes = list(boxes_of(root, max(1, root[0])))
    height = (max((depth for *_, depth in boxes), default=0) + 1) * ROW_HEIGHT + 2 * MARGIN
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="monospace" '
             'font-size="11">', '<rect width="100%" height="100%" fill="#ffffff"/>']
    for name, left, width, depth in boxes:
        x, wide = MARGIN + left * (WIDTH - 2 * MARGIN), width * (WIDTH - 2 * MARGIN)
        y = height - MARGIN - (depth + 1) * ROW_HEIGHT
        fits = int(wide / CHARACTER_WIDTH)
        label = html.escape(name if len(name) <= fits else name[:max(0, fits - 2)] + ".." if fits > 4 else "")
        parts.append(f'<g><title>{html.escape(name)}: {100 * width:.2f} %</title>'
                     f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="{ROW_HEIGHT - 1}" '
                     f'fill="{colour_of(name)}"/><text x="{x + 2:.1f}" y="{y + 12}">{label}</text></g>')
    return "\n".join([*parts, "</svg>", ""])
