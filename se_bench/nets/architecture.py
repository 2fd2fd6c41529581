"""What is built, as plain data: the thing whose hash is a candidate's identity.

Two spellings of one net (an axis without effect, a reduction beyond the channels, a block in no stage)
resolve to equal data, because the data holds only what the builder reads.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """A backbone with its options and the block at each place that has one."""

    backbone: str
    """A registered name."""
    options: Mapping[str, Any]
    """The backbone's options that are not at their default. So a backbone can gain an option without changing
    what its nets are called; its defaults are a contract."""
    input_shape: tuple[int, int, int]
    """(C, H, W) of one image."""
    classes: int
    sites: Mapping[str, Mapping[str, Any]]
    """Unit name -> ``{"integration", "block", "channels", **options of the block}``; no entry, no block."""

    def as_data(self) -> dict[str, Any]:
        """Plain data, from which :meth:`from_data` makes an equal value."""
        return {
            "backbone": self.backbone,
            "options": dict(self.options),
            "input_shape": list(self.input_shape),
            "classes": self.classes,
            "sites": {unit: dict(site) for unit, site in self.sites.items()},
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Architecture:
        """The inverse of :meth:`as_data`."""
        channels, height, width = data["input_shape"]
        return cls(
            backbone=data["backbone"],
            options=data["options"],
            input_shape=(channels, height, width),
            classes=data["classes"],
            sites=data["sites"],
        )

    @property
    def architecture_id(self) -> str:
        """Hash of the data."""
        return content_id(self.as_data())


def content_id(data: Mapping[str, Any]) -> str:
    """128 bits of BLAKE2b over canonical JSON, as 32 hexadecimal digits."""
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
