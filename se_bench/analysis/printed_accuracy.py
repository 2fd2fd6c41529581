"""Printed errors and accuracies beside this database's results for the same designs, in whatever setting.

Printed figures are mostly of one training, so what can be held against them is the direction in which a row moves
from the table's reference row, where it moves by more than two trainings do by chance. Ours is told from paired
seeds; p is two-sided and corrected by Holm over the rows of a table in one setting. A printed value is called the same
only where dataset, net and recipe are, and then only where it lies in the interval in which one more training would,
with 95 % probability: ``mean ± t(n - 1) · sd · sqrt(1 + 1 / n)``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from scipy import special

from se_bench.analysis.agreement import Agreement, Judged, direction
from se_bench.analysis.claims import ALPHA
from se_bench.analysis.estimates import CONFIDENCE, Difference, Estimate, difference, estimate
from se_bench.analysis.one_sided import FEWEST, holm
from se_bench.analysis.published import ACCURACIES, ERRORS, Figure, PrintedRow
from se_bench.analysis.settings import BACKBONE, Differs, MeasuredSetting
from se_bench.config.published import Spread

PERCENT = 100
Values = Mapping[int, float]
"""Seed -> accuracy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A row's design in one setting of the database."""

    setting: MeasuredSetting
    differs: tuple[Differs, ...]
    """What of the setting is not the paper's; empty where nothing is."""
    same_net: bool
    """Whether row and reference row build the same net here."""
    accuracy: Estimate
    """As a fraction, over the seeds of completed trials."""
    lost: int
    """Trials of the design, or of the reference row's, that are over without an accuracy."""
    difference: Difference | None
    """Accuracy minus that of the reference row's design, seed by seed; None for the reference itself."""
    p: float | None
    """Of there being no difference; corrected over the table's rows in this setting."""
    trial_ids: tuple[str, ...]
    reference_trial_ids: tuple[str, ...]
    judged: Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyCheck:
    """A printed error or accuracy beside everything that was measured of its design."""

    figure: Figure
    printed: float
    """As an accuracy, a fraction."""
    printed_change: float | None
    """Accuracy minus that of the reference row, a fraction; None for the reference itself, and across regimes."""
    measured: tuple[Measured, ...]
    """The nearest setting first."""
    judged: Judged
    """That of the nearest setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one setting of the database has of the table's designs."""

    setting: MeasuredSetting
    designs: Mapping[int, str]
    """Row -> architecture."""
    told: Set[int]
    """The rows that are told in this setting; others are only compared with."""
    values: Mapping[str, Values]
    """Architecture -> seed -> accuracy."""
    lost: Mapping[str, int]
    """Architecture -> trials that are over without an accuracy."""
    trial_ids: Mapping[str, tuple[str, ...]]
    differs: Mapping[int, tuple[Differs, ...]]
    """Row -> what is not the paper's."""


def accuracy_of(printed: PrintedRow) -> tuple[Figure, float] | None:
    """The top-1 figure of a row and the accuracy that it says; None where none is printed."""
    for metric in (*ERRORS, *ACCURACIES):
        if metric in printed.figures:
            figure = printed.figures[metric]
            share = figure.value / PERCENT
            return figure, 1 - share if metric in ERRORS else share
    return None


def chance_of(spread: Spread) -> float:
    """The difference of two single trainings of one net that 95 % stay below: ``z · sqrt(2) · sd``, a fraction."""
    return float(special.ndtri(0.5 + CONFIDENCE / 2)) * math.sqrt(2) * spread.points / PERCENT


def check_accuracies(
    rows: Sequence[PrintedRow], references: Sequence[int], settings: Sequence[Found], chance: float
) -> list[AccuracyCheck | None]:
    """For each row, its printed accuracy beside what each setting has; on the row's own net, where one is of it.

    ``references`` are the rows compared with; printed changes below ``chance``, a fraction, point nowhere.
    """
    measured: list[list[Measured]] = [[] for _ in rows]
    for found in settings:
        for place, each in _in_setting(rows, references, found, chance).items():
            measured[place].append(each)
    return [_check(rows, references, place, own) for place, own in enumerate(measured)]


def _check(
    rows: Sequence[PrintedRow], references: Sequence[int], place: int, measured: list[Measured]
) -> AccuracyCheck | None:
    printed = accuracy_of(rows[place])
    if printed is None:
        return None
    figure, accuracy = printed
    on_own_net = [each for each in measured if all(part.part != BACKBONE for part in each.differs)]
    nearest = sorted(
        on_own_net or measured, key=lambda each: (len(each.differs), -each.accuracy.n, each.setting.number)
    )
    judged = nearest[0].judged if nearest else Judged(Agreement.NOT_COMPARABLE, _why_nothing(rows[place]))
    return AccuracyCheck(
        figure=figure,
        printed=accuracy,
        printed_change=_printed_change(rows, references, place),
        measured=tuple(nearest),
        judged=judged,
    )


def _printed_change(rows: Sequence[PrintedRow], references: Sequence[int], place: int) -> float | None:
    """The printed accuracy minus the reference row's; None across training regimes, which are never subtracted."""
    own, base = accuracy_of(rows[place]), accuracy_of(rows[references[place]])
    if place == references[place] or rows[place].incomparable or own is None or base is None:
        return None
    return own[1] - base[1]


def _in_setting(
    rows: Sequence[PrintedRow], references: Sequence[int], found: Found, chance: float
) -> dict[int, Measured]:
    """Row -> what one setting has of its design, the p-values corrected together."""
    raw = {
        place: _raw(found, place, references[place])
        for place in found.designs
        if place in found.told and not rows[place].incomparable and accuracy_of(rows[place])
    }
    # Rows of one design (of several backbones, say) are one comparison.
    tested = {
        found.designs[place]: each.difference.p
        for place, each in raw.items()
        if each.difference and each.difference.p is not None
    }
    corrected = dict(zip(tested, holm(list(tested.values())), strict=True))
    judged = {}
    for place, each in raw.items():
        with_p = replace(each, p=corrected.get(found.designs[place]) if each.difference else None)
        change = _printed_change(rows, references, place)
        judged[place] = replace(with_p, judged=_judge(rows[place], change, with_p, chance))
    return judged


def _raw(found: Found, place: int, reference: int) -> Measured:
    """What a setting has of a row, not yet judged."""
    own, base = found.designs[place], found.designs.get(reference, "")
    values = found.values.get(own, {})
    is_reference = place == reference
    return Measured(
        setting=found.setting,
        differs=found.differs[place],
        same_net=own == base,
        accuracy=estimate(list(values.values())),
        lost=sum(found.lost.get(each, 0) for each in {own, base}),
        difference=None if is_reference else difference(values, found.values.get(base, {})),
        p=None,
        trial_ids=found.trial_ids.get(own, ()),
        reference_trial_ids=() if is_reference else found.trial_ids.get(base, ()),
        judged=Judged(Agreement.NOT_COMPARABLE),
    )


def _judge(printed: PrintedRow, change: float | None, own: Measured, chance: float) -> Judged:
    if own.lost:
        return Judged(Agreement.UNDECIDED, f"{own.lost} trials have no result, so that the others flatter their design")
    if not own.differs and _could_be_ours(printed, own.accuracy):
        return Judged(Agreement.SAME)
    if why := _without_direction(change, own, chance):
        return Judged(Agreement.NOT_COMPARABLE, why)
    assert change is not None
    assert own.difference is not None
    if own.p is None:
        return Judged(Agreement.UNDECIDED, f"{own.difference.n} of the {FEWEST} seeds that a test needs")
    if own.p > ALPHA or own.difference.mean is None:
        return Judged(Agreement.UNDECIDED, f"p = {own.p:.2g}")
    return direction(change, own.difference.mean)


def _without_direction(change: float | None, own: Measured, chance: float) -> str:
    """Why print and database have no direction to compare; empty where they have."""
    if change is None or own.difference is None:
        return "the reference row, in another setting" if own.differs else "the reference row: no training gives this"
    if abs(change) < chance:
        return f"two trainings may differ by {PERCENT * chance:.2f} points by chance"
    if own.same_net:
        return "builds the same net as the reference row here"
    return "" if own.difference.n else "the reference row's design has no trial of the same seed here"


def _could_be_ours(printed: PrintedRow, own: Estimate) -> bool:
    """Whether one more training would give the printed accuracy: it lies in the prediction interval of ``own``."""
    figure = accuracy_of(printed)
    if not own.spread or own.mean is None or figure is None:
        return False
    half = float(special.stdtrit(own.n - 1, 0.5 + CONFIDENCE / 2)) * own.spread * math.sqrt(1 + 1 / own.n)
    return abs(figure[1] - own.mean) <= half


def _why_nothing(printed: PrintedRow) -> str:
    if printed.incomparable:
        return printed.incomparable
    if printed.net.ours is None:
        return "we have no such net"
    return "we have no such block" if printed.row.axes is None else "no completed trial of this design in the database"
