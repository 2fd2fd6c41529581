"""What has changed in a study since it was last run."""

from se_bench.config.difference import differences


def test_each_key_that_differs_has_a_line():
    before = {"study": {"seeds": 3, "plan": {"kind": "grid", "vary": {"reduction": [2, 4]}}, "question": "?"}}
    after = {"study": {"seeds": 5, "plan": {"kind": "grid", "vary": {"reduction": [2, 4, 8]}}, "budget": {"trials": 9}}}
    assert differences(before, after) == (
        "study.seeds: 3 -> 5",
        "study.plan.vary.reduction: [2, 4] -> [2, 4, 8]",
        "study.budget.trials: 9 (new)",
        "study.question: ? (gone)",
    )


def test_claims_compare_by_their_ids():
    before = {"claims": [{"id": "a", "margin": 0.0}, {"id": "b", "margin": 0.1}]}
    after = {"claims": [{"id": "b", "margin": 0.2}, {"id": "a", "margin": 0.0}]}
    assert differences(before, after) == ("claims.b.margin: 0.1 -> 0.2",)


def test_equal_definitions_differ_in_nothing():
    definition = {"study": {"seeds": 5, "vary": {"a": (1, 2)}}}
    assert differences(definition, {"study": {"seeds": 5, "vary": {"a": [1, 2]}}}) == ()
