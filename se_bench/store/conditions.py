"""A filter as SQL: the query that gives the same trials to anyone who asks the database itself.

Conditions on axes are decided on the candidates, which are fewer than trials and whose axes are JSON, and reach
the query as places in the plan. Each comparison is true or false, never NULL, as a filter's are.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Dialect,
    Double,
    Select,
    String,
    and_,
    cast,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    type_coerce,
)

from se_bench.config.filters import Comparison, Filter, Joined, Kind, Node, Not, lowered
from se_bench.store.column import Mask
from se_bench.store.frame import COSTS, TRIAL_COLUMNS, Frame, mask_of
from se_bench.store.tables import ArchitectureRow, CandidateRow, StudyTrialRow, TrialRow

_UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def trials_query(frame: Frame, filter_: Filter, dialect: Dialect, among: Mask | None = None) -> Select[Any]:
    """The trials of the frame's study that the filter lets through, in the order of the plan, with their costs.

    ``among`` chooses candidates besides. Raises :class:`FilterError`.
    """
    columns = [getattr(TrialRow, name) for name in TRIAL_COLUMNS]
    costs = [getattr(ArchitectureRow, name) for name in COSTS]
    query = (
        select(CandidateRow.label.label("candidate"), CandidateRow.axes, *columns, *costs)
        .join(StudyTrialRow, StudyTrialRow.trial_id == TrialRow.trial_id)
        .join(
            CandidateRow,
            and_(CandidateRow.study == StudyTrialRow.study, CandidateRow.architecture_id == TrialRow.architecture_id),
        )
        .join(ArchitectureRow, ArchitectureRow.architecture_id == TrialRow.architecture_id)
        .where(StudyTrialRow.study == frame.study)
        .order_by(StudyTrialRow.position)
    )
    if among is not None:
        query = query.where(_in_plan(frame, among))
    root = frame.bound(filter_).root
    return query if root is None else query.where(_condition(root, frame, dialect))


def _condition(node: Node, frame: Frame, dialect: Dialect) -> ColumnElement[bool]:
    if Filter(node).columns <= frame.candidates.keys():
        return _among(frame, Filter(node))
    if isinstance(node, Not):
        return not_(_condition(node.part, frame, dialect))
    if isinstance(node, Joined):
        parts = [_condition(part, frame, dialect) for part in node.parts]
        return and_(*parts) if node.word == "and" else or_(*parts)
    return _comparison(node, frame.kinds[node.column], dialect)


def _among(frame: Frame, filter_: Filter) -> ColumnElement[bool]:
    """Whether a trial's candidate passes."""
    mask = mask_of(filter_, lambda each: frame.candidates[each.column].mask(each))
    assert mask is not None
    return _in_plan(frame, mask)


def _in_plan(frame: Frame, mask: Mask) -> ColumnElement[bool]:
    if mask.all():
        return true()
    if mask.sum() * 2 > len(mask):
        return CandidateRow.position.not_in(frame.positions[~mask].tolist())
    return CandidateRow.position.in_(frame.positions[mask].tolist())


def _comparison(found: Comparison, kind: Kind, dialect: Dialect) -> ColumnElement[bool]:
    own: ColumnElement[Any] = getattr(TrialRow, found.column).expression
    if found.column == "status":
        own = type_coerce(own, String)
    known: ColumnElement[bool] = own.is_not(None)
    if isinstance(own.type, Double) and dialect.name == "postgresql":  # SQLite keeps NaN as NULL
        known = and_(known, own != cast(literal("NaN"), Double))
    if found.relation == "missing":
        return not_(known)
    return and_(known, _relation(own, found, kind, dialect))


def _relation(own: ColumnElement[Any], found: Comparison, kind: Kind, dialect: Dialect) -> ColumnElement[bool]:
    words = [each for each in found.literals if isinstance(each, str)]
    if found.relation == "~":
        return _contains(own, str(found.literals[0]), dialect)
    literals: list[Any] = list(found.literals) if kind not in (Kind.CATEGORY, Kind.TEXT) else list(words)
    match found.relation:
        case "=" | "in":
            return own.in_(literals) if literals else false()
        case "!=":
            return own.not_in(literals) if literals else true()
    if not literals or (kind in (Kind.CATEGORY, Kind.TEXT)):
        return false()  # no order between words and numbers
    return {
        "<": own.__lt__, "<=": own.__le__, ">": own.__gt__, ">=": own.__ge__
    }[found.relation](literals[0])  # fmt: skip


def _contains(own: ColumnElement[Any], wanted: str, dialect: Dialect) -> ColumnElement[bool]:
    if dialect.name == "postgresql":
        return func.strpos(func.translate(own, _UPPER, _UPPER.lower()), lowered(wanted)) > 0
    return func.instr(func.lower(own), lowered(wanted)) > 0
