"""Evidence that leaves the house over the API: bundle, extract and seals."""

from __future__ import annotations

import hashlib
import io
import zipfile

from rules.facts import Nanos
from service.access.trail import Deed
from service.audit.due import Due
from service.store.engine import Database
from service.store.seals import SqlSeals
from service.store.trail import SqlTrail
from service.web.api.forms.seals import seals_told
from tests.api_programs import As
from tests.factories import NOON
from tests.factories_page import DAY


async def test_a_bundle_and_an_extract_are_zips_and_stand_in_the_access_log(as_: As, database: Database) -> None:
    """For who may export."""
    async with as_("examiner") as examiner, as_("desk") as desk:
        whole = await examiner.get("/exceptions/5/bundle.zip")
        vendors = await examiner.get("/exceptions/5/vendor.zip", params={"counterparty": "alpha"})
        refused, missing = await desk.get("/exceptions/5/bundle.zip"), await examiner.get("/exceptions/99/bundle.zip")

    assert {answer.headers["content-type"] for answer in (whole, vendors)} == {"application/zip"}
    assert "verify.py" in " ".join(zipfile.ZipFile(io.BytesIO(whole.content)).namelist())
    assert zipfile.ZipFile(io.BytesIO(vendors.content)).testzip() is None
    assert (refused.status_code, missing.status_code) == (403, 404)
    assert len([one for one in SqlTrail(database).newest() if one.deed is Deed.READ and "bundle" in one.words]) >= 2


async def test_seals_come_in_pages_with_the_text_that_is_hashed(as_: As, database: Database) -> None:
    """So whoever keeps them elsewhere can prove them."""
    seals = SqlSeals(database, "demo")
    made = [seals.make(Due(DAY), Nanos(NOON + n)) for n in range(2)]
    async with as_("pat") as pat:
        first = (await pat.get("/seals", params={"limit": 1})).json()
        rest = (await pat.get("/seals", params={"after": first["next"]})).json()

    told = [*first["seals"], *rest["seals"]]
    assert [one["number"] for one in told] == [one.seq for one in made]
    assert [hashlib.sha256(one["text"].encode()).hexdigest() for one in told] == [one.hash for one in made]
    assert (told[1]["previous"], rest["next"]) == (told[0]["hash"], None)


def test_without_seals_there_is_one_empty_page() -> None:
    """A store that is new."""
    assert seals_told([], 10).model_dump() == {"seals": [], "next": None}
