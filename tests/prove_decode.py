"""The long proof of decode: any damage to a message ends as exactly one outcome, and nothing raises."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from random import Random

from service.fix.decode import decode
from service.fix.dialect import parse_dialect
from service.fix.events import Decoded
from tests.factories_messages import SOH, execution_report, fix_message, framed

DIALECTS = tuple(
    parse_dialect(text)
    for text in (
        "begin_string: FIX.4.4",
        "begin_string: FIX.4.2\nsemantics: {fill_without_exec_type: true, plain_fill_with_trans_type_2: true}",
        (
            "begin_string: FIXT.1.1\nids: {order: [198, 37], parent: [party 38]}\nvenue: {from: [party 73, 30]}"
            "\nlevel: {with_parent: child, without_parent: parent}\ndedup: {extra: [54, 37]}\nstatus: {9999: ['*']}"
            "\nclocks: {transaction: America/New_York}\ncustomer_cancel: {always: {58: [USER]}}"
        ),
    )
)
PARTIES = "453=2|448=CDED|447=D|452=17|448=DESK|452=76"
STAMPS = "768=2|769=20131007-14:30:00.100000001|770=2|769=20131007-14:30:00.125000001|770=1"
VALID = (
    execution_report(),
    execution_report(_150="0", _32=None, _31=None, _39="0"),
    execution_report(_150="4", _32="0", _31="0", _41="C-0", _378="6"),
    execution_report(_150="5", _41="C-0"),
    execution_report(_20="1", _19="E-0", _150="2"),
    execution_report(_150="G", _19="E-0"),
    execution_report(_150="I", _17="0"),
    execution_report(_150=None, _20="2"),
    execution_report(_30="FINN", more=f"{PARTIES}|{STAMPS}|382=1|375=JNST"),
    execution_report("FIX.4.2", _150="1", _20="0", _47="A", _18="1 f", _58="Zürich"),
    execution_report("FIXT.1.1", _442="2", _31="-0.35", _851="4", more=STAMPS),
    fix_message(_35="B", _34=5, _148="recovery complete", _95=5, _96=f"a{SOH}b=c"),
    fix_message(_35="4", _34=6, _36=9, _123="Y"),
    fix_message(_35="0", _34=7),
)
WRONG = (
    "",
    " ",
    "-1",
    "0",
    "1e9",
    "NaN",
    "9" * 60,
    "0.0000000001",
    "٣",
    "\x00",
    "=",
    "8=FIX",
    "Y" * 300,
    "20139999",
    "F",
)


def flipped(body: bytes, dice: Random) -> bytes:
    """Flip one to four bits."""
    changed = bytearray(body)
    for _ in range(dice.randint(1, 4)):
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
    return bytes(changed)


def truncated(body: bytes, dice: Random) -> bytes:
    """Cut it off somewhere."""
    return body[: dice.randrange(len(body))]


def refielded(change: Callable[[list[bytes], Random], None]) -> Callable[[bytes, Random], bytes]:
    """Return a mutation of the fields between BodyLength and CheckSum, whose frame is put right again."""

    def mutate(body: bytes, dice: Random) -> bytes:
        begin, _, *fields = body.split(b"\x01")[:-2]
        change(fields, dice)
        return framed(b"".join(field + b"\x01" for field in fields), begin[2:].decode())

    return mutate


def duplicated(fields: list[bytes], dice: Random) -> None:
    """Repeat some fields, some of them with another field's value."""
    for _ in range(dice.randint(1, 4)):
        field = dice.choice(fields)
        if dice.random() < 0.5:
            field = field.partition(b"=")[0] + b"=" + dice.choice(fields).partition(b"=")[2]
        fields.insert(dice.randrange(len(fields) + 1), field)


def reordered(fields: list[bytes], dice: Random) -> None:
    """Shuffle all fields."""
    dice.shuffle(fields)


def dropped(fields: list[bytes], dice: Random) -> None:
    """Leave out up to three fields."""
    for _ in range(min(dice.randint(1, 3), len(fields))):
        del fields[dice.randrange(len(fields))]


def mistyped(fields: list[bytes], dice: Random) -> None:
    """Put a value of the wrong type into up to three fields."""
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(fields))
        fields[at] = fields[at].partition(b"=")[0] + b"=" + dice.choice(WRONG).encode()


def emptied(fields: list[bytes], dice: Random) -> None:
    """Take the value out of up to three fields."""
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(fields))
        fields[at] = fields[at].partition(b"=")[0] + b"="


def alien(fields: list[bytes], dice: Random) -> None:
    """Put bytes that are no ASCII somewhere into the fields, tags included."""
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(fields))
        cut = dice.randrange(len(fields[at]) + 1)
        fields[at] = fields[at][:cut] + bytes(dice.randrange(128, 256) for _ in range(3)) + fields[at][cut:]


MUTATIONS: dict[str, Callable[[bytes, Random], bytes]] = {
    "bit flips": flipped,
    "truncations": truncated,
    "duplicated fields": refielded(duplicated),
    "reordered fields": refielded(reordered),
    "missing fields": refielded(dropped),
    "wrong types": refielded(mistyped),
    "empty values": refielded(emptied),
    "non-ASCII": refielded(alien),
    "none": lambda body, _: body,
}


def run(seed: int, size: int = 100_000) -> str:
    """Decode that many damaged messages; return the table of outcomes. An exception or a lost message fails it."""
    dice = Random(seed)
    counts: dict[str, Counter[str]] = {name: Counter() for name in MUTATIONS}
    begin = time.perf_counter()
    for number in range(size):
        name = tuple(MUTATIONS)[number % len(MUTATIONS)]
        body = MUTATIONS[name](dice.choice(VALID), dice)
        decoded = decode(body, dice.choice(DIALECTS), "2013-10-04")
        assert isinstance(decoded, Decoded), f"seed {seed}, message {number}: {decoded!r} is no outcome"
        counts[name][type(decoded).__name__] += 1
    assert sum(counter.total() for counter in counts.values()) == size
    return _table(
        counts, f"{size:,} messages, seed {seed}, {time.perf_counter() - begin:.1f} s, none lost, no exception"
    )


def _table(counts: dict[str, Counter[str]], heading: str) -> str:
    outcomes = ("Execution", "OrderEvent", "Bust", "Correction", "Status", "Admin", "Undecodable")
    lines = [heading, f"{'damage':<20}" + "".join(f"{outcome:>12}" for outcome in outcomes)]
    lines += [
        f"{name:<20}" + "".join(f"{counter[outcome]:>12,}" for outcome in outcomes) for name, counter in counts.items()
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]] or [1]
    print(run(*arguments))
