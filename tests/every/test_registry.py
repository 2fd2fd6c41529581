"""The directory of the house is true: each name leads to an object of its kind, each file has a name."""

import typing
from pathlib import Path

import pytest

import se_bench.nets.backbones
import se_bench.nets.blocks
from se_bench import registry
from se_bench.errors import UnknownNameError
from se_bench.nets.blocks.base import Block, Part

KINDS = typing.get_args(registry.Kind)
ENTRIES = [(kind, name) for kind in KINDS for name in registry.names(kind)]
FOLDERS = [
    (se_bench.nets.blocks, {"base", "formulas", "widths", "plainest"}),
    (se_bench.nets.backbones, {"places", "residual", "branches", "family", "staged"}),
]


@pytest.mark.parametrize(("kind", "name"), ENTRIES)
def test_every_entry_leads_to_an_object_of_its_kind(kind, name):
    found = registry.load(kind, name)
    if kind == "block":
        assert issubclass(found, Block)
    elif kind in ("squeeze", "excite", "gate"):
        assert issubclass(found, Part)
        assert not issubclass(found, Block)
    elif kind == "backbone":
        assert set(found.defaults) == set(found.allowed)
        assert callable(found.places)
        assert callable(found.build)
    elif kind == "dataset":
        assert callable(found)
    else:
        assert found is not None


@pytest.mark.parametrize(("folder", "shared"), FOLDERS)
def test_every_file_is_named_by_an_entry(folder, shared):
    here = Path(folder.__file__).parent
    files = {f"{folder.__name__}.{path.stem}" for path in here.glob("*.py")}
    named = {entry.partition(":")[0] for kind in KINDS for entry in registry.entries(kind).values()}
    expected = files - {f"{folder.__name__}.{stem}" for stem in {"__init__"} | shared}
    assert expected
    assert expected - named == set()


@pytest.mark.parametrize(("kind", "name"), ENTRIES)
def test_a_misspelt_entry_is_refused_with_the_nearest(kind, name):
    with pytest.raises(UnknownNameError) as refused:
        registry.load(kind, f"{name}x")
    assert refused.value.nearest in registry.names(kind)
    assert set(refused.value.allowed) == set(registry.names(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_names_lead_to_the_same_object(kind):
    """An alias would be a second identity of the same net or dataset."""
    entries = registry.entries(kind)
    assert len(set(entries.values())) == len(entries) > 0
