"""Text in Korean and English, and the base of every type that comes from a file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

Language = Literal["ko", "en"]
LANGUAGES: tuple[Language, ...] = ("ko", "en")
ID_PATTERN = r"^[a-z][a-z0-9_-]{0,63}$"
Id = Annotated[str, Field(pattern=ID_PATTERN)]
"""A rubric's own name for something: lower-case letters, digits, hyphen and underscore, at most 64."""

MAX_TEXT = 4000
_LongText = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]


class FileModel(BaseModel):
    """What comes from a file: immutable, and a key nobody knows is a problem."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(FileModel):
    """Words in one or both languages. Plain text in a file stands for both."""

    ko: _LongText | None = None
    en: _LongText | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Text:
        if self.ko is None and self.en is None:
            raise PydanticCustomError("text_empty", "text in at least one language")
        return self

    def in_(self, lang: Language) -> str:
        """The words in ``lang``, else in the other language."""
        first, second = (self.ko, self.en) if lang == "ko" else (self.en, self.ko)
        return first or second or ""


def _from_plain(value: Any) -> Any:  # noqa: ANN401 -- whatever a file holds
    return {"ko": value, "en": value} if isinstance(value, str) else value


TextField = Annotated[
    Text,
    BeforeValidator(_from_plain),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
                {
                    "type": "object",
                    "properties": {
                        "ko": {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
                        "en": {"type": "string", "minLength": 1, "maxLength": MAX_TEXT},
                    },
                    "additionalProperties": False,
                    "minProperties": 1,
                },
            ]
        }
    ),
]
"""A field that is plain text or ``{ko: ..., en: ...}``."""
