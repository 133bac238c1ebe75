"""Open-source level: what a rubric declares, what openness.yaml holds, and what is derived from it.

The 17 components and the classes III, II and I are those of the Model Openness Framework (White et al. 2024,
arXiv:2403.13784, as its reference tool counts them: parameters twice, final and intermediate; the framework's own
configuration file is what openness.yaml is to us). The 14 dimensions are those of the European Open Source AI Index
(osai-index.eu). The levels 0 to 6 are the programme's own ladder over both.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import ConfigDict, Field

from evaluator.model.numbers import Figure
from evaluator.model.performance import STRICT
from evaluator.model.text import FileModel, Id, Text, TextField

Delivery = Literal["promised", "delivered"]
LicenceKind = Literal["open", "conditional", "non_commercial", "closed", "none", "unknown"]
Part = Literal["code", "data", "model", "documentation"]
State = Literal["delivered", "promised", "absent"]
Relation = Literal["from_scratch", "fine_tuned", "continued_pretraining", "merged", "distilled", "quantised", "adapter"]
Condition = Literal["field_of_use", "users", "revenue", "naming", "redistribution", "outputs", "access", "revocable"]
Answer = Literal["open", "partial", "closed"]
Component = Literal[
    "architecture",
    "preprocessing_code",
    "training_code",
    "inference_code",
    "evaluation_code",
    "supporting_tools",
    "final_weights",
    "intermediate_checkpoints",
    "model_metadata",
    "datasets",
    "evaluation_data",
    "sample_outputs",
    "evaluation_results",
    "model_card",
    "data_card",
    "technical_report",
    "research_paper",
]
Dimension = Literal[
    "base_model_data",
    "end_user_model_data",
    "base_model_weights",
    "end_user_model_weights",
    "training_code",
    "code_documentation",
    "hardware_architecture",
    "preprint",
    "paper",
    "model_card",
    "datasheet",
    "package",
    "api_and_meta_prompts",
    "licences",
]
COMPONENTS: tuple[Component, ...] = get_args(Component)
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)
PARTS: Mapping[Component, Part] = MappingProxyType(
    {
        "architecture": "code",
        "preprocessing_code": "code",
        "training_code": "code",
        "inference_code": "code",
        "evaluation_code": "code",
        "supporting_tools": "code",
        "final_weights": "model",
        "intermediate_checkpoints": "model",
        "model_metadata": "model",
        "datasets": "data",
        "evaluation_data": "data",
        "sample_outputs": "data",
        "evaluation_results": "documentation",
        "model_card": "documentation",
        "data_card": "documentation",
        "technical_report": "documentation",
        "research_paper": "documentation",
    }
)
"""What kind of thing each component is; software and data licences are meant for different kinds."""
NO_LICENCE = "NONE"
"""What SPDX documents say of a thing that is there without a licence."""
NOT_KNOWN = "NOASSERTION"
"""What SPDX documents say where the licence is not known."""
_Short = Annotated[str, Field(min_length=1, max_length=200)]
_Address = Annotated[str, Field(min_length=1, max_length=2000)]
_Expression = Annotated[str, Field(min_length=1, max_length=400)]


class OpennessRule(FileModel):
    """The criterion's level follows from openness.yaml. Its levels are 0 to 6, its points those of ``convert``."""

    counts: Delivery = Field(
        "delivered", description="Whether binding promises count (promised) or only what is released (delivered)"
    )


# What an applicant declares (evidence/<applicant>/openness.yaml)


class LicenceRecord(FileModel):
    """A licence that is on no list, by what it allows and what it asks. It never counts as open."""

    id: Id = Field(description="Its own name in this file; `licence:` uses it as SPDX ids are used")
    title: TextField = Field(description="Its name and version as printed on it")
    url: _Address = Field(description="Where its text can be read (https)")
    public: bool = Field(description="Whether anybody may accept it; false where each user needs a contract")
    commercial_use: bool = Field(description="Whether commercial use is allowed without asking")
    modification: bool = Field(description="Whether the work may be changed")
    redistribution: bool = Field(description="Whether copies, changed ones too, may be passed on")
    conditions: tuple[Condition, ...] = Field(
        description="Everything it asks or limits, [] if nothing: field_of_use (uses, acceptable-use policy), users "
        "(number, kind, country), revenue, naming (name or mark to be shown), redistribution (its terms, notices to "
        "third parties), outputs (their use, competing models), access (granted one by one), revocable"
    )
    note: TextField | None = Field(None, description="Where in the text this stands")


class BaseModelRecord(FileModel):
    """A model that this one was made from."""

    name: _Short = Field(description="Its name and version")
    licence: _Expression = Field(
        description="Its licence: SPDX expression, own id, NONE (it has none) or NOASSERTION (not known)"
    )
    url: _Address = Field(description="Where it can be found (https)")
    own: bool = Field(
        False, description="Whether the applicant holds all rights in it, so that its licence binds others only"
    )
    source: TextField | None = Field(None, description="Where its licence, or the right in it, can be read")


class ComponentRecord(FileModel):
    """One component: whether it is released, under which licence, and where."""

    component: Component = Field(description="Which of the 17 components of the Model Openness Framework")
    state: State = Field(description="delivered (released), promised (a binding promise) or absent")
    licence: _Expression | None = Field(
        None,
        description="SPDX expression or own id; NONE where there is no licence, NOASSERTION where it is not known. "
        "Needed unless absent",
    )
    url: _Address | None = Field(None, description="Where it is (https). Needed where delivered")
    gated: bool | None = Field(
        None,
        description="Whether somebody decides who gets it, or terms beside the licence must be accepted first; absent: "
        "not stated, and taken for no",
    )
    date: datetime.date | None = Field(None, description="When it was released")
    by: datetime.date | None = Field(None, description="Promised: the day by which it will be released")
    commitment: TextField | None = Field(None, description="Promised: the document that binds the applicant")
    source: TextField | None = Field(None, description="Where this can be read, if not at the address")
    note: TextField | None = Field(None, description="What should be known about it")


class TransparencyRecord(FileModel):
    """An answer to one of the 14 dimensions of the European Open Source AI Index."""

    dimension: Dimension = Field(description="Which of the 14 dimensions")
    answer: Answer = Field(description="open (1), partial (0.5) or closed (0)")
    url: _Address | None = Field(None, description="Where this can be seen (https). Needed unless closed")
    note: TextField | None = Field(None, description="What should be known about it")


class OpennessDeclaration(FileModel):
    """openness.yaml: what of a model is released, promised or absent, and under which licences."""

    schema_: Literal[1] = Field(alias="schema", description="Version of this format")
    model: _Short = Field(description="The model")
    version: str = Field("", max_length=200, description="Its version")
    claimed: Annotated[int, Field(ge=0, le=6, strict=True)] | None = Field(
        None, description="The level the applicant claims, 0 to 6"
    )
    relation: Relation | None = Field(
        None,
        description="How it was made: from_scratch, or from which kind of work on base models. Needed unless only "
        "evidence is collected",
    )
    base_models: tuple[BaseModelRecord, ...] = Field(
        (), description="The models it was made from; needed unless from_scratch"
    )
    licences: tuple[LicenceRecord, ...] = Field((), description="Licences that have no SPDX id, by their conditions")
    components: tuple[ComponentRecord, ...] = Field(
        description="The components, each once; what is not listed is absent"
    )
    transparency: tuple[TransparencyRecord, ...] = Field(
        (), description="Answers to the 14 dimensions, where the components do not tell, or less than they suggest"
    )


# What is derived


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentLine:
    """One of the 17 components of the Model Openness Framework as declared, and how its licence is judged.

    ``counts`` says whether it counts as open for the level. ``by`` and ``commitment`` are the day and the document of
    a promise. ``notes`` are codes with a sentence in the catalogue.
    """

    component: str
    part: Literal["code", "data", "model", "documentation"]
    state: Literal["delivered", "promised", "absent"]
    licence: str = ""
    licence_kind: LicenceKind
    url: str = ""
    gated: bool | None = None
    counts: bool
    by: datetime.date | None = None
    commitment: Text | None = None
    notes: tuple[str, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelStep:
    """One level of the ladder: whether it is reached, and what is missing (component ids and codes)."""

    level: int
    met: bool
    missing: tuple[str, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT


@dataclass(frozen=True, slots=True, kw_only=True)
class OpennessDerivation:
    """The open-source level of one applicant on one criterion, and the whole way to it.

    ``level`` is what counts under the rule; ``delivered_level`` and ``promised_level`` are what follows from the
    released components alone and with binding promises. ``claimed`` is the level the applicant claims. ``mof_class``
    is III, II, I or empty. ``transparency`` is the sum of ``dimensions`` (name and 1, 0.5 or 0), from 0 to 14.
    ``base_limit`` is the highest level the base model's licence allows, None without a base model.
    ``own_licences`` are the applicant's records of licences that are on no list.
    """

    applicant: str
    criterion: str
    model: str
    counts: Delivery
    level: int
    delivered_level: int
    promised_level: int
    claimed: int | None = None
    components: tuple[ComponentLine, ...] = ()
    steps: tuple[LevelStep, ...] = ()
    mof_class: Literal["", "III", "II", "I"] = ""
    next_missing: tuple[str, ...] = ()
    osaid: bool
    osaid_missing: tuple[str, ...] = ()
    transparency: Figure
    dimensions: tuple[tuple[str, Figure], ...] = ()
    base_model: str = ""
    base_licence: str = ""
    base_limit: int | None = None
    own_licences: tuple[LicenceRecord, ...] = ()
    flags: tuple[str, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
