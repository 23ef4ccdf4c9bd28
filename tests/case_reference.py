"""A second, small model of the work on a case, written from the house rules without the table: the tests' reference."""

from __future__ import annotations

from dataclasses import dataclass

WAITING = {"new", "reopened", "escalated"}
HELD = {"acknowledged", "escalated", "waiting_on_vendor"}
OPEN = HELD | {"new", "reopened"}
EVERYWHERE = {"in_review", "shelved", "closed"} | OPEN
WHERE = {
    "acknowledge": WAITING,
    "note": EVERYWHERE,
    "assign": EVERYWHERE - {"closed"},
    "escalate": OPEN,
    "shelve": OPEN,
    "wait_on_vendor": {"acknowledged", "escalated"},
    "vendor_answered": {"waiting_on_vendor"},
    "propose_close": HELD,
    "close": HELD,
    "approve_close": {"in_review"},
    "refuse_close": {"in_review"},
    "unshelve": {"shelved"},
    "reopen": {"closed"},
}
THREE = {"severity_rose", "acknowledgement_expired", "condition_resolved"}


@dataclass
class Reference:
    """What may be known of a case from outside: its state, who proposed, whether an acknowledgement stands."""

    grave: bool
    state: str = "new"
    before: str = ""
    proposer: str = ""
    acknowledged: bool = False

    def may(self, action: str, who: str) -> bool:
        """Return whether a person may do it now."""
        if action == "close" and self.grave:
            return False
        if action == "approve_close" and who.strip().lower() == self.proposer.strip().lower():
            return False
        return self.state in WHERE[action]

    def person(self, action: str, who: str) -> None:
        """Do what a person does."""
        if action in ("acknowledge", "wait_on_vendor", "propose_close", "close"):
            self.acknowledged = True
        if action == "propose_close":
            self.proposer = who
        if action == "shelve":
            self.before = self.state
        if action == "reopen":
            self.acknowledged = False
        goes = {
            "acknowledge": "acknowledged",
            "escalate": "escalated",
            "wait_on_vendor": "waiting_on_vendor",
            "vendor_answered": "acknowledged",
            "shelve": "shelved",
            "unshelve": self.before,
            "propose_close": "in_review",
            "approve_close": "closed",
            "refuse_close": "acknowledged",
            "close": "closed",
            "reopen": "reopened",
        }
        self.state = goes.get(action, self.state)

    def finding(self, *, graver: bool) -> None:
        """Take a finding in."""
        if graver:
            self.acknowledged = False
            if self.state not in ("new", "escalated"):
                self.state = "reopened"
        elif self.state == "closed":
            self.state, self.acknowledged = "reopened", False

    def clock(self, action: str) -> None:
        """Do what a clock does."""
        if action == "escalate_overdue":
            self.state = "escalated"
        elif action == "acknowledgement_expired":
            self.state, self.acknowledged = "new", False
        else:
            self.state = self.before
