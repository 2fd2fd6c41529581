"""Where a definition lives: an explicit path, the user's folder, the installed package, the checkout."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from se_bench.errors import ConfigError, unknown_name

Folder = Literal["studies", "studies/settings", "search_spaces", "dashboards", "published"]

KINDS: dict[Folder, str] = {
    "studies": "study",
    "studies/settings": "setting",
    "search_spaces": "search space",
    "dashboards": "dashboard",
    "published": "published table",
}

CLAIMS = "claims"
"""The folder of studies that ask what the documents claim."""
_SUBFOLDERS: dict[Folder, tuple[str, ...]] = {"studies": (CLAIMS,)}
"""Folders whose definitions are named like those beside them."""

_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Found:
    """A definition's file and how it was found."""

    file: Path
    origin: Literal["path", "here", "shipped", "checkout", "database"]


@cache
def shipped_root() -> tuple[Path, Literal["shipped", "checkout"]]:
    """The folder that holds our own definitions: inside the wheel, else the checkout beside the package."""
    inside = _PACKAGE / "_shipped"
    if inside.is_dir():
        return inside, "shipped"
    checkout = _PACKAGE.parent
    ours = checkout / "pyproject.toml"
    if ours.is_file() and 'name = "se-bench"' in ours.read_text(encoding="utf-8"):
        return checkout, "checkout"
    raise ConfigError(
        "this installation has lost its studies, search spaces and dashboards",
        hint="reinstall se-bench",
    )


def find(folder: Folder, name: str) -> Found:
    """The file of the definition called ``name``, or at the path ``name``.

    Raises :class:`ConfigError` naming what there is, with the nearest spelling.
    """
    path = Path(name)
    if path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        try:
            if path.is_file():
                return Found(path, "path")
        except OSError as problem:
            raise ConfigError(f"cannot be read: {problem.strerror}", file=path) from None
        same_name = available(folder).get(path.stem)
        raise ConfigError(
            f"there is no file {name}",
            hint=f"a {KINDS[folder]} of this name is {same_name.file}; write just {path.stem}" if same_name else None,
            allowed=() if same_name else tuple(available(folder)),
        )
    known = available(folder)
    if name not in known:
        raise unknown_name(KINDS[folder], name, known)
    return known[name]


def available(folder: Folder) -> dict[str, Found]:
    """Every definition of a kind by name; the user's own folder comes before the shipped one."""
    root, origin = shipped_root()
    found = {file.stem: Found(file, origin) for file in _files(root / folder, folder)}
    here = Path(folder)
    if here.is_dir() and here.resolve() != (root / folder).resolve():
        found |= {file.stem: Found(file, "here") for file in _files(here, folder)}
    return dict(sorted(found.items()))


def documents_claims() -> dict[str, Found]:
    """The studies of what the documents claim, by name."""
    return {name: found for name, found in available("studies").items() if found.file.parent.name == CLAIMS}


def _files(place: Path, folder: Folder) -> list[Path]:
    """Those of the folder itself last, so that they come before others of the same name."""
    folders = [*(place / name for name in _SUBFOLDERS.get(folder, ())), place]
    return [file for each in folders for file in sorted(each.glob("*.yaml"))]
