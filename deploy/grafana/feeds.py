"""*Feeds and completeness*: does the watch see everything? Sessions, gaps, silence, clocks, quotes, the unjudged."""

from __future__ import annotations

from deploy.grafana.frame import COUNTERPARTIES, VENUES, Row, Sheet
from deploy.grafana.palette import ATTENTION, BAD, any_above
from deploy.grafana.panels import QUEUE, Column, Shown, lines, number, rows
from deploy.grafana.queries import ROUTER, WHILE, Query, each_second, grown, quantiles, ratio

EACH = "by (counterparty, session)"
YES = {0.0: "no", 1.0: "yes"}
DAYS: dict[float, str] = {0: "no day yet", 1: "reconciled", 2: "complete, not reconciled", 3: "red"}
WORST_DAY = (
    'max(3 * sorwatch_certificate{state="red"} or 2 * sorwatch_certificate{state="complete_not_reconciled"}'
    ' or 1 * sorwatch_certificate{state="reconciled"})'
)


def sheet() -> Sheet:
    """Return the dashboard."""
    return Sheet(
        name="feeds",
        title="Feeds and completeness",
        words="Is the watch seeing everything? What is red here makes the other dashboards say less than they seem to.",
        pick=(COUNTERPARTIES, VENUES),
        rows=(
            Row(4, ((4, _down()), (4, _gaps()), (4, _dead()), (4, _share()), (4, _unread()), (4, _day()))),
            Row(7, ((24, _sessions()),)),
            Row(8, ((8, _silence()), (8, _clocks()), (8, _lag()))),
            Row(8, ((8, _reasons()), (8, _outcomes()), (8, _delay()))),
        ),
    )


def _down() -> Shown:
    return number(
        "Sessions down in hours",
        "Sessions that should be logged on by their schedule and are not.",
        Query(f"sum(clamp_min(sorwatch_session_expected{{{ROUTER}}} - sorwatch_session_logged_on{{{ROUTER}}}, 0))"),
        steps=any_above(1, BAD),
        link=("Feeds on the page", f"{QUEUE}/feeds"),
    )


def _gaps() -> Shown:
    return number(
        "Sessions with a gap",
        "Sessions of which messages are missing that have been asked for and have not come.",
        Query(f"sum(sorwatch_gap_open{{{ROUTER}}})"),
        steps=any_above(1, BAD),
        link=("The exceptions", f"{QUEUE}/?state=open&rule=sequence_gap"),
    )


def _dead() -> Shown:
    return number(
        "Quote sources not live",
        "Sources without a quote or a heartbeat for longer than quotes.dead_after_ms. No source configured: —.",
        Query("sum(1 - sorwatch_quote_source_live)"),
        steps=any_above(1, BAD),
        link=("The exceptions", f"{QUEUE}/?state=open&rule=quotes_down"),
    )


def _share() -> Shown:
    return number(
        f"Not evaluated, last {WHILE}",
        f"Of the executions recorded in the last {WHILE}, the part whose price could not be measured, auctions "
        "apart; of all counterparties. Orange from 1 %, red from 10 % (the shipped limit of not_evaluated_rate).",
        Query(_missing()),
        unit="percentunit",
        decimals=1,
        steps=((0.01, ATTENTION), (0.1, BAD)),
        link=("The exceptions", f"{QUEUE}/?state=open&rule=not_evaluated_rate"),
    )


def _unread() -> Shown:
    return number(
        "Undecodable",
        "Messages in the time shown that could not be read. Each is an exception of its own.",
        Query(grown("messages_total", 'outcome="undecodable"', over="$__range")),
        decimals=0,
        steps=any_above(0.5, BAD),
        link=("The exceptions", f"{QUEUE}/?state=all&rule=undecodable"),
    )


def _day() -> Shown:
    return number(
        "Newest certified day",
        "What the certificate says of the newest day that has one; of several counterparties the worst.",
        Query(WORST_DAY),
        names=DAYS,
        steps=((2, ATTENTION), (3, BAD)),
        link=("The days", f"{QUEUE}/days"),
    )


def _sessions() -> Shown:
    return rows(
        "Sessions",
        "Each FIX session as it is now, the one that is quiet for the longest on top. Silence counts in its "
        "heartbeats too: orange from two, red from three.",
        Column("Counterparty", label="counterparty"),
        Column("Session", label="session", width=220),
        Column("Expected", _each("max", "session_expected"), names=YES, width=100),
        Column("Logged on", _each("max", "session_logged_on"), names=YES, width=100),
        Column("Gap", _each("max", "gap_open"), names=YES, steps=any_above(1, BAD), width=80),
        Column("Recovering", _each("max", "session_recovering"), names=YES, steps=any_above(1, ATTENTION), width=110),
        Column("Redelivered", _each("max", "session_redelivered_reports"), decimals=0, width=120),
        Column("Silent for", _each("max", "session_last_inbound_age_seconds"), unit="s", width=120),
        Column("In heartbeats", _beats(), decimals=1, steps=((2, ATTENTION), (3, BAD)), width=140),
        Column("Clock apart", _each("max", "session_clock_offset_seconds"), unit="s"),
        sort="In heartbeats",
    )


def _silence() -> Shown:
    return lines(
        "Silence",
        "Time since anything came on the session, heartbeats included.",
        Query(_each("max", "session_last_inbound_age_seconds"), "{{session}}"),
        unit="s",
    )


def _clocks() -> Shown:
    return lines(
        "Clocks apart",
        "Our clock less the session's, the shortest way between them included. A step is a clock that was set; "
        "feed.clock_tolerance_s says when it is a finding.",
        Query(_each("max", "session_clock_offset_seconds"), "{{session}}"),
        unit="s",
        lowest=None,
    )


def _lag() -> Shown:
    return lines(
        "Quotes behind",
        "Our clock less the newest time that the source has named, by quote or heartbeat.",
        Query("max by (source) (sorwatch_quote_source_lag_seconds)", "{{source}}"),
        unit="s",
    )


def _reasons() -> Shown:
    told = grown("not_evaluated_total", 'venue=~"$venue"', by="reason")
    return lines(
        "Not evaluated, by reason",
        f"Executions of the last {WHILE} whose price could not be measured, by reason, of all counterparties. An "
        "auction is a reason and no fault.",
        Query(f"{told} > 0", "{{reason}}"),
        stacked=True,
        nothing="none",
    )


def _outcomes() -> Shown:
    return lines(
        "Messages a second, by what became of them",
        "Every inbound message ends as exactly one of these.",
        Query(each_second("messages_total", by="outcome"), "{{outcome}}"),
        unit="suffix: /s",
        quiet=True,
        colors={"undecodable": BAD},
    )


def _delay() -> Shown:
    words = f"Execution time by the vendor's clock to receipt by ours, over the last {WHILE}, of all counterparties."
    return lines("Delay of the drop copy", words, *quantiles("drop_copy_delay_seconds"), unit="s", wide=True)


def _missing() -> str:
    """Return the share that a fault kept from being judged: an auction has no quote by nature."""
    some = 'venue=~"$venue"'
    return ratio(grown("not_evaluated_total", f'{some},reason!="auction"'), grown("executions_total", some))


def _each(how: str, metric: str) -> str:
    return f"{how} {EACH} (sorwatch_{metric}{{{ROUTER}}})"


def _beats() -> str:
    return f"{_each('max', 'session_last_inbound_age_seconds')} / {_each('max', 'session_heartbeat_seconds')}"
