"""Every route of the API and what it takes to use it, a part of the table of doors. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from service.access.permissions import May


class Open(StrEnum):
    """A door that asks for no permission: everybody's, or everybody's who is in."""

    TO_ALL = "to all"
    TO_WHO_IS_IN = "to who is in"


Door = May | Open
API = "/api/"
"""Below this path programs ask, by tokens, and are answered in JSON."""


def is_api(path: str) -> bool:
    """Return whether a path is the API's."""
    return path.startswith(API)


API_DOORS: Mapping[tuple[str, str], Door] = {
    ("GET", "/api"): Open.TO_WHO_IS_IN,
    ("GET", "/api/v1/openapi.json"): Open.TO_WHO_IS_IN,
    ("GET", "/api/v1/me"): Open.TO_WHO_IS_IN,
    ("GET", "/api/v1/exceptions"): May.READ,
    ("GET", "/api/v1/counts"): May.READ,
    ("GET", "/api/v1/exceptions/{case_id}"): May.READ,
    ("GET", "/api/v1/exceptions/{case_id}/history"): May.READ,
    ("GET", "/api/v1/exceptions/{case_id}/findings"): May.READ,
    ("GET", "/api/v1/exceptions/{case_id}/messages"): May.READ,
    ("GET", "/api/v1/exceptions/{case_id}/quotes"): May.READ,
    ("GET", "/api/v1/exceptions/{case_id}/deliveries"): May.READ,
    ("POST", "/api/v1/exceptions/{case_id}/actions"): May.ACT,
    ("POST", "/api/v1/exceptions/{case_id}/closing"): May.APPROVE_CLOSING,
    ("GET", "/api/v1/exceptions/{case_id}/bundle.zip"): May.EXPORT,
    ("GET", "/api/v1/exceptions/{case_id}/vendor.zip"): May.EXPORT,
    ("GET", "/api/v1/seals"): May.EXPORT,
    ("GET", "/api/v1/work-rules"): May.READ,
    ("GET", "/api/v1/bulks"): May.READ,
    ("POST", "/api/v1/bulks"): May.ACT,
    ("POST", "/api/v1/bulks/closings"): May.APPROVE_CLOSING,
    ("GET", "/api/v1/bulks/{bulk_id}"): May.READ,
    ("POST", "/api/v1/bulks/{bulk_id}/next"): May.ACT,
    ("GET", "/api/v1/incidents"): May.READ,
    ("GET", "/api/v1/incidents/{number}"): May.READ,
    ("GET", "/api/v1/incidents/{number}/exceptions"): May.READ,
    ("GET", "/api/v1/shelvings"): May.READ,
    ("POST", "/api/v1/shelvings"): May.ACT,
    ("GET", "/api/v1/shelvings/{number}"): May.READ,
    ("POST", "/api/v1/shelvings/{number}/end"): May.ACT,
    ("GET", "/api/v1/principals/{day}"): May.READ,
    ("POST", "/api/v1/principals/{day}"): May.ACT,
    ("GET", "/api/v1/precision"): May.READ,
    ("GET", "/api/v1/days"): May.READ,
    ("GET", "/api/v1/days/{day}/statements"): May.READ,
    ("GET", "/api/v1/days/{day}/certificates"): May.READ,
    ("POST", "/api/v1/days/{day}/certificates"): May.SIGN,
    ("GET", "/api/v1/days/{day}/close"): May.READ,
    ("GET", "/api/v1/days/{day}/report"): May.READ,
    ("POST", "/api/v1/days/{day}/signatures"): May.SIGN,
    ("GET", "/api/v1/readiness"): May.READINESS,
    ("POST", "/api/v1/readiness/signatures"): May.SIGN,
    ("GET", "/api/v1/feeds"): May.READINESS,
    ("GET", "/api/v1/channels"): May.READINESS,
    ("POST", "/api/v1/channels/{channel}/dead-letters/again"): May.SEND_AGAIN,
    ("GET", "/api/v1/dead-letters"): May.READINESS,
    ("POST", "/api/v1/dead-letters/again"): May.SEND_AGAIN,
    ("POST", "/api/v1/dead-letters/set-aside"): May.SEND_AGAIN,
    ("GET", "/api/v1/rules"): May.READ,
    ("GET", "/api/v1/rules/{name}"): May.READ,
    ("GET", "/api/v1/rulebooks"): May.READ,
    ("GET", "/api/v1/rulebooks/differences"): May.READ,
    ("POST", "/api/v1/rulebooks/proposals"): May.PROPOSE_CHANGE,
    ("GET", "/api/v1/rulebooks/{handle}"): May.READ,
    ("GET", "/api/v1/registers/{party}"): May.READ,
    ("GET", "/api/v1/registers/{party}/differences"): May.READ,
    ("POST", "/api/v1/registers/{party}/proposals"): May.PROPOSE_CHANGE,
    ("GET", "/api/v1/registers/{party}/{handle}"): May.READ,
    ("GET", "/api/v1/proposals"): May.READ,
    ("GET", "/api/v1/proposals/{number}"): May.READ,
    ("POST", "/api/v1/proposals/{number}/decision"): May.APPROVE_CHANGE,
    ("POST", "/api/v1/proposals/{number}/withdrawal"): May.PROPOSE_CHANGE,
    ("POST", "/api/v1/proposals/{number}/backtests"): May.PROPOSE_CHANGE,
    ("POST", "/api/v1/proposals/{number}/backtests/cancel"): May.PROPOSE_CHANGE,
    ("GET", "/api/v1/venues"): May.READ,
    ("GET", "/api/v1/venues/history"): May.READ,
    ("POST", "/api/v1/venues/approvals"): May.PROPOSE_CHANGE,
    ("POST", "/api/v1/venues/endings"): May.PROPOSE_CHANGE,
    ("GET", "/api/v1/users"): May.MANAGE_PEOPLE,
    ("POST", "/api/v1/users"): May.MANAGE_PEOPLE,
    ("PUT", "/api/v1/users/{name}/roles"): May.MANAGE_PEOPLE,
    ("POST", "/api/v1/users/{name}/password"): May.MANAGE_PEOPLE,
    ("POST", "/api/v1/users/{name}/lock"): May.MANAGE_PEOPLE,
    ("POST", "/api/v1/users/{name}/unlock"): May.MANAGE_PEOPLE,
    ("GET", "/api/v1/tokens"): May.MANAGE_PEOPLE,
    ("POST", "/api/v1/tokens/{token_id}/revoke"): May.MANAGE_PEOPLE,
    ("GET", "/api/v1/access-log"): May.READ_TRAIL,
}
"""By method and path, as the doors of the pages."""
