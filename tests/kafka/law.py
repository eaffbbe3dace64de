"""The conservation law, checked from the output topics alone.

Every message sent has exactly one case id, and that id stands under exactly one primary ending: a
case, a calm message or a dead letter. At-least-once allows an output record to stand there again
after a crash: such repeats are counted, and must agree in the ending.
"""

import collections

Outcome = collections.namedtuple("Outcome", "ending case_id revision place document")
ENDINGS = {"redress.case/1": "case", "redress.calm/1": "calm",
           "redress.dead-letter/1": "dead_letter"}
SHOWN_MAX = 5


def outcome_of(document):
    """What one output record says; None where it is not of a known schema."""
    if not isinstance(document, dict) or document.get("schema") not in ENDINGS:
        return None
    source = document.get("source", {})
    place = (source.get("topic"), source.get("partition"), source.get("offset"))
    return Outcome(ENDINGS[document["schema"]], document.get("case_id"),
                   document.get("revision", 0), place, document)


class Law:
    """Compares what was sent with what came out."""

    def __init__(self, sent, outcomes, forbidden=()):
        """sent: {(topic, partition, offset): id}; forbidden: places that may never come out."""
        self.sent = sent
        self.outcomes = outcomes
        self.broken = []
        self.counts = collections.Counter()
        self._endings_by_id = collections.defaultdict(set)
        self._ids_by_place = collections.defaultdict(set)
        self._count()
        self._compare(set(forbidden))

    def _count(self):
        seen = collections.Counter()
        for outcome in self.outcomes:
            seen[outcome.ending, outcome.case_id, outcome.revision] += 1
            self._endings_by_id[outcome.case_id].add(outcome.ending)
            self._ids_by_place[outcome.place].add(outcome.case_id)
        self.counts["sent"] = len(self.sent)
        self.counts["ids"] = len(self._endings_by_id)
        self.counts["repeats"] = sum(count - 1 for count in seen.values())
        for case_id, endings in self._endings_by_id.items():
            self.counts[sorted(endings)[0]] += 1

    def _compare(self, forbidden):
        places = set(self._ids_by_place)
        missing = set(self.sent) - places
        self.counts["missing"] = len(missing)
        self._say("without an ending", missing)
        self._say("came out and were never sent", places - set(self.sent) - forbidden)
        self._say("came out and were aborted", places & forbidden)
        self._say("have more than one case id",
                  {place for place, ids in self._ids_by_place.items() if len(ids) > 1})
        self._say("have more than one ending",
                  {case_id for case_id, ends in self._endings_by_id.items() if len(ends) > 1})
        places_by_id = collections.defaultdict(set)
        for place, ids in self._ids_by_place.items():
            for case_id in ids:
                places_by_id[case_id].add(place)
        self._say("share their case id with others",
                  {case_id for case_id, places in places_by_id.items() if len(places) > 1})
        if None in self._endings_by_id:
            self.broken.append("an output record has no case id")
        if self.counts["ids"] != self.counts["sent"]:
            self.broken.append(f"{self.counts['sent']} sent, {self.counts['ids']} distinct ids")

    def _say(self, what, items):
        if items:
            shown = sorted(items, key=str)[:SHOWN_MAX]
            self.broken.append(f"{len(items)} {what}, such as {shown}")

    def summary(self):
        return {"sent": self.counts["sent"], "ids": self.counts["ids"],
                "missing": self.counts["missing"], "repeats": self.counts["repeats"],
                "cases": self.counts["case"], "calm": self.counts["calm"],
                "dead_letters": self.counts["dead_letter"]}


def urgent_without_copy(outcomes, copies):
    """Case ids of urgent cases that no frontline topic holds."""
    urgent = {outcome.case_id for outcome in outcomes if outcome.ending == "case"
              and outcome.document.get("verdict", {}).get("urgent")}
    return urgent - {outcome.case_id for outcome in copies}
