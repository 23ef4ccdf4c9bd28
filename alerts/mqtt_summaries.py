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

    A store that cannot be read now, or a broker that does not take one, is logged, and tried again with the next look.
    """
    told: dict[str, Summary] = {}
    while True:
        try:
            for summary in changed(told, await current()):
                topic = summary_topic(summary.firm, summary.rule)
                body = encode(summary)
                await client.publish_once(topic, body, within=PUBLISH_S, retain=True, schema=NAME)
                told[summary.rule] = summary
        except NotTakenError as error:
            log.warning("summary_not_taken", topic=topic, reason=str(error))
        except aiomqtt.MqttError:
            raise
        except Exception:
            log.exception("summaries_failed")
        await asyncio.sleep(every_s)
