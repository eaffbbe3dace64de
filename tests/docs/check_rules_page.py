#!/usr/bin/python3
"""Runs every command that docs/rules.md shows and compares what it prints with what the page says.

usage: check_rules_page.py [--write] REDRESS

A command is an indented line that begins with "$ "; what follows, as far as the block goes or to the next
command, is what it printed: both streams, errors first, and its exit code where that is not 0. Commands run in
docs/examples/rules, with REDRESS first on the path. Of `redress rules profile` only the words are compared, in any
order: its numbers are times. --write puts what is printed into the page.
Exit code 0 where all is as the page says, 1 where it is not.
"""
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(ROOT, 'docs', 'rules.md')
EXAMPLES = os.path.join(ROOT, 'docs', 'examples', 'rules')
INDENT = '    '


def run(command, folder):
    """What the command prints, as the page shows it."""
    environment = dict(os.environ, PATH=folder + ':' + os.environ['PATH'], LC_ALL='C.UTF-8')
    environment.pop('REDRESS_RULES', None)
    done = subprocess.run(['sh', '-c', command], cwd=EXAMPLES, env=environment, capture_output=True,
                          encoding='utf-8', timeout=120)
    lines = (done.stderr + done.stdout).splitlines()
    if done.returncode != 0:
        lines.append(f'(exit code {done.returncode})')
    return [line.rstrip() for line in lines]


def blocks(lines):
    """(command, first line of its output, line behind its last) for each command of the page."""
    at = 0
    while at < len(lines):
        if not lines[at].startswith(INDENT + '$ '):
            at += 1
            continue
        command = lines[at][len(INDENT) + 2:]
        end = at + 1
        while end < len(lines) and (lines[end].startswith(INDENT) or is_blank_within(lines, end)) \
                and not lines[end].startswith(INDENT + '$ '):
            end += 1
        yield command, at + 1, end
        at = end


def is_blank_within(lines, at):
    """A blank line that the same block goes on behind."""
    return lines[at] == '' and at + 1 < len(lines) and lines[at + 1].startswith(INDENT)


def comparable(command, lines):
    if 'rules profile' not in command:
        return lines
    return sorted(re.sub(r'\s+', ' ', re.sub(r'[0-9.]+', 'N', line)).strip() for line in lines)


def main():
    write = '--write' in sys.argv
    redress = os.path.abspath(sys.argv[-1])
    with open(PAGE, encoding='utf-8') as page:
        lines = page.read().split('\n')
    out, behind, wrong, count = [], 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(redress, os.path.join(folder, 'redress'))
        for command, first, end in blocks(lines):
            count += 1
            expected = [line[len(INDENT):].rstrip() for line in lines[first:end]]
            while expected and expected[-1] == '':
                expected.pop()
            printed = run(command, folder)
            out += lines[behind:first] + [(INDENT + line).rstrip() for line in printed]
            behind = end
            if comparable(command, printed) != comparable(command, expected):
                wrong += 1
                print(f'docs/rules.md:{first}: $ {command}\nthe page says:', *expected, 'it prints:', *printed,
                      sep='\n', file=sys.stderr)
    if write:
        with open(PAGE, 'w', encoding='utf-8') as page:
            page.write('\n'.join(out + lines[behind:]))
        return 0
    print(f'{count} commands, {wrong} print something else')
    return 1 if wrong or count == 0 else 0


if __name__ == '__main__':
    sys.exit(main())
