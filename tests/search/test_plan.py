"""Which trials a study has: their number, order and identity, and the studies that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from se_bench.config.load import Study, load_study
from se_bench.data import datasets
from se_bench.errors import ConfigError
from se_bench.nets.architecture import content_id
from se_bench.records import is_baseline_of
from se_bench.search.plan import Plan, make_plan
from se_bench.training.numerics import NUMERICS_VERSION

FEW = ("dataset.train_images=256", "dataset.test_images=128")
NO_CLAIMS = "claims=[]"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return make_plan(load_study("reduction_ratio"))


def plan_with(*overrides: str, seeds: int = 1) -> Plan:
    return make_plan(load_study("reduction_ratio", overrides=[*FEW, *overrides], seeds=seeds))


def test_a_candidate_for_each_value_and_the_baseline_first(plan: Plan) -> None:
    labels = [candidate.label for candidate in plan.candidates]
    assert labels == ["baseline", *(f"reduction={r}" for r in (2, 4, 8, 16, 32))]
    assert [candidate.is_baseline for candidate in plan.candidates] == [True] + [False] * 5
    assert plan.candidates[0].axes == {"block": "none"}
    assert [candidate.axes["reduction"] for candidate in plan.candidates[1:]] == [2, 4, 8, 16, 32]


def test_thirty_trials_seed_by_seed(plan: Plan) -> None:
    nets = [candidate.architecture_id for candidate in plan.candidates]
    expected = [(seed, net) for seed in range(5) for net in nets]
    assert [(trial.seed, trial.architecture_id) for trial in plan.trials] == expected
    assert len({trial.trial_id for trial in plan.trials}) == 30


def test_an_epoch_sees_whole_batches(plan: Plan) -> None:
    assert plan.images_per_epoch == 4096
    assert plan_with("recipe.batch_size=60").images_per_epoch == 4 * 60  # 16 of 256 are left over


def test_identities_never_change(plan: Plan) -> None:
    """Another id for an old trial would train it again; an old id for another trial would answer falsely."""
    ids = {(trial.architecture_id, trial.seed): trial.trial_id for trial in plan.trials}
    nets = {candidate.label: candidate.architecture_id for candidate in plan.candidates}
    assert {trial.dataset_fingerprint for trial in plan.trials} == {"745495c59c492ecd024a9d903c2a9971"}
    assert nets["baseline"] == "d8a7a6db0a29451895f610d1843f0c86"
    assert nets["reduction=16"] == "c6a1ccd201659313208353bc3ca73dae"
    assert ids[nets["baseline"], 0] == "5a163d9a0d28a0db25a28f9542ebcb93"
    assert ids[nets["reduction=16"], 0] == "61f60b09d46f91044a0ed411c7ba41a4"
    assert ids[nets["reduction=2"], 4] == "7825256758fb6bcb8e0f446f3a1ffd90"


def test_an_identity_is_the_hash_of_what_determines_the_numbers(plan: Plan) -> None:
    trial = plan.trials[4]
    images = datasets.load("digits", {"size": 16})
    parts = {
        "architecture": plan.candidates[4].architecture,
        "dataset": images.fingerprint,
        "recipe": plan.study.setting.recipe.identity(),
        "seed": 0,
        "numerics": NUMERICS_VERSION,
    }
    assert trial.trial_id == content_id(parts)


@pytest.mark.parametrize(
    "override",
    [
        "recipe.epochs=9",
        "recipe.learning_rate=0.05",
        "dataset.train_images=320",
        "backbone.width=8",
        "seeds=[7]",
    ],
)
def test_whatever_changes_the_numbers_changes_every_identity(override: str) -> None:
    before, after = (make_plan(load_study("reduction_ratio", overrides=[*FEW, *more])) for more in ([], [override]))
    ids = {trial.trial_id for trial in before.trials}
    assert ids.isdisjoint(trial.trial_id for trial in after.trials)


@pytest.mark.parametrize("override", ["recipe.momentum=0.9", "backbone.shortcut=A", "dataset.size=16"])
def test_a_default_written_out_is_the_same_trial(override: str) -> None:
    assert [t.trial_id for t in plan_with(override).trials] == [t.trial_id for t in plan_with().trials]


def test_two_spellings_of_one_net_are_one_candidate() -> None:
    """A ResNet-8 has 16, 32 and 64 channels: beyond a reduction of 64 the hidden width is 1 everywhere."""
    plan = plan_with("plan.vary.reduction=[8, 64, 128, 256]", NO_CLAIMS, seeds=2)
    assert [candidate.label for candidate in plan.candidates] == ["baseline", "reduction=8", "reduction=64"]
    assert len(plan.trials) == 2 * 3


def test_the_same_net_of_another_study_is_the_same_trial() -> None:
    """All stages of a ResNet-8, by name or one by one."""
    by_name = plan_with()
    one_by_one = plan_with("plan.fixed.stages=[1, 2, 3]")
    assert [t.trial_id for t in by_name.trials] == [t.trial_id for t in one_by_one.trials]


def test_claims_are_resolved_to_the_nets_they_compare(plan: Plan) -> None:
    nets = {candidate.label: candidate.architecture_id for candidate in plan.candidates}
    assert [(each.claim.id, each.architectures) for each in plan.claims] == [
        ("flat_in_r", (nets["reduction=16"], nets["reduction=4"])),
        ("helps", (nets["reduction=16"], nets["baseline"])),
    ]


def test_a_claim_may_use_any_spelling_of_a_net() -> None:
    claim = "claims=[{id: same, says: narrow, candidate: {reduction: 256}, expect: worse}]"
    plan = plan_with("plan.vary.reduction=[8, 64, 256]", claim)
    assert plan.claims[0].architectures == (plan.candidates[2].architecture_id, plan.candidates[0].architecture_id)


def test_a_grid_is_every_combination_and_one_factor_one_axis_at_a_time() -> None:
    vary = "plan.vary={reduction: [4, 8], gate: [sigmoid, softmax]}"
    grid = plan_with(vary, NO_CLAIMS)
    assert [candidate.label for candidate in grid.candidates[1:]] == [
        f"reduction={r} gate={gate}" for r in (4, 8) for gate in ("sigmoid", "softmax")
    ]
    factors = plan_with(vary, NO_CLAIMS, "plan.kind=one_factor")
    assert [candidate.label for candidate in factors.candidates[1:]] == [
        "defaults", "reduction=4", "reduction=8", "gate=softmax",
    ]  # fmt: skip


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


STUDY = """\
name: {name}
question: Is anything compared here?
space: {space}
setting: digits
plan:
  kind: grid
  vary: {{reduction: [4, 8]}}
claims:
  - id: first
    says: something
    candidate: {candidate}
    expect: better
"""


def refused(study: Path, *overrides: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        make_plan(load_study(str(study), overrides=[*FEW, *overrides]))
    return caught.value


def test_a_study_in_which_nothing_is_compared_is_refused(tmp_path: Path) -> None:
    space = write(
        tmp_path,
        "wide",
        "name: wide\nbaseline: {block: se, reduction: 64}\naxes:\n  reduction: {range: [1, 256]}\n",
    )
    study = write(tmp_path, "same", STUDY.format(name="same", space=space, candidate="baseline"))
    problem = refused(study, "plan.vary.reduction=[128, 256]", NO_CLAIMS)
    assert (str(problem.file), problem.key) == (str(study), "plan.vary")
    assert problem.line == 7
    assert "the same net as the baseline" in problem.message


@pytest.mark.parametrize(
    ("candidate", "said"),
    [("{reduction: 16}", "no candidate with reduction=16"), ("{gate: softmax}", "no candidate with gate=softmax")],
)
def test_a_claim_about_a_candidate_that_is_not_there_is_refused(tmp_path: Path, candidate: str, said: str) -> None:
    study = write(tmp_path, "missing", STUDY.format(name="missing", space="se_block", candidate=candidate))
    problem = refused(study)
    assert (str(problem.file), problem.line) == (str(study), 11)
    assert said in problem.message
    assert problem.hint


def test_a_claim_about_several_candidates_is_refused(tmp_path: Path) -> None:
    study = write(tmp_path, "several", STUDY.format(name="several", space="se_block", candidate="{gate: sigmoid}"))
    problem = refused(study)
    assert problem.line == 11
    assert "2 candidates with gate=sigmoid" in problem.message


def test_a_batch_larger_than_the_dataset_is_refused(tmp_path: Path) -> None:
    study = write(tmp_path, "large", STUDY.format(name="large", space="se_block", candidate="{reduction: 8}"))
    problem = refused(study, "recipe.batch_size=257")
    assert problem.key == "recipe.batch_size"
    assert "257" in problem.message
    assert "256 training images" in problem.message


@pytest.mark.parametrize(
    ("override", "key", "nearest"),
    [
        ("dataset.trian_images=300", "dataset.trian_images", "train_images"),
        ("backbone.widht=8", "backbone.widht", "width"),
    ],
)
def test_an_option_that_nothing_takes_is_refused(override: str, key: str, nearest: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_plan(load_study("reduction_ratio", overrides=[override]))
    assert caught.value.key == key
    assert caught.value.nearest == nearest


def test_a_value_that_the_backbone_lacks_is_refused_where_the_study_says_it(tmp_path: Path) -> None:
    space = write(tmp_path, "deep", "name: deep\naxes:\n  stages: {values: [[3], [4]]}\n")
    study = write(tmp_path, "stages", STUDY.format(name="stages", space=space, candidate="baseline"))
    study.write_text(study.read_text().replace("reduction: [4, 8]", "stages: [[3], [4]]"))
    problem = refused(study)
    assert (str(problem.file), problem.line, problem.key) == (str(study), 7, "plan.vary.stages")
    assert problem.message == "cifar_resnet8 has no stage 4"
    assert problem.allowed == ("all", "1", "2", "3")


def test_a_default_that_the_backbone_does_not_take_is_placed_in_the_study(tmp_path: Path) -> None:
    """Four groups, the default, do not divide 6 channels: that is to be set in the plan, not in the setting."""
    study = write(tmp_path, "groups", STUDY.format(name="groups", space="excitation", candidate="baseline"))
    problem = refused(study, "plan.vary={excite: [full, grouped_full]}", "backbone.width=6", NO_CLAIMS)
    assert problem.key == "plan.fixed.groups"
    assert problem.allowed == ("1", "2", "3", "6")


def test_stages_may_be_named_where_the_space_numbers_them() -> None:
    claims = "claims=[{id: c, says: s, candidate: {stages: [1]}, against: {stages: [stage2]}, expect: better}]"
    named = make_plan(load_study("stages", overrides=[*FEW, "plan.vary={stages: [[stage1], [2]]}", claims], seeds=1))
    numbered = make_plan(load_study("stages", overrides=[*FEW, "plan.vary={stages: [[1], [2]]}", NO_CLAIMS], seeds=1))
    assert named.trials == numbered.trials
    assert named.claims[0].architectures == tuple(candidate.architecture_id for candidate in numbered.candidates[1:])


def written(folder: Path, *, space: str, plan: str, claims: str = "[]") -> Study:
    text = f"name: mine\nquestion: Which?\nspace: {space}\nsetting: digits\nplan: {plan}\nclaims: {claims}\n"
    return load_study(str(write(folder, "mine", text)), overrides=FEW)


@pytest.mark.parametrize("kind", ["grid", "one_factor"])
def test_each_net_that_is_varied_has_a_baseline_of_its_own(tmp_path: Path, kind: str) -> None:
    study = written(
        tmp_path,
        space="full",
        plan=f"{{kind: {kind}, vary: {{shortcut: [A, B], gate: [sigmoid, tanh]}}, fixed: {{width: 8}}}}",
        claims="[{id: b, says: b, candidate: {shortcut: B, gate: sigmoid}, expect: better}]",
    )
    plan = make_plan(study)
    baselines = [each for each in plan.candidates if each.is_baseline]
    assert [each.label for each in baselines][:2] == ["baseline shortcut=A", "baseline shortcut=B"] or kind != "grid"
    assert all(each.architecture["options"]["width"] == 8 for each in plan.candidates)
    for each in plan.candidates:
        assert sum(is_baseline_of(baseline, each) for baseline in baselines) == 1
    sides = plan.claims[0].architectures
    candidate, against = (next(c for c in plan.candidates if c.architecture_id == side) for side in sides)
    assert candidate.architecture["options"] == against.architecture["options"] == {"shortcut": "B", "width": 8}
    assert against.is_baseline


def test_a_plan_over_blocks_has_one_baseline_of_the_plain_name(tmp_path: Path) -> None:
    plan = make_plan(written(tmp_path, space="attention_zoo", plan="{vary: {block: [se, simam]}}"))
    assert [each.label for each in plan.candidates] == ["baseline", "block=se", "block=simam"]
