"""A counterparty's session.cfg: what it may say, and every mistake in it, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.fix.session_cfg import ConnectionType, SessionConfigError, parse_session_cfg, read_session_cfg
from tests.factories_fix import a_session_cfg, an_acceptor_cfg


def problems_of(text: str, folder: Path = Path()) -> list[str]:
    """Return what is wrong with a text."""
    with pytest.raises(SessionConfigError) as caught:
        parse_session_cfg(text, folder)
    assert str(caught.value) == "\n".join(caught.value.problems)
    return caught.value.problems


def test_a_good_initiator_is_read_with_our_defaults() -> None:
    """The session's name is QuickFIX's; what the file does not say is set so that the engine lets messages through."""
    config = parse_session_cfg(a_session_cfg(SessionQualifier="A"), Path())

    (session,) = config.sessions
    assert config.connection is ConnectionType.INITIATOR
    assert (session.name, session.file_stem) == ("FIX.4.4:FIRM->SOR:A", "FIX.4.4-FIRM-SOR-A")
    assert (session.non_stop, config.time_zone) == (True, "UTC")
    assert session.engine_values()["CheckLatency"] == "N"


def test_an_acceptor_with_several_sessions_shares_the_defaults() -> None:
    """[DEFAULT] is merged into each [SESSION]; keys may be written in any case, with blanks and comments around."""
    text = """
    # a comment
    [DEFAULT]
    connectiontype = acceptor
    SenderCompID=FIRM
    BeginString=FIX.4.2
    SocketAcceptPort=5001
    NonStopSession=Y
    [SESSION]
    TargetCompID=A
    [SESSION]
    TargetCompID=B
    """

    config = parse_session_cfg(text, Path())

    assert [session.name for session in config.sessions] == ["FIX.4.2:FIRM->A", "FIX.4.2:FIRM->B"]
    assert config.connection is ConnectionType.ACCEPTOR


def test_a_time_zone_is_ours_and_the_engine_is_told_to_use_local_time() -> None:
    """The engine has no TimeZone: the gateway runs in that zone instead."""
    times = {"NonStopSession": None, "StartTime": "08:00:00", "EndTime": "17:00:00", "TimeZone": "America/New_York"}

    config = parse_session_cfg(a_session_cfg(**times), Path())

    values = config.sessions[0].engine_values()
    assert (config.time_zone, values["UseLocalTime"], "TimeZone" in values) == ("America/New_York", "Y", False)


def test_every_problem_is_listed_at_once() -> None:
    """Unknown keys, bad values, missing keys, in one go, each with its line or its session."""
    text = a_session_cfg(HeartBtInt="soon", SocketConnectHost=None, ResetOnLogon="yes", HeartBeat=30, SSLProtocol="all")

    problems = problems_of(text)

    assert "HeartBtInt=soon: expected a whole number from 1 to 86400" in problems[0]
    assert any("ResetOnLogon=yes: expected Y or N" in problem for problem in problems)
    assert any("HeartBeat: unknown key" in problem for problem in problems)
    assert any("TLS sidecar" in problem for problem in problems)
    assert "FIX.4.4:FIRM->SOR: SocketConnectHost is missing; an initiator needs it" in problems


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"ConnectionType": None}, "ConnectionType is missing"),
        ({"ConnectionType": "both"}, "expected initiator or acceptor"),
        ({"BeginString": "FIX.4.3"}, "expected FIX.4.2, FIX.4.4 or FIXT.1.1"),
        ({"BeginString": "FIXT.1.1"}, "DefaultApplVerID is missing"),
        ({"SenderCompID": ""}, "expected a value"),
        ({"SocketConnectPort": 70000}, "from 1 to 65535"),
        ({"NonStopSession": None}, "StartTime is missing; expected StartTime and EndTime, or NonStopSession=Y"),
        ({"StartTime": "08:00:00"}, "NonStopSession=Y contradicts StartTime"),
        ({"NonStopSession": None, "StartTime": "8:00", "EndTime": "17:00:00"}, "expected a time of day as HH:MM:SS"),
        ({"NonStopSession": None, "StartTime": "08:00:00", "EndTime": "17:00:00", "StartDay": "mon"}, "go together"),
        ({"LogonDay": "someday", "LogoutDay": "fri"}, "expected a day of the week"),
        ({"TimeZone": "New York"}, "expected a time zone"),
        ({"UseLocalTime": "Y"}, "say TimeZone="),
        ({"TimestampPrecision": 4}, "expected 0, 3, 6 or 9"),
        ({"DataDictionary": "absent.xml"}, "there is no file absent.xml beside session.cfg"),
        ({"DataDictionary": "absent.xml", "UseDataDictionary": "N"}, "contradicts UseDataDictionary=N"),
        ({"PasswordFile": "absent"}, "PasswordFile: there is no file absent"),
        ({"HttpAcceptPort": 1}, "HttpAcceptPort is not served"),
    ],
)
def test_each_mistake_is_named(values: dict[str, object], problem: str) -> None:
    """The words say what is expected instead."""
    assert any(problem in found for found in problems_of(a_session_cfg(**values)))


def test_fallback_hosts_are_known_to_initiators_only() -> None:
    """SocketConnectHost1 and so on."""
    hosts = {"SocketConnectHost1": "backup", "socketconnectport1": 5}

    assert parse_session_cfg(a_session_cfg(**hosts), Path()).sessions[0].values["SocketConnectPort1"] == "5"
    assert any("cannot be used by an acceptor" in found for found in problems_of(an_acceptor_cfg(1, **hosts)))


def test_an_acceptor_takes_no_qualifier_and_needs_a_port() -> None:
    """As the engine would say later, in its own words."""
    problems = problems_of(an_acceptor_cfg(1, SessionQualifier="A", SocketAcceptPort=None))

    assert any("SessionQualifier cannot be used by an acceptor" in found for found in problems)
    assert any("SocketAcceptPort is missing; an acceptor needs it" in found for found in problems)


def test_a_text_that_is_no_session_cfg_is_named_line_by_line() -> None:
    """Lines that the engine would pass over in silence are problems."""
    text = "HeartBtInt=1\n[DEFAULT]\nwhat is this\n[DEFAULT]\n[OTHER]\n"

    problems = problems_of(text)

    assert problems == [
        "line 1: HeartBtInt stands before any section",
        "line 3: neither a section nor key=value: what is this",
        "line 5: section [OTHER] is neither [DEFAULT] nor [SESSION]",
        "more than one [DEFAULT] section; the engine reads only the first",
        "no [SESSION] section",
    ]


def test_sessions_of_one_counterparty_must_fit_together() -> None:
    """One gateway is an initiator or an acceptor, in one zone, and no session is there twice."""
    twice = a_session_cfg() + a_session_cfg(HeartBtInt=5).replace("[DEFAULT]\n", "")
    mixed = a_session_cfg() + an_acceptor_cfg(5, TargetCompID="B", TimeZone="UTC").replace("[DEFAULT]\n", "")
    doubled = a_session_cfg() + "HeartBtInt=7\n"

    assert "FIX.4.4:FIRM->SOR is there more than once" in problems_of(twice)
    assert len([found for found in problems_of(mixed) if found.startswith("the sessions of one counterparty")]) == 2
    assert any("HeartBtInt is set twice in one section" in found for found in problems_of(doubled))


def test_a_file_that_cannot_be_read_is_a_problem_too(tmp_path: Path) -> None:
    """Missing, or not text."""
    (tmp_path / "binary").write_bytes(b"\xff\xfe")

    for path in (tmp_path / "absent", tmp_path / "binary"):
        with pytest.raises(SessionConfigError, match="cannot be read"):
            read_session_cfg(path)


def test_a_file_beside_it_is_found(tmp_path: Path) -> None:
    """Dictionaries and password files are relative to session.cfg."""
    for name in ("mine.xml", "secret"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    path = tmp_path / "session.cfg"
    path.write_text(a_session_cfg(DataDictionary="mine.xml", PasswordFile="secret"), encoding="utf-8")

    assert read_session_cfg(path).folder == tmp_path
