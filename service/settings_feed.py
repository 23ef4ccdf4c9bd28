"""The settings of the feed, and what every section of the settings is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A frozen part of the settings that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FeedSettings(Section):
    """When the silence of a feed, or a gap in it, becomes a finding."""

    silence_after_s: float = Field(60.0, gt=0, description="no inbound traffic for this long in hours is a finding")
    gap_overdue_after_s: float = Field(30.0, gt=0, description="a gap open for this long is critical")
    orphan_after_s: float = Field(300.0, gt=0, description="a bust without its execution for this long is a finding")
    flow_factor: int = Field(
        10, ge=0, description="no application message for this many usual gaps in hours is a finding; 0 switches it off"
    )
    flow_floor_s: float = Field(300.0, gt=0, description="a flow is never said to have stopped sooner than this")
    flow_minimum: int = Field(50, ge=1, description="messages of the last half hour without which no stop is said")
    clock_tolerance_s: float = Field(
        0.1, ge=0, description="a session's clock further than this from ours is a finding; 0 switches it off"
    )
    unanswered_after_s: float = Field(
        5.0, gt=0, description="an order or request unanswered for this long is a finding"
    )
