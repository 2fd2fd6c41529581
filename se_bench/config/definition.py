"""What all definitions share: frozen, strict, documented field by field, and names checked with a hint."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from se_bench import registry
from se_bench.errors import nearest_name

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=80)]


class Definition(BaseModel):
    """Base of every definition: immutable, no unknown keys, no silent conversion of types."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
        validate_default=False,
    )

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, data: Any) -> Any:
        if isinstance(data, dict) and cls.model_config.get("extra") == "forbid":
            for key in data:
                if key not in cls.model_fields:
                    raise choice_error("unknown_key", "unknown key", str(key), cls.model_fields, key=str(key))
        return data

    @classmethod
    def read(cls, data: Any) -> Self:
        """Validate plain data as read from YAML (lists stand for tuples)."""
        return cls.model_validate(_frozen(data))


def _frozen(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _frozen(value) for key, value in data.items()}
    return tuple(_frozen(item) for item in data) if isinstance(data, list) else data


def choice_error(kind: str, message: str, value: str, allowed: Iterable[str], **context: Any) -> PydanticCustomError:
    """A validation error that carries what is allowed and the nearest spelling to the loader."""
    choices = tuple(str(choice) for choice in allowed)
    context |= {"allowed": choices, "nearest": nearest_name(value, choices)}
    return PydanticCustomError(kind, message, context)


def misplaced(key: str, message: str, hint: str) -> PydanticCustomError:
    """A validation error about ``key``, with the next step."""
    return PydanticCustomError("misplaced", "{said}", {"said": message, "key": key, "hint": hint, "allowed": ()})


def registered(kind: registry.Kind, *also: str) -> AfterValidator:
    """Accept only names of the registry (and those in ``also``)."""

    def check(name: str) -> str:
        allowed = (*also, *registry.names(kind))
        if name not in allowed:
            raise choice_error("unknown_name", f"no {kind} '{name}'", name, allowed)
        return name

    return AfterValidator(check)
