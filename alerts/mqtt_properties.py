"""What MQTT 5 says beside a message: that it is JSON, the name of its schema, its idempotency key."""

from __future__ import annotations

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

UTF_8 = 1


def described(schema: str, key: str | None) -> Properties:
    """Return the properties of a message of JSON; what only states how things are now has no key."""
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ContentType = "application/json"
    properties.PayloadFormatIndicator = UTF_8
    properties.UserProperty = [("schema", schema), *([("key", key)] if key else [])]
    return properties
