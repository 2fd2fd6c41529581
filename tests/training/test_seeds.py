"""Named random streams. The numbers are a contract: every trial on record was trained with them."""

import hashlib

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from se_bench.training.seeds import generator, stream_seed

names = st.lists(st.one_of(st.integers(0, 10**6), st.from_regex(r"[a-z0-9._]{1,20}", fullmatch=True)), max_size=3)


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ((0, "init", "stem.conv.weight"), 8359216987861808479),
        ((0, "order", 1), 2961819992523135983),
        ((0, "augment", 1), 5470849697291586714),
        ((0, "layers", 1), 669725909698134630),
        ((1, "order", 1), 5848305310730004923),
        ((2**31, "order", 300), 2493478854442006481),
        ((0,), 4761921975702974394),
    ],
)
def test_stream_seeds_never_change(stream, expected):
    assert stream_seed(*stream) == expected


def test_the_numbers_of_a_stream_never_change():
    order = generator(0, "order", 1)
    assert torch.randperm(10, generator=order).tolist() == [5, 0, 1, 4, 8, 9, 2, 3, 7, 6]
    assert torch.randint(0, 1000, (5,), generator=order).tolist() == [102, 971, 359, 389, 628]
    values = generator(0, "init", "stem.conv.weight")
    drawn = torch.empty(16).normal_(generator=values)[:3].tolist()
    assert drawn == pytest.approx([-0.98187292, -1.67007315, 0.00706522], abs=1e-6)  # logarithms round differently


@given(st.integers(0, 2**63), names)
def test_a_stream_seed_is_63_bits_of_the_hash_of_its_name(seed, names):
    text = "/".join(map(str, (seed, *names))).encode()
    digest = hashlib.blake2b(text, digest_size=8).hexdigest()
    assert stream_seed(seed, *names) == int(digest, 16) // 2 < 2**63


@given(st.integers(0, 10**6), names, st.integers(0, 10**6), names)
def test_streams_of_other_names_or_seeds_are_other_streams(seed, names, other_seed, other_names):
    same = (seed, *map(str, names)) == (other_seed, *map(str, other_names))
    assert (stream_seed(seed, *names) == stream_seed(other_seed, *other_names)) == same


def test_generators_are_fresh_and_apart():
    first = generator(3, "order", 1)
    torch.rand(5, generator=first)
    again, other = generator(3, "order", 1), generator(3, "augment", 1)
    start = torch.rand(5, generator=again)
    assert torch.equal(start, torch.rand(5, generator=generator(3, "order", 1)))
    assert not torch.equal(start, torch.rand(5, generator=first))
    assert not torch.equal(start, torch.rand(5, generator=other))
    assert first.device.type == "cpu"
