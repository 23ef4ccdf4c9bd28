"""The stream between gateway and core: whole, in pieces, of another version, and garbage."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.facts import Nanos
from service.fix.stream import (
    LARGEST,
    VERSION,
    Acknowledge,
    Batch,
    Decoder,
    LogOut,
    Message,
    Refused,
    SessionStatus,
    Status,
    Stop,
    StreamError,
    Wind,
    encode,
    merge,
)
from service.journal import Entry, RecordKind, SessionPoint


def a_point(expected: int, session: str = "S", epoch: str = "E") -> SessionPoint:
    """Return how far a session has come."""
    return SessionPoint(counterparty="demo", session=session, epoch=epoch, expected=expected)


def an_entry(body: bytes) -> Entry:
    """Return a tapped message."""
    return Entry(kind=RecordKind.MESSAGE, counterparty="demo", session="S", received_at=Nanos(7), body=body)


ALL: list[Message] = [
    Batch(number=1, entries=(an_entry(b"8=FIX\x01\xff"), an_entry(b"")), points=(a_point(3),)),
    Status(
        at=Nanos(1),
        engine_age=Nanos(2),
        engine_bound=Nanos(3),
        inbox=4,
        tapped=5,
        sessions=(SessionStatus(session="S", logged_on=True, expected=6, last_inbound_at=Nanos(7)),),
    ),
    Refused(reason="no"),
    Wind(points=(a_point(1),)),
    LogOut(reason="bye"),
    Stop(),
    Acknowledge(number=9),
]


@given(cuts=st.lists(st.integers(0, 600), max_size=8))
def test_a_stream_cut_anywhere_says_the_same(cuts: list[int]) -> None:
    """Whatever pieces the socket gives, the same messages come out, in order."""
    stream = b"".join(map(encode, ALL))
    marks = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    decoder = Decoder()

    messages = [message for start, end in pairwise(marks) for message in decoder.feed(stream[start:end])]

    assert messages == ALL


def test_a_frame_of_another_version_is_a_clear_error() -> None:
    """The error names both versions and what to do."""
    frame = bytearray(encode(Stop()))
    frame[0] = VERSION + 1

    with pytest.raises(StreamError, match=f"version {VERSION + 1}, this code reads {VERSION}"):
        Decoder().feed(bytes(frame))


def test_an_absurd_length_is_refused_before_it_is_waited_for() -> None:
    """A stranger's bytes must not make the core wait for gigabytes."""
    header = struct.pack(">BI", VERSION, LARGEST + 1)

    with pytest.raises(StreamError, match="no gateway stream"):
        Decoder().feed(header)


@given(payload=st.binary(max_size=60))
def test_garbage_in_a_good_frame_is_a_message_or_one_error(payload: bytes) -> None:
    """Any payload decodes to a message of ours or raises StreamError, nothing else."""
    frame = struct.pack(">BI", VERSION, len(payload)) + payload

    try:
        count = len(Decoder().feed(frame))
    except StreamError:
        count = 1

    assert count == 1


def test_merged_batches_keep_the_order_and_the_newest_point_of_each_session() -> None:
    """What the core commits at once is what the gateway sent one after the other."""
    first = Batch(number=1, entries=(an_entry(b"1"),), points=(a_point(2), a_point(9, session="T")))
    second = Batch(number=2, entries=(an_entry(b"2"), an_entry(b"3")), points=(a_point(4),))

    frame = merge([first, second])

    assert [entry.body for entry in frame.entries] == [b"1", b"2", b"3"]
    assert set(frame.points) == {a_point(4), a_point(9, session="T")}
