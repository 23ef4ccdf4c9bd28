"""Elements of SVG as text: escaped, numbers short, attributes as they are named. Pure.

No `style` attribute is ever written: a page's Content-Security-Policy forbids it. Looks come from classes, and from
presentation attributes where there is no style sheet.
"""

from __future__ import annotations

from html import escape

Number = float | int


def element(name: str, *inside: str, **attributes: str | Number | None) -> str:
    """Return one element; `_` in a name of an attribute is a dash, one of value None is left out."""
    told = "".join(f' {_name(key)}="{_value(value)}"' for key, value in attributes.items() if value is not None)
    return f"<{name}{told}>{''.join(inside)}</{name}>" if inside else f"<{name}{told}/>"


def text(words: str, x: Number, y: Number, kind: str, *, anchor: str = "start", size: Number = 12) -> str:
    """Return a line of text; `anchor` is start, middle or end."""
    return element(
        "text", escaped(words), class_=kind, x=x, y=y, text_anchor=anchor, font_size=size, fill="currentColor"
    )


def escaped(words: str) -> str:
    """Return text as XML takes it: what it has no sign for is a replacement character."""
    return escape("".join(sign if _is_allowed(sign) else "\ufffd" for sign in words))


def short(value: Number) -> str:
    """Return a length in pixels with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _value(value: str | Number) -> str:
    return escaped(value) if isinstance(value, str) else short(value)


def _is_allowed(sign: str) -> bool:
    code = ord(sign)
    return (code >= 32 or sign in "\t\n\r") and not 0xD800 <= code <= 0xDFFF and code not in (0xFFFE, 0xFFFF)  # noqa: PLR2004 - XML 1.0, Char
