"""The settings of the page: who comes in, by which way, and at which address."""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, ValidationInfo, field_validator

from service.access.permissions import Role
from service.settings_feed import Section

PortNumber = Annotated[int, Field(ge=0, le=65535)]
Filled = Annotated[str, Field(min_length=1)]


def is_loopback(host: str) -> bool:
    """Return whether `host` names this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_safe_address(address: str) -> bool:
    """Return whether an address can be asked for what nobody else may read or change: https, or on this machine."""
    try:
        parts = urlsplit(address)
        near = parts.scheme == "http" and is_loopback(parts.hostname or "")
        return (near or parts.scheme == "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False


class PageLogin(StrEnum):
    """Who comes in to the page, and what says who that is."""

    ACCOUNTS = "accounts"
    OIDC = "oidc"
    BOTH = "both"
    NONE = "none"

    @property
    def asks(self) -> bool:
        """Return whether the page asks who somebody is."""
        return self is not PageLogin.NONE

    @property
    def by_provider(self) -> bool:
        """Return whether the firm's OpenID provider is asked."""
        return self in (PageLogin.OIDC, PageLogin.BOTH)


class OidcSettings(Section):
    """The firm's OpenID provider, and what its groups may do here."""

    issuer: str = Field(description="the provider's name: an https address (http on this machine only)")
    client_id: Filled = Field(description="our name at the provider")
    client_secret_file: Path = Field(description="file that holds our secret there; not everybody may read it")
    scopes: tuple[Filled, ...] = Field(("openid", "profile"), description="what is asked for; `openid` among it")
    name_claim: Filled = Field("preferred_username", description="claim of the ID token that is the account's name")
    groups_claim: Filled = Field("groups", description="claim that lists the groups; `a.b` is b within a")
    desks_claim: Filled | None = Field(None, description="claim that lists the desks; absent: only web.oidc.desks")
    roles: dict[str, tuple[Role, ...]] = Field(
        {}, validate_default=True, description="a group and its roles; who is in none of them does not come in"
    )
    desks: dict[str, tuple[Filled, ...]] = Field({}, description="a group and its desks")
    break_glass: bool = Field(
        default=False, description='with login = "oidc" an admin with a password may come in by it all the same'
    )

    @field_validator("issuer")
    @classmethod
    def _over_tls(cls, issuer: str) -> str:
        if not is_safe_address(issuer) or "?" in issuer or "#" in issuer:
            msg = f"{issuer} is no https address without ? and #; http is for a provider on this machine"
            raise ValueError(msg)
        return issuer

    @field_validator("scopes")
    @classmethod
    def _openid(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        if "openid" not in scopes:
            msg = "openid is not among them, and without it there is no ID token"
            raise ValueError(msg)
        return scopes

    @field_validator("roles")
    @classmethod
    def _somebody(cls, roles: dict[str, tuple[Role, ...]]) -> dict[str, tuple[Role, ...]]:
        if not any(roles.values()):
            msg = 'no group has a role, so nobody could come in; for example "sor-supervisors" = ["supervisor"]'
            raise ValueError(msg)
        return roles


class WebSettings(Section):
    """The page. Without a login, or without TLS in front of it, on this machine only."""

    login: PageLogin = Field(
        PageLogin.ACCOUNTS,
        description="`accounts`, `oidc` (the firm's provider), `both`, or `none`: everybody acts as web.actor; "
        "for a demo on this machine",
    )
    oidc: OidcSettings | None = Field(
        None, validate_default=True, description="the firm's OpenID provider, for login = oidc or both"
    )
    url: str | None = Field(
        None,
        pattern=r"^https://[^/@\s]+/?$",
        description="https address of the page for people; a proxy in front speaks TLS and passes Host on",
    )
    trusted_proxy: str | None = Field(
        None, description="address of the proxy whose X-Forwarded-For says where a question came from; absent: nobody's"
    )
    login_idle_s: float = Field(3_600.0, gt=0, description="a login ends when nobody asked for anything this long")
    login_at_most_s: float = Field(43_200.0, gt=0, description="a login ends after this long in any case")
    logins_kept_days: int = Field(
        90,
        ge=1,
        le=36_500,
        description="logins that are over are deleted after this long; the access log keeps its own",
    )
    host: str = Field("127.0.0.1", description="address to bind; other than loopback only with a login and web.url")
    port: PortNumber = Field(8080, description="port to bind; 0 takes a free one")
    actor: str | None = Field(None, description="name under which everybody acts, for login = none")

    @field_validator("oidc")
    @classmethod
    def _named_and_used(cls, oidc: OidcSettings | None, info: ValidationInfo) -> OidcSettings | None:
        login = info.data.get("login")
        if login is not None and login.by_provider is not (oidc is not None):
            told = (
                "the section [web.oidc] must name the provider"
                if oidc is None
                else "[web.oidc] is not used: take it out"
            )
            msg = f'login is "{login.value}", so {told}'
            raise ValueError(msg)
        return oidc

    @field_validator("trusted_proxy")
    @classmethod
    def _one_address(cls, proxy: str | None) -> str | None:
        try:
            return None if proxy is None else str(ipaddress.ip_address(proxy))
        except ValueError:
            msg = f"{proxy} is not one IP address"
            raise ValueError(msg) from None

    @field_validator("host")
    @classmethod
    def _loopback_or_guarded(cls, host: str, info: ValidationInfo) -> str:
        login = info.data.get("login")
        guarded = login is not None and login.asks and info.data.get("url") is not None
        if not guarded and not is_loopback(host):
            msg = f'{host} is not a loopback address; that takes login = "accounts" and an https address in web.url'
            raise ValueError(msg)
        return host

    @field_validator("actor")
    @classmethod
    def _only_without_login(cls, actor: str | None, info: ValidationInfo) -> str | None:
        login = info.data.get("login")
        if actor is not None and login is not None and login.asks:
            msg = f'with login = "{login.value}" everybody acts under the own name; '
            raise ValueError(msg + 'take it out, or set web.login = "none"')
        return actor
