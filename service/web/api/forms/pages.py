"""How a page of a list is asked for. Pure."""

from __future__ import annotations

from pydantic import Field

from service.web.api.forms.common import LARGEST, Asked

MOST = 1_000


class Page(Asked):
    """How many entries, and behind which."""

    limit: int = Field(default=100, ge=1, le=MOST, description="So many entries at most.")
    after: int | None = Field(default=None, ge=0, le=LARGEST, description="`next` of the page before.")

    @property
    def before(self) -> int:
        """Return the number below which a list goes on that begins with the newest."""
        return LARGEST if self.after is None else self.after
