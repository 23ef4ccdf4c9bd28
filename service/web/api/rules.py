"""The rules over the API: the card of each."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Path

from rules.cards import catalogue
from service.web.api.forms.common import Name
from service.web.api.forms.rules import RulesTold, RuleTold, rule_told
from service.web.api.problems import missing
from service.web.api.routes import Routes
from service.web.house import House

RuleName = Annotated[Name, Path(examples=["slow_fill"])]


def add_rules(app: FastAPI, house: House) -> None:
    """Add the routes."""
    del house
    routes = Routes(app, "rules")

    @routes.get("/rules")
    def list_rules() -> RulesTold:
        """Return every rule with its parameters, its reasons and what to do about its findings."""
        return RulesTold(rules=[rule_told(rule) for _, rule in sorted(catalogue().items())])

    @routes.get("/rules/{name}")
    def get_rule(name: RuleName) -> RuleTold:
        """Return one rule."""
        rule = catalogue().get(name)
        if rule is None:
            missing("rule", name)
        return rule_told(rule)
