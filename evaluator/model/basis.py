"""Where a rule comes from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from evaluator.model.text import FileModel, TextField

Status = Literal["published", "regulation", "assumed"]


class Basis(FileModel):
    """Where a rule comes from. What is ``assumed`` is marked in every report."""

    status: Status = Field(
        description="published or regulation (a source says so), or assumed (marked in every report)"
    )
    source: TextField | None = Field(None, description="Where it can be read")
    note: TextField | None = Field(None, description="What should be known about it")
