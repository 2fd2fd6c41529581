"""What a backbone cannot be asked for: the key that is wrong and what it could be."""

import pytest

from se_bench.config.axes import Axes
from se_bench.config.setting import BackboneChoice
from se_bench.errors import OptionError, UnknownNameError
from se_bench.nets.build import resolve
from tests.nets.modules import architecture

WIDTHS = ("integers from 1 to 4096",)


def refused(axes=None, **options):
    with pytest.raises(OptionError) as caught:
        architecture(axes=axes, **options)
    return caught.value


def test_an_option_that_the_backbone_lacks():
    error = refused(shortcuts="B")
    assert (error.key, error.allowed, error.nearest) == ("shortcuts", ("width", "shortcut"), "shortcut")


@pytest.mark.parametrize(
    ("option", "value", "allowed"),
    [
        ("width", 0, WIDTHS),
        ("width", 4097, WIDTHS),
        ("width", "16", WIDTHS),
        ("width", True, WIDTHS),  # equal to 1
        ("width", 8.0, WIDTHS),  # equal to 8, but hashed as 8.0, and no layer takes it
        ("width", 16.0, WIDTHS),
        ("width", None, WIDTHS),
        ("shortcut", "C", ("A", "B")),
        ("shortcut", "a", ("A", "B")),
        ("shortcut", False, ("A", "B")),
    ],
)
def test_a_value_that_the_option_does_not_take(option, value, allowed):
    error = refused(**{option: value})
    assert (error.key, error.allowed) == (option, allowed)
    assert repr(value) in error.message


@pytest.mark.parametrize("width", [1, 4096])
def test_the_ends_of_a_range_are_within_it(width):
    assert architecture(width=width).options == {"width": width}


@pytest.mark.parametrize("stages", [(4,), (1, 4), (4, 2)])
def test_a_stage_that_the_backbone_lacks(stages):
    error = refused(Axes(stages=stages))
    assert (error.key, error.allowed) == ("stages", ("all", "1", "2", "3"))
    assert error.message == "cifar_resnet8 has no stage 4"


def test_an_integration_that_the_backbone_does_not_offer():
    """A definition admits only known integrations; a backbone may offer fewer."""
    error = refused(Axes().model_copy(update={"integration": "inner_3x3"}))
    assert (error.key, error.allowed) == ("integration", ("standard", "pre", "post", "identity"))


def test_a_backbone_that_is_not_registered():
    choice = BackboneChoice(name="cifar_resnet8").model_copy(update={"name": "cifar_resnet22"})
    with pytest.raises(UnknownNameError) as caught:
        resolve(choice, Axes(), (3, 16, 16), 10)
    assert caught.value.nearest in caught.value.allowed
    assert "cifar_resnet20" in caught.value.allowed
