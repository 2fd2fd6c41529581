"""A small calibration of the whole machinery; `make calibrate` is the large one (docs/statistics.md)."""

from __future__ import annotations

from pathlib import Path

import pytest
from scipy import stats

from benchmarks.calibrate import (
    Row,
    by_t,
    covered,
    effect_world,
    false_verdicts,
    found_effects,
    write,
)
from benchmarks.simulated import AT_THE_LIMIT, LIMIT_MEANS, MIXED, MIXED_MEANS, NO_EFFECT, SPREAD, UNEQUAL, World, claim
from se_bench.analysis.power import equivalence_power, power

STUDIES = 400


def at_most(share: float, row: Row) -> bool:
    """Whether so many of so few studies are no evidence of a higher share."""
    return bool(
        stats.binomtest(round(row.found * row.studies), row.studies, share, alternative="greater").pvalue > 0.001
    )


@pytest.mark.parametrize(
    ("world", "claims"),
    [
        (World(seeds=(3, 3)), NO_EFFECT),
        (World(seeds=(5, 5)), NO_EFFECT),
        (World(seeds=(5, 5), spreads=UNEQUAL), NO_EFFECT),
        (World(seeds=(5, 5), means=LIMIT_MEANS), AT_THE_LIMIT),
        (World(seeds=(5, 5), means=MIXED_MEANS), MIXED),
    ],
    ids=["3 seeds", "5 seeds", "unequal variances", "at the limit", "mixed"],
)
def test_at_most_5_of_100_studies_get_a_false_verdict(world: World, claims) -> None:
    row = false_verdicts("", world, claims, STUDIES)
    assert at_most(0.05, row)
    assert row.found > 0  # it can happen, so the bound is one that can be broken


@pytest.mark.parametrize("spreads", [(SPREAD,) * 5, UNEQUAL], ids=["equal", "unequal"])
def test_so_do_studies_that_add_seeds(spreads: tuple[float, ...]) -> None:
    assert at_most(0.05, false_verdicts("", World(seeds=(3, 8), spreads=spreads), NO_EFFECT, 150))


@pytest.mark.parametrize("n", [4, 8])
def test_true_effects_are_found_as_often_as_theory_says(n: int) -> None:
    theory = power(1.5, n, 0.025)
    row = found_effects("", effect_world(1.5, (n, n)), (claim("better"), ("a", "baseline")), theory, STUDIES)
    assert row.holds


def test_equivalence_is_found_as_often_as_theory_says() -> None:
    world = effect_world(0.0, (8, 8))
    deviation = effect_world(1.0, (8, 8)).means[1]
    asked = (claim("equivalent", 1.2 * deviation), ("a", "baseline"))
    assert found_effects("", world, asked, equivalence_power(1.2, 8, 0.05), STUDIES).holds


def test_intervals_cover_the_truth() -> None:
    assert covered("", effect_world(1.0, (5, 5)), by_t, STUDIES).holds


def test_a_row_that_is_off_does_not_hold() -> None:
    assert not Row("", 10_000, 0.06, 0.0, 0.05).holds
    assert Row("", 10_000, 0.051, 0.0, 0.05).holds
    assert not Row("", 10_000, 0.75, 0.77, 0.83).holds


def test_the_table_goes_between_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A\n\n<!-- calibration: written by make calibrate -->\nold\n<!-- end of calibration -->\nrest\n")
    write(page, "new")
    assert "old" not in page.read_text()
    assert page.read_text().count("new") == 1
    assert page.read_text().endswith("<!-- end of calibration -->\nrest\n")
    page.write_text("no marks")
    with pytest.raises(SystemExit):
        write(page, "new")
