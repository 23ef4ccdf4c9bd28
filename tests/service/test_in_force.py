"""What VERSION records put in force, and how one that cannot be is refused."""

from __future__ import annotations

import pytest

from rules.facts import FeedEvent, FeedEventKind
from rules.register import VenueRegister, parse_register
from rules.rulebook import Rulebook, parse_rulebook
from service.fix.dialect import Dialect
from service.in_force import Limits, RulebookFile, UnusableVersionError, VenuesFile, drift, read_version
from service.journal import Record, RecordKind
from service.market.calendar import TradingCalendar
from service.versions import Version, VersionKind
from tests.factories_orders import where
from tests.factories_road import REGISTER, versions


def a_version(kind: VersionKind, text: str, name: str = "demo") -> Record:
    """Return a VERSION record at offset 7."""
    entry = Version(kind=kind, name=name, text=text).entry(None)
    return Record(offset=7, kind=RecordKind.VERSION, body=entry.body)


def test_every_kind_of_version_can_be_read() -> None:
    """What the daemon and a replay write, the core reads."""
    records = [Record(offset=1, kind=RecordKind.VERSION, body=version.entry(None).body) for version in versions()]
    file = a_version(VersionKind.VENUES_FILE, REGISTER)

    book = a_version(VersionKind.RULEBOOK_FILE, "")

    contents = [type(read_version(record).content) for record in [*records, file, book]]

    assert contents == [TradingCalendar, Limits, Rulebook, Dialect, VenueRegister, VenuesFile, RulebookFile]


def test_limits_of_an_older_version_leave_off_what_was_not_there() -> None:
    """A journal of last year is run again as it was run then."""
    text = '{"silence_after":60000000000,"gap_overdue_after":30000000000}'

    limits = read_version(a_version(VersionKind.LIMITS, text)).content

    assert isinstance(limits, Limits)
    assert (limits.flow_factor, limits.clock_tolerance) == (0, 0)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (VersionKind.DIALECT, "colour: red"),
        (VersionKind.REGISTER, "- {venue: XNYS}"),
        (VersionKind.RULEBOOK, "rules: {nonsense: {}}"),
        (VersionKind.CALENDAR, "{}x"),
        (VersionKind.LIMITS, '{"silence_after": "soon"}'),
        (VersionKind.VENUES_FILE, "- {}"),
    ],
)
def test_a_version_that_cannot_be_read_says_which_and_why(kind: VersionKind, text: str) -> None:
    """The road must not go on under rules that nobody chose."""
    record = a_version(kind, text)

    with pytest.raises(UnusableVersionError) as refused:
        read_version(record)

    assert f"journal record 7: the {kind.value} demo cannot be put in force: " in str(refused.value)
    assert str(refused.value).endswith("another version of sorwatch wrote it: start that one.")


def test_a_record_that_holds_no_version_at_all_is_refused_too() -> None:
    """Another program's kind of version, for example."""
    record = Record(offset=7, kind=RecordKind.VERSION, body=b'{"kind":"weather","name":"x","text":""}')

    with pytest.raises(UnusableVersionError, match="journal record 7: the version cannot be put in force"):
        read_version(record)


def test_a_venue_file_that_differs_from_the_register_is_an_event_for_each_venue() -> None:
    """The register wins; somebody should know."""
    register = parse_register(REGISTER)
    file = VenuesFile(parse_register("- {venue: XBOS, name: BX, approved_from: 2020-01-01}"))

    def told(file: VenuesFile, **registers: VenueRegister) -> list[FeedEvent]:
        return drift("demo", file, parse_rulebook(""), registers, where(offset=9))

    events = told(file, demo=register)

    assert [(event.kind, event.subject, event.offset) for event in events] == [
        (FeedEventKind.VENUE_DRIFT, "XBOS", 9),
        (FeedEventKind.VENUE_DRIFT, "XNYS", 9),
    ]
    assert told(VenuesFile(register), demo=register) == []
    assert [event.subject for event in told(file)] == ["XBOS"]


def test_a_rulebook_s_file_that_means_something_else_is_one_event_that_says_what() -> None:
    """A comment is no difference."""
    in_force = parse_rulebook("rules: {slow_fill: {enabled: true}}  # as it is by default")
    file = parse_rulebook("rules: {slow_fill: {parameters: {at_most: 2 s}}, poor_fill: {enabled: false}}")

    (event,) = drift("rulebook", RulebookFile(file), in_force, {}, where(offset=9))

    assert (event.kind, event.subject, event.counterparty) == (FeedEventKind.RULEBOOK_DRIFT, "rulebook", "")
    assert event.detail["differs"] == "poor_fill.enabled: true → false; slow_fill.at_most: 1 s → 2 s"
    assert drift("rulebook", RulebookFile(parse_rulebook("")), in_force, {}, where()) == []
