"""Runs the labelled faults: one process each, every run a simulated day of its own with one fault or none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import lru_cache
from importlib.resources import files
from itertools import takewhile

import msgspec

from rules.facts import MILLISECOND, SECOND
from rules.finding import Finding
from rules.rulebook import RulebookError, parse_rulebook
from service.calendars import log_calendar
from service.configuration import limits_text, party_versions
from service.market.calendar import TradingCalendar
from service.quality.due import Limits
from service.quality.expected import EXPECTED
from service.quality.labels import Found, episodes, found
from service.quality.line import Line
from service.quality.matching import judge
from service.quality.own_side import OwnSide
from service.quality.record import Record
from service.quality.road import Road
from service.quality.surroundings import Surroundings
from service.quality.tally import Run, qualities
from service.quality.told_quotes import ToldQuotes
from service.settings import ConfigurationError, Settings
from service.simulator.dice import Dice
from service.simulator.events import Beat
from service.simulator.faults import Fault, FaultName, Plan, fault
from service.simulator.market import QuoteMoved
from service.simulator.stream import generate
from service.simulator.strengths import STRENGTHS, lasting, steps
from service.simulator.truth import Truth
from service.simulator.venues import VENUES
from service.versions import Version, VersionKind

PARTY, OMS = "demo", "oms"
START = 1_767_625_200 * SECOND
"""Monday 2026-01-05, 10:00 in New York: half an hour into the regular hours."""
RECOVERY_LIMIT = 60
CROWDED_POLICY = 80_000
"""The share, in ppm, that the routing policy of the runs gives to the venue that a fault crowds."""
SOURCES = ("simulated", "second")
HARMLESS = (FaultName.DUPLICATES, FaultName.LATE_BUST)
"""Faults for which no rule owes anything: whatever is found is false."""
_OWN = (FaultName.OWN_UNANSWERED, FaultName.OWN_UNKNOWN)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be measured: no faults means all, `positions` are those of the strengths (0 weak … 2 strong)."""

    seeds: tuple[int, ...]
    positions: tuple[int, ...]
    faults: tuple[FaultName, ...] = ()
    seconds: float = 120.0
    rate: float = 30.0
    rulebook: str = ""
    commit: str | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One run to be made; without a fault it is a quiet one."""

    seed: int
    fault: FaultName | None = None
    strength: float | None = None
    seconds: float = 120.0
    rate: float = 30.0
    quote_rate: float = 100.0
    rulebook: str = ""


def measure(wanted: Wanted, processes: int, progress: Callable[[int, int], None]) -> Record:
    """Make all runs and return what they say; raise ConfigurationError when the rulebook cannot be used."""
    try:
        rulebook = parse_rulebook(wanted.rulebook)
    except RulebookError as error:
        raise ConfigurationError(list(error.problems)) from None
    made = jobs(wanted)
    runs = run_all(made, processes, progress)
    verdicts = [run.verdicts for run in runs]
    return Record(
        seeds=wanted.seeds,
        positions=wanted.positions,
        seconds=wanted.seconds,
        rate=wanted.rate,
        runs=len(runs),
        messages=sum(run.messages for run in runs),
        findings=sum(sum(said.values()) for one in verdicts for said in (one.true, one.explained, one.false)),
        rulebook=rulebook.hash,
        commit=wanted.commit,
        rules=tuple(qualities([rule.name for rule in rulebook.rules if rule.enabled], runs)),
    )


def jobs(wanted: Wanted) -> list[Job]:
    """Return a quiet run for each seed, and for each seed, fault and strength a run."""
    job = Job(seed=0, seconds=wanted.seconds, rate=wanted.rate, rulebook=wanted.rulebook)
    made = [msgspec.structs.replace(job, seed=seed, seconds=2 * wanted.seconds) for seed in wanted.seeds]
    for name in wanted.faults or measured():
        known = steps(name)
        chosen = dict.fromkeys(known[min(position, len(known) - 1)] for position in wanted.positions)
        made += [
            msgspec.structs.replace(job, seed=seed, fault=name, strength=strength)
            for strength in chosen
            for seed in wanted.seeds
        ]
    return made


def run_all(wanted: Sequence[Job], processes: int, progress: Callable[[int, int], None]) -> list[Run]:
    """Run them side by side; return the runs in the order of the jobs."""
    done: dict[int, Run] = {}
    with ProcessPoolExecutor(processes) as pool:
        futures = {pool.submit(run_one, job): place for place, job in enumerate(wanted)}
        for future in as_completed(futures):
            done[futures[future]] = future.result()
            progress(len(done), len(wanted))
    return [done[place] for place in range(len(wanted))]


def run_one(job: Job) -> Run:
    """Simulate, let the road find what it finds, and judge it."""
    faults = _faults(job)
    end = _end(job, faults)
    seen: list[Found] = []

    def take(finding: Finding, at: int) -> None:
        seen.append(found(finding, at))

    sources = SOURCES if job.fault is FaultName.QUOTES_APART else SOURCES[:1]
    road = Road(_versions(job), _calendar(), Settings().quotes, take, sources=sources)
    truth = _drive(road, job, Plan(faults, START), end)
    verdicts = judge(episodes(truth), seen, limits_in_force(job.rulebook), until=end)
    return Run(seed=job.seed, fault=job.fault, strength=job.strength, messages=road.messages, verdicts=verdicts)


def limits_in_force(rulebook: str) -> dict[str, Limits]:
    """Return by rule its parameters in force, with the feed's settings beside them."""
    settings = Settings()
    feed = {
        f"feed.{key.removesuffix('_s')}": round(value * SECOND) if key.endswith("_s") else value
        for key, value in settings.feed.model_dump().items()
    }
    feed["quotes.bound"] = settings.quotes.bound_ms * MILLISECOND
    feed["quotes.dead_after"] = settings.quotes.dead_after_ms * MILLISECOND
    feed["recovery.limit"] = RECOVERY_LIMIT * SECOND
    feed["policy.crowded"] = CROWDED_POLICY
    return {rule.name: rule.limits | feed for rule in parse_rulebook(rulebook).rules if rule.enabled}


def measured() -> tuple[FaultName, ...]:
    """Return the faults that some rule is measured by."""
    owed = {one.fault for one in EXPECTED}
    return tuple(name for name in FaultName if name in owed or name in HARMLESS)


def _faults(job: Job) -> tuple[Fault, ...]:
    if job.fault is None or job.strength is None:
        return ()
    length = lasting(job.fault, job.strength)
    return (fault(job.fault, STRENGTHS[job.fault].calm, length, None, job.strength),)


def _end(job: Job, faults: tuple[Fault, ...]) -> int:
    lengths = [job.seconds, *(one.end / SECOND + STRENGTHS[one.name].tail for one in faults)]
    return START + int(max(lengths) * SECOND)


def _drive(road: Road, job: Job, plan: Plan, end: int) -> list[Truth]:
    line = Line(PARTY, "SOR")
    own = OwnSide(plan, Line(OMS, "OMS"), Dice(job.seed, "own side")) if job.fault in _OWN else None
    around = Surroundings(plan, line, own, _drifted())
    markets = {name: ToldQuotes(plan, apart=name != SOURCES[0]) for name in road.sources}
    truth: list[Truth] = []
    road.start(START)
    around.open(START)
    events = generate(job.seed, START, job.rate, plan.faults, quote_rate=job.quote_rate, nature=True)
    for event in takewhile(lambda event: event.at < end, events):
        match event:
            case QuoteMoved():
                for market in markets.values():
                    market.take(event)
            case Truth():
                truth.append(event)
            case Beat():
                _beat(road, around, markets, event.at)
            case _:
                around.take(event)
    road.close()
    return truth + around.truth


def _beat(road: Road, around: Surroundings, markets: dict[str, ToldQuotes], at: int) -> None:
    """Let the market speak and the watch work."""
    for name, market in markets.items():
        market.beat(at)
        road.quotes(name, market.arrived(at), at)
    around.pass_time(at)
    road.journal(around.due(at))
    road.turn(at)


@lru_cache(maxsize=1)
def _calendar() -> TradingCalendar:
    return log_calendar("XNYS", 2026)


def _shipped(name: str) -> str:
    return (files("fix_configs") / PARTY / name).read_text(encoding="utf-8")


def _drifted() -> dict[FaultName, Version]:
    """Return the files that say something else than what is in force."""
    rulebook = "rules: {slow_fill: {parameters: {at_most: 17 s}}}\n"
    return {
        FaultName.VENUE_FILE: Version(kind=VersionKind.VENUES_FILE, name=PARTY, text=_other_venues()),
        FaultName.RULEBOOK_FILE: Version(kind=VersionKind.RULEBOOK_FILE, name="rulebook", text=rulebook),
    }


def _register() -> str:
    """Return the demo's register, with the router's usual mix as the firm's routing policy."""
    text = _shipped("venues.yaml")
    for venue in VENUES:
        head = f"{{venue: {venue.mic}, "
        text = text.replace(head, f"{head}routing_share: {venue.share:.0%}, ".replace("%", " %"))
    return text


def _other_venues() -> str:
    """Return the venue file with one venue more than the register has."""
    return _register() + "- {venue: XCHI, name: NYSE Texas, approved_from: 2020-01-02, document: none}\n"


def _versions(job: Job) -> Iterator[Version]:
    settings, calendar = Settings(), _calendar()
    dialect = _shipped("dialect.yaml")
    if job.fault is FaultName.STUCK_RECOVERY:
        dialect += f"\nrecovery: {{method: redelivery, ended_by: {{35: [B]}}, limit: {RECOVERY_LIMIT} s}}\n"
    yield Version(kind=VersionKind.CALENDAR, name="XNYS", text=msgspec.json.encode(calendar).decode())
    yield Version(kind=VersionKind.LIMITS, name="feed", text=limits_text(settings))
    yield Version(kind=VersionKind.RULEBOOK, name="rulebook", text=job.rulebook)
    yield from party_versions(PARTY, dialect, _register())
    if job.fault in _OWN:
        text = f"begin_string: FIX.4.4\nrole: own_orders\nown_orders: {{vendor: {PARTY}}}\n"
        yield Version(kind=VersionKind.DIALECT, name=OMS, text=text)
