"""What every spec model shares: frozen, no unknown keys, text in."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen piece of a spec; an unknown key is an error, so that a misspelling cannot be a silent default."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)
