"""Builds what the parts need, runs them, and closes with the counts. Started by script/test."""

import argparse
import collections
import glob
import os
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PARTS = ["style", "unit", "rules", "flow", "sim", "bench", "kafka", "sanitizers", "fuzz", "coverage"]
JOBS = str(os.cpu_count() or 2)
CAMPAIGNS = ["soak --kills 20", "soak-rebalance", "soak-late", "soak-outage", "soak-log-loss",
             "soak-fencing", "soak-drain", "soak-no-uring", "soak-log-loss-running",
             "soak-transactions", "soak-large", "soak-hostile", "soak-reload", "soak-frontline",
             "soak-must-fail"]
SANITIZED_CAMPAIGNS = ["soak --kills 5 --messages 5000", "soak-rebalance --steps 5 --messages 4000",
                       "soak-hostile --messages 2000 --no-memory",
                       "soak-transactions --messages 2000", "soak-reload --reloads 5 --more 0"]
CAMPAIGN_SECONDS = 900
TARGETS = {"release": "product", "fuzz": "fuzzers"}  # by preset; of the others all
# Built while the campaigns wait for Kafka, giving way to them.
PRESETS_OF = {"sanitizers": "tsan", "fuzz": "fuzz", "coverage": "coverage"}
FAILED_SHOWN_LINES = 60
SKIPPED = 77

Result = collections.namedtuple("Result", "name outcome seconds")  # passed, failed or skipped


def say(text):
    print(text, flush=True)


def run(command, seconds=3600):
    """(exit code, output); a command that takes too long has failed with 124."""
    try:
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, timeout=seconds,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace")
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired as error:
        output = (error.stdout or b"").decode(errors="replace")
        return 124, f"{output}\nnot done after {seconds} s"


def tail(text):
    return "\n".join(text.splitlines()[-FAILED_SHOWN_LINES:])


def make(preset, jobs, prefix=()):
    """Configures and builds what the tests run of a preset."""
    code, output = run([*prefix, "cmake", "--preset", preset])
    if code == 0:
        code, output = run([*prefix, "cmake", "--build", "--preset", preset, "-j", jobs,
                            "--target", TARGETS.get(preset, "all")])
    return code, output


class Run:
    def __init__(self, full, parts):
        self.full = full
        self.parts = parts
        self.results = collections.defaultdict(list)
        self.built = {}
        self.ran = set()
        self.ahead = None

    def add(self, part, name, good, seconds, output=""):
        self.results[part].append(Result(name, "passed" if good else "failed", seconds))
        say(f"  {'ok  ' if good else 'FAIL'} {name} ({seconds:.1f} s)")
        if not good:
            say(tail(output))

    def step(self, part, name, command, seconds=3600):
        """One command that is one test. Its output is shown when it fails."""
        begin = time.monotonic()
        code, output = run(command, seconds)
        if code == SKIPPED:
            self.results[part].append(Result(name, "skipped", time.monotonic() - begin))
            say(f"  skip {name}: {output.strip()}")
        else:
            self.add(part, name, code == 0, time.monotonic() - begin, output)
        return code, output

    def build_ahead(self, parts):
        """Builds in the background what these parts will need. They build it again, which is quick then."""
        def make_all():
            for part in parts:
                if part in PRESETS_OF:
                    make(PRESETS_OF[part], "1", ["nice", "-n", "19"])
        self.ahead = threading.Thread(target=make_all)
        self.ahead.start()

    def build(self, part, preset):
        """Configures and builds a preset once; a failure is a failed test of the part."""
        if self.ahead and preset in PRESETS_OF.values():
            self.ahead.join()
        if preset not in self.built:
            begin = time.monotonic()
            code, output = make(preset, JOBS)
            self.built[preset] = code == 0
            say(f"  built {preset} in {time.monotonic() - begin:.0f} s")
            if code != 0:
                self.add(part, f"build {preset}", False, time.monotonic() - begin, output)
        elif not self.built[preset]:
            self.add(part, f"build {preset}", False, 0, "it failed before")
        return self.built[preset]

    def ctest(self, part, preset, label, *more):
        """Every test of a label; what ctest did not even start counts as failed."""
        report = os.path.join(ROOT, "build", preset, f"{part}-{label.replace('|', '-')}.xml")
        if os.path.exists(report):
            os.remove(report)
        code, output = run(["ctest", "--test-dir", os.path.join("build", preset), "-L",
                            f"^({label})$", "-j", JOBS, "--output-on-failure",
                            "--output-junit", report, *more])
        cases = []
        if os.path.exists(report):
            cases = xml.etree.ElementTree.parse(report).getroot().findall("testcase")
        outcomes = {"run": "passed", "notrun": "skipped", "disabled": "skipped"}
        for case in cases:
            outcome = outcomes.get(case.get("status"), "failed")
            if case.find("skipped") is not None:
                outcome = "skipped"
            self.results[part].append(
                Result(case.get("name"), outcome, float(case.get("time") or 0)))
        if code != 0:
            say(tail(output))
            if not any(result.outcome == "failed" for result in self.results[part]):
                self.add(part, f"ctest {label}", False, 0, "")
        if not cases:
            self.add(part, f"{label}: no test found", False, 0, output)

    def labelled(self, part):
        """Unit, rules, flow and sim run under ASan and UBSan at once: no second run is needed."""
        # The mock cluster's timeouts are real time, which a busy machine may miss once.
        again = ["--repeat", "until-pass:2"] if part == "flow" else []
        if self.build(part, "dev"):
            self.ctest(part, "dev", part, *again)
            self.ran.add(part)

    def style(self):
        self.step("style", "layers", ["script/check-layers"])
        self.step("style", "house rules", ["script/check-style"])
        self.step("style", "nothing copied from the corpus", ["script/check-copied"])

    def unit(self):
        self.labelled("unit")

    def rules(self):
        self.labelled("rules")
        # Figures to look at; the bounds are for what is broken, not for a busy machine.
        if self.build("rules", "release"):
            self.campaign("rules", "classify-ratio --messages 900000 --rounds 3 --sample 40 "
                          "--ratio-min 5 --cpu-us-max 200")
            self.step("rules", "the checkers of the properties",
                      ["/usr/bin/python3", "-m", "unittest", "discover", "-s", "tests/properties"])
            for part in ("own", "corpus"):
                self.step("rules", f"properties --{part}", ["script/properties", f"--{part}"])

    def flow(self):
        self.labelled("flow")

    def sim(self):
        self.labelled("sim")

    def bench(self):
        """Counted, not timed: a busy machine changes nothing."""
        if self.build("bench", "release"):
            self.step("bench", "instructions a message", ["script/bench", "--instructions"], 900)

    def campaign(self, part, line, *more):
        name, *arguments = line.split()
        begin = time.monotonic()
        code, output = run([f"script/{name}", *arguments, *more], CAMPAIGN_SECONDS)
        self.add(part, " ".join([name, *arguments]), code == 0, time.monotonic() - begin, output)
        for found in output.splitlines():
            if found.startswith("{"):
                say(f"       {found}")

    def kafka(self):
        self.step("kafka", "the checker itself",
                  ["/usr/bin/python3", "-m", "unittest", "discover", "-s", "tests/kafka"])
        if self.build("kafka", "release"):
            self.step("kafka", "an installation can be used",
                      ["tests/install/check-install", "build/release"])
            self.build_ahead(self.parts[self.parts.index("kafka") + 1:])
            for line in CAMPAIGNS:
                more = [] if line == "soak-must-fail" else ["--engine", "build/release/redress"]
                self.campaign("kafka", line, *more)

    def sanitizers(self):
        if self.build("sanitizers", "dev"):
            missing = [label for label in ("unit", "rules", "flow") if label not in self.ran]
            if missing:
                self.ctest("sanitizers", "dev", "|".join(missing))
            for line in SANITIZED_CAMPAIGNS:
                self.campaign("sanitizers", line, "--engine", "build/dev/redress")
        if self.build("sanitizers", "tsan"):
            # librdkafka does not run under ThreadSanitizer: what needs it is labelled flow.
            self.ctest("sanitizers", "tsan", "unit|rules|sim|tsan")

    def fuzz(self):
        if not self.build("fuzz", "fuzz"):
            return
        seconds = 60 if self.full else 10
        targets = sorted(path for path in glob.glob(os.path.join(ROOT, "build/fuzz/fuzz/fuzz_*"))
                         if os.access(path, os.X_OK) and os.path.isfile(path))
        for target in targets:
            name = os.path.basename(target)
            found = os.path.join(ROOT, "build", "fuzz", "found", name)
            os.makedirs(found, exist_ok=True)
            kept = os.path.join(ROOT, "tests", "fuzz", "corpus", name.replace("fuzz_", "", 1))
            corpora = [found] + ([kept] if os.path.isdir(kept) else [])
            self.step("fuzz", name, [target, f"-max_total_time={seconds}", "-timeout=20",
                                     "-error_exitcode=1", # libFuzzer says 77, which is skipped
                                     "-rss_limit_mb=4096", f"-artifact_prefix={found}/crash-",
                                     *corpora], seconds + 300)
        if not targets:
            self.add("fuzz", "no fuzz target found", False, 0)

    def coverage(self):
        if self.build("coverage", "coverage"):
            for stale in glob.glob(os.path.join(ROOT, "build/coverage/**/*.gcda"), recursive=True):
                os.remove(stale)
            code, output = run(["ctest", "--test-dir", "build/coverage", "-L",
                                "^(unit|rules|flow|sim)$", "-j", JOBS, "--repeat", "until-pass:2"])
            self.add("coverage", "the tests that are measured", code == 0, 0, output)
            self.step("coverage", "every line and branch", ["script/check-coverage"])

    def summary(self, begin):
        total = collections.Counter()
        say(f"\n{'part':<12}{'passed':>8}{'failed':>8}{'skipped':>8}{'seconds':>9}")
        for part, results in self.results.items():
            count = collections.Counter(result.outcome for result in results)
            total.update(count)
            say(f"{part:<12}{count['passed']:>8}{count['failed']:>8}{count['skipped']:>8}"
                f"{sum(result.seconds for result in results):>9.0f}")
        for part, results in self.results.items():
            for result in results:
                if result.outcome == "failed":
                    say(f"failed: {part}: {result.name}")
        say(f"script/test took {time.monotonic() - begin:.0f} s")
        say(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
        return 1 if total["failed"] or not total["passed"] else 0


def main():
    parser = argparse.ArgumentParser(prog="script/test")
    parser.add_argument("--full", action="store_true", help="fuzz for 60 s a target")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    os.environ.update(CCACHE_NOHASHDIR="1", CCACHE_BASEDIR=ROOT)  # one cache for every build folder
    begin = time.monotonic()
    session = Run(arguments.full, arguments.parts or PARTS)
    for part in session.parts:
        say(f"{part}:")
        getattr(session, part)()
    return session.summary(begin)


if __name__ == "__main__":
    sys.exit(main())
