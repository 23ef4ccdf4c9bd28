"""Makes a channel of what the firm laid down for it."""

from __future__ import annotations

from alerts.mqtt import MqttPublisher
from alerts.plan import ChannelKind, ChannelSpec
from alerts.ports import Channel
from service.settings import ConfigurationError, Settings


def opened_channel(spec: ChannelSpec, settings: Settings, *, presence: bool = True) -> Channel:
    """Return the channel of a specification; `presence`: it says to the other side that the watch is there."""
    del presence
    mqtt = settings.mqtt
    if spec.kind is not ChannelKind.MQTT or mqtt is None:
        raise ConfigurationError([f"the channel {spec.name} cannot be opened"])
    return MqttPublisher(
        firm=settings.firm,
        host=mqtt.host,
        port=mqtt.port,
        username=mqtt.username,
        password_file=mqtt.password_file,
    )
