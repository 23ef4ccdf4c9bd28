"""Permissive dictionaries for the engine, made from the spec files that come with it.

Without a dictionary the engine rejects every repeating group (its tags repeat); with the plain one it rejects values
and tags that a vendor made up. So ours keep the shape of the groups and nothing else: no values, no required fields,
no types but those that steer the parsing, any user-defined message type. The decoder judges the rest.
"""

from __future__ import annotations

import importlib.metadata
import string
from pathlib import Path
from xml.etree import ElementTree as ET

Settings = dict[str, str]

SPEC_OF = {"FIX.4.2": "FIX42", "FIX.4.4": "FIX44", "FIXT.1.1": "FIXT11"}
APPLICATION_SPEC = "FIX50SP2"
EXECUTION_REPORT = "8"
WITH_GROUPS = frozenset(("8", "9", "A", "AE", "AR", "AS", "AK", "B", "BX", "BY", "C", "J", "P", "h", "j", "n", "r"))
"""The messages of a drop copy keep their groups; those of all others would make the FIX 5.0SP2 file 10 MB large."""
_STEERING = {"DATA": "DATA", "XMLDATA": "DATA", "NUMINGROUP": "NUMINGROUP"}
_MSG_SEQ_NUM = "34"
_CUSTOM_TYPES = tuple("U" + letter for letter in ("", *string.digits, *string.ascii_uppercase, *string.ascii_lowercase))
FORMAT = "1"
"""Changes when the dictionaries come out otherwise, so that files of an older release are made anew."""


def with_dictionaries(values: Settings, folder: Path, store: Path) -> Settings:
    """Return the engine's settings with dictionaries: those that session.cfg names, else permissive ones in `store`."""
    if values.get("UseDataDictionary") == "N":
        return values
    fixt = values["BeginString"] == "FIXT.1.1"
    wanted = {"TransportDataDictionary": SPEC_OF["FIXT.1.1"], "AppDataDictionary": APPLICATION_SPEC}
    if not fixt:
        wanted = {"DataDictionary": SPEC_OF[values["BeginString"]]}
    paths = {key: str(folder / values[key] if key in values else _made(spec, store)) for key, spec in wanted.items()}
    return values | paths | {"UseDataDictionary": "Y"}


def permissive(spec: ET.Element, modern: ET.Element) -> ET.Element:
    """Return a dictionary that accepts all that `spec` does and more; `modern` lends its groups to ExecutionReport."""
    source, lender = _Source(spec), _Source(modern)
    root = ET.Element("fix", spec.attrib)
    for part in ("header", "trailer"):
        ET.SubElement(root, part).extend(source.children(spec.find(part)))
    messages = ET.SubElement(root, "messages")
    for message in spec.iterfind("messages/message"):
        messages.append(_message(message, source, lender if modern is not spec else None))
    known = {message.get("msgtype") for message in messages}
    for kind in _CUSTOM_TYPES:
        if kind not in known:
            ET.SubElement(messages, "message", name=f"Custom{kind}", msgtype=kind, msgcat="app")
    ET.SubElement(root, "components")
    types = lender.types | source.types
    fields = ET.SubElement(root, "fields")
    for number in sorted(source.used | lender.used | source.types.keys(), key=int):
        kind = "SEQNUM" if number == _MSG_SEQ_NUM else _STEERING.get(types[number], "STRING")
        ET.SubElement(fields, "field", number=number, name=f"T{number}", type=kind)
    return root


class _Source:
    """A spec file by tag number: the same name may mean another tag in another version."""

    def __init__(self, spec: ET.Element) -> None:
        self.types = {field.attrib["number"]: field.attrib["type"] for field in spec.iterfind("fields/field")}
        self.used: set[str] = set()
        self._numbers = {field.attrib["name"]: field.attrib["number"] for field in spec.iterfind("fields/field")}
        self._components = {part.attrib["name"]: part for part in spec.iterfind("components/component")}
        self._messages = {part.attrib["msgtype"]: part for part in spec.iterfind("messages/message")}
        self._ready: dict[str, list[ET.Element]] = {}

    def children(self, parent: ET.Element | None) -> list[ET.Element]:
        """Return an element's fields and groups, none required, each component's in the component's place."""
        found: list[ET.Element] = []
        for child in () if parent is None else parent:
            name = child.attrib["name"]
            if child.tag == "component":
                if name not in self._ready:
                    self._ready[name] = self.children(self._components.get(name))
                found += self._ready[name]
            else:
                found.append(self._shape(child, self._numbers[name]))
        return found

    def message(self, kind: str) -> list[ET.Element]:
        """Return the fields and groups of the message of that type."""
        return self.children(self._messages.get(kind))

    def _shape(self, element: ET.Element, number: str) -> ET.Element:
        self.used.add(number)
        shaped = ET.Element(element.tag, name=f"T{number}", required="N")
        if element.tag == "group":
            shaped.extend(self.children(element))
        return shaped


def _message(message: ET.Element, source: _Source, lender: _Source | None) -> ET.Element:
    kept = ET.Element("message", {key: message.attrib[key] for key in ("name", "msgtype", "msgcat")})
    if message.get("msgtype") not in WITH_GROUPS:
        return kept
    own = source.message(message.attrib["msgtype"])
    kept.extend(child for child in own if child.tag == "group")
    if lender is not None and message.get("msgtype") == EXECUTION_REPORT:
        known = {child.get("name") for child in own}
        lent = (child for child in lender.message(EXECUTION_REPORT) if child.tag == "group")
        kept.extend(child for child in lent if child.get("name") not in known)
    return kept


def _made(spec: str, store: Path) -> Path:
    """Return the path of the permissive dictionary in the store, made if it is not there yet."""
    release = importlib.metadata.version("quickfix")
    path = store / f"permissive-{spec}-{release}-{FORMAT}.xml"
    if not path.exists():
        source = _parsed(spec)
        modern = source if spec in (SPEC_OF["FIXT.1.1"], APPLICATION_SPEC) else _parsed(APPLICATION_SPEC)
        unfinished = path.with_suffix(".unfinished")
        ET.ElementTree(permissive(source, modern)).write(unfinished)
        unfinished.replace(path)
    return path


def _parsed(spec: str) -> ET.Element:
    for file in importlib.metadata.files("quickfix") or ():
        if file.name == f"{spec}.xml":
            return ET.parse(Path(str(file.locate()))).getroot()  # noqa: S314 # a file of the installed package
    msg = f"the installed quickfix has no {spec}.xml; install it again, or name dictionaries in session.cfg"
    raise FileNotFoundError(msg)
