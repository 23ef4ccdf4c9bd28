"""Bad messages on a live line: whatever comes, the gateway lives, every point is true, and the good ones arrive."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.factories_fix import WatchedJournal, gateways, initiator_for
from tests.fix_peer import Fields, FixPeer, an_execution, stamp

pytestmark = pytest.mark.journey

TAGS = [
    453,
    448,
    382,
    375,
    95,
    96,
    354,
    355,
    627,
    768,
    34,
    52,
    43,
    122,
    49,
    56,
    50,
    1128,
    0,
    -5,
    99999999999,
    36,
    9,
    10,
]
VALUES = ["", "1", "2", "-1", "abc", "9" * 20, "Y", "1.5", "\udcff", "x" * 300, "=", "3=4", "00000000-99:99:99", " "]
TYPES = ["8", "8", "8", "8", "B", "AE", "0", "1", "3", "j", "U1", "zz", ""]


def mutated(chance: random.Random, fields: Fields) -> Fields:
    """Return the body with up to four things wrong with it."""
    body = list(fields)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(body))
        match chance.randrange(6):
            case 0:
                body.insert(at, (chance.choice(TAGS), chance.choice(VALUES)))
            case 1:
                body[at] = (body[at][0], chance.choice(VALUES))
            case 2:
                body.append(body[at])
            case 3:
                chance.shuffle(body)
            case 4:
                body += [(453, chance.choice(["1", "2", "x"])), (448, "A"), (447, "D"), (448, "B")]
            case _:
                body[at] = (chance.choice(TAGS), body[at][1])
    return body


def damaged(chance: random.Random, raw: bytes) -> bytes:
    """Return the message with a few bytes flipped, and sometimes its end missing."""
    body = bytearray(raw)
    for _ in range(chance.randint(1, 3)):
        body[chance.randrange(len(body))] = chance.randrange(256)
    return bytes(body[: chance.randrange(len(body))] if chance.random() < 0.1 else body)


@pytest.mark.parametrize("begin", ["FIX.4.2", "FIX.4.4", "FIXT.1.1"])
def test_bad_messages_neither_end_the_gateway_nor_hide_good_ones(tmp_path: Path, begin: str, seed: int) -> None:
    """Mutated, damaged, of unknown types: after them the line works on, in the same process."""
    chance = random.Random(f"{seed} {begin}")
    journal, peer = WatchedJournal(), FixPeer(begin=begin)
    cfg = {"DefaultApplVerID": "FIX.5.0SP2"} if begin == "FIXT.1.1" else {}
    with peer.listening(), gateways(journal, tmp_path, initiator_for(peer, **cfg)).running() as family:
        peer.wait_logged_on()
        for number in range(400):
            _send_badly(peer, chance, number)
            if number % 20 == 0:
                peer.wait(lambda it: it._logged_on, 3)
        peer.drop()  # what was cut off must not swallow what follows
        peer.wait_logged_on()
        peer.send_executions(range(1_000_000, 1_000_005))

        journal.wait(lambda: {f"E{number}" for number in range(1_000_000, 1_000_005)} <= set(journal.exec_ids()))

        assert family.states()[0].restarts == 0


def _send_badly(peer: FixPeer, chance: random.Random, number: int) -> None:
    """Send a bad message under the next number; a resend brings the good one of that number."""
    good = an_execution(number)
    with peer._changed:
        sequence, peer.next_out = peer.next_out, peer.next_out + 1
        peer.sent[sequence] = ("8", good, stamp())
        raw = peer.message(sequence, chance.choice(TYPES), mutated(chance, good))
        peer.send_bytes(damaged(chance, raw) if chance.random() < 0.2 else raw)
