"""The permissive dictionaries: the shape of groups and nothing else, made once from the engine's own spec files."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import quickfix

from service.fix.dictionaries import with_dictionaries


@pytest.mark.parametrize("begin", ["FIX.4.2", "FIX.4.4"])
def test_one_dictionary_is_made_and_the_engine_can_read_it(tmp_path: Path, begin: str) -> None:
    """Even FIX 4.2 knows the parties group in an ExecutionReport: vendors send it."""
    values = with_dictionaries({"BeginString": begin}, tmp_path, tmp_path)

    dictionary = quickfix.DataDictionary(values["DataDictionary"])
    assert values["UseDataDictionary"] == "Y"
    assert dictionary.isGroup("8", 453)
    assert dictionary.isMsgType("U7")
    assert not dictionary.isRequiredField("8", 37)
    assert not dictionary.hasFieldValue(150)


def test_fixt_has_one_for_the_transport_and_one_for_the_application(tmp_path: Path) -> None:
    """The engine demands both."""
    values = with_dictionaries({"BeginString": "FIXT.1.1"}, tmp_path, tmp_path)

    assert quickfix.DataDictionary(values["TransportDataDictionary"]).isMsgType("A")
    assert quickfix.DataDictionary(values["AppDataDictionary"]).isGroup("8", 453)


def test_a_second_start_makes_nothing_anew(tmp_path: Path) -> None:
    """It takes a tenth of a second, and the gateway should be quick to be back."""
    first = Path(with_dictionaries({"BeginString": "FIX.4.4"}, tmp_path, tmp_path)["DataDictionary"])
    stamp = first.stat().st_mtime_ns

    with_dictionaries({"BeginString": "FIX.4.4"}, tmp_path, tmp_path)

    assert first.stat().st_mtime_ns == stamp
    assert [path.name for path in tmp_path.iterdir()] == [first.name]


def test_what_session_cfg_says_about_dictionaries_goes_first(tmp_path: Path) -> None:
    """A dictionary of the firm's own, from beside session.cfg, or none at all."""
    own = with_dictionaries({"BeginString": "FIX.4.4", "DataDictionary": "own.xml"}, tmp_path / "cfg", tmp_path)
    none = with_dictionaries({"BeginString": "FIX.4.4", "UseDataDictionary": "N"}, tmp_path / "cfg", tmp_path)

    assert own["DataDictionary"] == str(tmp_path / "cfg" / "own.xml")
    assert "DataDictionary" not in none


def test_types_are_gone_but_for_those_that_steer_the_parsing(tmp_path: Path) -> None:
    """Data fields may hold separators, counts begin groups, the sequence number must be one; the rest is text."""
    path = with_dictionaries({"BeginString": "FIX.4.4"}, tmp_path, tmp_path)["DataDictionary"]

    kinds = {field.get("number"): field.get("type") for field in ET.parse(path).iterfind("fields/field")}

    assert (kinds["96"], kinds["453"], kinds["34"]) == ("DATA", "NUMINGROUP", "SEQNUM")
    assert (kinds["31"], kinds["60"], kinds["150"]) == ("STRING", "STRING", "STRING")
