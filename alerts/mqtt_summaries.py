"""Tells the summaries of the rules over one connection: all at its beginning, then what changed, by and by."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import aiomqtt
import structlog

from alerts.mqtt_line import MqttClient, NotTakenError
from alerts.summary import SCHEMA, Summary, changed, encode, summary_topic

log = structlog.get_logger()

PUBLISH_S = 10.0
NAME = f"summary-{SCHEMA}"


async def tell_summaries(
    client: MqttClient, current: Callable[[], Awaitable[Sequence[Summary]]], every_s: float
) -> None:
    """Tell for ever, retained and at QoS 1, each rule at most once `every_s`; raise MqttError when the line is lost.

    A store that cannot be read now, or a summary that the broker does not take, is logged, and tried with the next
    look; what goes on being refused is logged once.
    """
    told: dict[str, Summary] = {}
    refused: set[str] = set()
    while True:
        try:
            for summary in changed(told, await current()):
                if await _taken(client, summary, refused):
                    told[summary.rule] = summary
        except aiomqtt.MqttError:
            raise
        except Exception:
            log.exception("summaries_failed")
        await asyncio.sleep(every_s)


async def _taken(client: MqttClient, summary: Summary, refused: set[str]) -> bool:
    topic = summary_topic(summary.firm, summary.rule)
    try:
        await client.publish_once(topic, encode(summary), within=PUBLISH_S, retain=True, schema=NAME)
    except NotTakenError as error:
        if topic not in refused:
            log.warning("summary_not_taken", topic=topic, reason=str(error))
        refused.add(topic)
        return False
    refused.discard(topic)
    return True
