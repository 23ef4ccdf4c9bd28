"""The tables of who may come in: accounts, logins, API tokens, and the access log."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from service.store.columns import blob, flag, key, metadata, number, words

users = Table(
    "users",
    metadata,
    Column("key", Text, primary_key=True),
    *(words(name, nullable=False) for name in ("name", "roles", "desks")),
    words("password"),
    flag("locked", nullable=False),
    flag("must_change"),
    words("identity"),
    Index("ix_users_identity", "identity", unique=True),
    comment="Accounts; `key` is the name as names are compared, roles and desks are JSON lists, the password argon2.",
)

logins = Table(
    "logins",
    metadata,
    Column("hash", Text, primary_key=True),
    words("user", nullable=False),
    *(number(name, nullable=False) for name in ("began", "seen")),
    number("ended"),
    words("place"),
    Index(None, "user"),
    comment="Logins of the page: of each secret only the SHA-256; `seen` is when a person last asked for something.",
)

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("token_id", Text, primary_key=True),
    blob("hash", nullable=False),
    *(words(name, nullable=False) for name in ("user", "label", "scopes")),
    *(number(name, nullable=False) for name in ("created", "expires")),
    number("revoked"),
    comment="Tokens of the API: of each secret only the SHA-256; scopes are a JSON list.",
)

access_log = Table(
    "access_log",
    metadata,
    key("seq"),
    number("at", nullable=False),
    *(words(name, nullable=False) for name in ("actor", "deed", "subject", "place", "words")),
    *(blob(name, nullable=False) for name in ("prev_hash", "hash")),
    Index(None, "subject", "seq"),
    Index(None, "place", "seq"),
    Index(None, "actor", "seq"),
    Index(None, "deed", "seq"),
    Index(None, "at"),
    comment="Who came in, was refused or changed whom, and what an auditor read: one chain, append-only.",
)
