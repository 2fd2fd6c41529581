"""A wrong definition is refused with file, line, key, what is allowed and the nearest spelling."""

from __future__ import annotations

from pathlib import Path

import pytest

from se_bench.config.load import axes_from_pairs, load_dashboard, load_space, load_study
from se_bench.errors import ConfigError, UnknownNameError

GOOD = """\
name: mine
question: Does it help?
space: se_block
setting: digits
plan:
  kind: grid
  vary: {reduction: [4, 16]}
seeds: 2
claims:
  - id: helps
    says: r=4 helps
    candidate: {reduction: 4}
    expect: better
"""


def load(folder: Path, text: str, **options: object):
    file = folder / "mine.yaml"
    file.write_text(text)
    return load_study(str(file), **options)  # type: ignore[arg-type]


def refusal(folder: Path, old: str, new: str) -> ConfigError:
    assert old in GOOD
    with pytest.raises(ConfigError) as caught:
        load(folder, GOOD.replace(old, new))
    return caught.value


def test_the_good_study_is_read(tmp_path: Path) -> None:
    study = load(tmp_path, GOOD)
    assert study.seeds == (0, 1)
    assert study.plan.vary == {"reduction": (4, 16)}
    assert study.setting.name == "digits"
    assert study.claims[0].against == "baseline"


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "says"),
    [
        ("seeds: 2", "sedes: 2", 8, "sedes", "did you mean: seeds"),
        ("kind: grid", "kind: gird", 6, "plan.kind", "did you mean: grid"),
        ("kind: grid", "kind: 3", 6, "plan.kind", "allowed: grid, one_factor"),
        ("{reduction: [4, 16]}", "{reductoin: [4, 16]}", 7, "plan.vary.reductoin.0", "did you mean: reduction"),
        ("{reduction: [4, 16]}", "{reduction: [4, 0]}", 7, "plan.vary.reduction.1", "integers from 1 to 256"),
        ("{reduction: [4, 16]}", "{reduction: [4, true]}", 7, "plan.vary.reduction.1", "integers from 1"),
        ("{reduction: [4, 16]}", "{reduction: []}", 7, "plan.vary.reduction", "at least 1 item"),
        ("{reduction: [4, 16]}", "{reduction: [4, 4]}", 5, "plan", "has a value twice"),
        ("{reduction: [4, 16]}", "{}", 7, "plan.vary", "at least 1"),
        ("{reduction: [4, 16]}", "{gate: [sigmod]}", 7, "plan.vary.gate.0", "did you mean: sigmoid"),
        ("setting: digits", "setting: digit", 4, "setting", "did you mean: digits"),
        ("space: se_block", "space: se_blok", 3, "space", "did you mean: se_block"),
        ("space: se_block", "space: [1]", 3, "space", "valid string"),
        ("seeds: 2", "seeds: two", 8, "seeds", "integer"),
        ("seeds: 2", "seeds: 0", 8, "seeds", "greater than or equal to 1"),
        ("seeds: 2", "seeds: [1, 1]", 8, "seeds", "each seed once"),
        ("expect: better", "expect: beter", 13, "claims.0.expect", "did you mean: better"),
        ("expect: better", "expect: equivalent", 10, "claims.0", "needs a margin"),
        ("candidate: {reduction: 4}", "candidate: base", 12, "claims.0.candidate", "baseline"),
        ("candidate: {reduction: 4}", "candidate: {reduction: 999}", 12, "claims.0.candidate.reduction", "256"),
        ("question: Does it help?\n", "", 1, "question", "missing"),
    ],
)
def test_each_mistake_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, key: str, says: str
) -> None:
    problem = refusal(tmp_path, old, new)
    assert problem.file == tmp_path / "mine.yaml"
    assert problem.line == line
    assert problem.key == key
    assert says in str(problem)


CLAIM = "    candidate: {reduction: 4}\n    expect: better\n"


@pytest.mark.parametrize(
    ("lines", "key", "says"),
    [
        ("expect: better", "candidate", "this key is missing"),
        ("candidate: {reduction: 4}\nexpect: increasing", "expect", "needs `along`"),
        ("along: {reduction: [4, 8, 16]}\nexpect: better", "expect", "allowed: increasing, decreasing"),
        ("along: {reduction: [4, 8]}\nexpect: increasing", "along.reduction", "at least 3 items"),
        ("along: {reduction: [4, 8, 8]}\nexpect: increasing", "along.reduction", "has a value twice"),
        ("along: {reductoin: [4, 8, 16]}\nexpect: increasing", "along.reductoin.0", "did you mean: reduction"),
        ("along: {reduction: [4, 8, 0]}\nexpect: increasing", "along.reduction.2", "integers from 1 to 256"),
        (
            "along: {reduction: [4, 8, 16], groups: [2, 4, 8]}\nexpect: increasing",
            "along",
            "`along` names one axis",
        ),
        (
            "candidate: {reduction: 4}\nalong: {reduction: [4, 8, 16]}\nexpect: increasing",
            "candidate",
            "both in `along` and in `candidate`",
        ),
        ("candidate: baseline\nalong: {reduction: [4, 8, 16]}\nexpect: increasing", "candidate", "not the baseline"),
        (
            "along: {reduction: [4, 8, 16]}\nagainst: baseline\nexpect: increasing",
            "against",
            "does not go with `along`",
        ),
        ("candidate: {reduction: 4}\nthan: {against: baseline}\nexpect: better", "than.candidate", "missing"),
        ("candidate: {reduction: 4}\nthan: {candidat: baseline}\nexpect: better", "than.candidat", "candidate"),
        ("candidate: {reduction: 4}\nthan: {candidate: base}\nexpect: better", "than.candidate", "baseline"),
        (
            "candidate: {reduction: 4}\nthan: {candidate: {reduction: 999}}\nexpect: better",
            "than.candidate.reduction",
            "256",
        ),
        ("candidate: {reduction: 4}\nmetric: acuracy\nexpect: better", "metric", "did you mean: accuracy"),
        ("candidate: {reduction: 4}\nmetric: epochs\nexpect: better", "metric", "did you mean: epochs_to"),
        ("candidate: {reduction: 4}\nmetric: epochs_to\nexpect: better", "metric", "`level` goes with"),
        ("candidate: {reduction: 4}\nlevel: 0.8\nexpect: better", "level", "`level` goes with"),
        ("candidate: {reduction: 4}\nmetric: seconds_to\nlevel: 80\nexpect: better", "level", "less than or equal"),
        ("candidate: {reduction: 4}\nmetric: gradient_norm\nexpect: lower", "metric", "`stage` goes with"),
        ("candidate: {reduction: 4}\nstage: 1\nexpect: lower", "stage", "`stage` goes with"),
        (
            "candidate: {reduction: 4}\nmetric: gradient_norm\nstage: 1\nexpect: better",
            "expect",
            "allowed: higher, lower, equivalent",
        ),
        ("candidate: {reduction: 4}\nexpect: lowr", "expect", "did you mean: lower"),
        ("candidate: {reduction: 4}\nexpect: lower\nmargins: 1", "margins", "did you mean: margin"),
    ],
)
def test_each_mistake_in_a_claim_is_named_with_its_line(tmp_path: Path, lines: str, key: str, says: str) -> None:
    problem = refusal(tmp_path, CLAIM, "".join(f"    {line}\n" for line in lines.split("\n")))
    assert problem.file == tmp_path / "mine.yaml"
    assert problem.key == f"claims.0.{key}"
    written = [line.strip().partition(":")[0] for line in lines.split("\n")]
    first = key.split(".", maxsplit=1)[0]
    assert problem.line == (12 + written.index(first) if first in written else 10)
    assert says in str(problem)


@pytest.mark.parametrize(
    "lines",
    [
        "along: {reduction: [4, 8, 16]}\nexpect: decreasing\nmargin: 0.01",
        "candidate: {gate: tanh}\nalong: {reduction: [4, 8, 16]}\nexpect: increasing",
        "candidate: {reduction: 4}\nthan: {candidate: {reduction: 16}}\nexpect: better",
        "candidate: {reduction: 4}\nmetric: epochs_to\nlevel: 0.8\nexpect: better",
        "candidate: {reduction: 4}\nmetric: gradient_norm\nstage: 1\nexpect: lower",
        "candidate: {reduction: 4}\nmetric: block_params\nexpect: equivalent",
        "candidate: {reduction: 4}\nmetric: aulc\nexpect: higher",
    ],
)
def test_what_a_claim_may_say(tmp_path: Path, lines: str) -> None:
    text = GOOD.replace(CLAIM, "".join(f"    {line}\n" for line in lines.split("\n")))
    (claim,) = load(tmp_path, text).claims
    assert claim.says == "r=4 helps"


@pytest.mark.parametrize(
    ("seeds", "key", "says"),
    [
        ("{min: 3, max: two}", "seeds.max", "integer"),
        ("{min: 3, mxa: 9}", "seeds.mxa", "did you mean: max"),
        ("{min: 3}", "seeds.max", "missing"),
        ("{min: 2, max: 9}", "seeds.min", "greater than or equal to 3"),
        ("{min: 9, max: 9}", "seeds", "`min` must be below `max`"),
        ("{min: 3, max: 1000}", "seeds.max", "less than or equal to 100"),
        ("[0, -1]", "seeds.1", "greater than or equal to 0"),
        ("[]", "seeds", "at least one"),
    ],
)
def test_a_mistake_in_the_seeds_is_explained_in_the_terms_in_which_they_are_written(
    tmp_path: Path, seeds: str, key: str, says: str
) -> None:
    problem = refusal(tmp_path, "seeds: 2", f"seeds: {seeds}")
    assert (problem.line, problem.key) == (8, key)
    assert says in str(problem)


def test_a_range_of_seeds_has_its_first_seeds_and_all_of_them(tmp_path: Path) -> None:
    study = load(tmp_path, GOOD.replace("seeds: 2", "seeds: {min: 3, max: 20}"))
    assert (study.first_seeds, study.seeds) == (3, tuple(range(20)))
    study = load(tmp_path, GOOD.replace("seeds: 2", "seeds: {min: 3, max: 20}"), overrides=["seeds.max=8"])
    assert (study.first_seeds, len(study.seeds)) == (3, 8)
    study = load(tmp_path, GOOD.replace("seeds: 2", "seeds: {min: 3, max: 20}"), seeds=4)
    assert (study.first_seeds, study.seeds) == (4, (0, 1, 2, 3))
    study = load(tmp_path, GOOD.replace("seeds: 2", "seeds: [7, 3]"))
    assert (study.first_seeds, study.seeds) == (2, (7, 3))


@pytest.mark.parametrize(
    ("axis", "key", "says"),
    [
        ("gate: {values: [relu, sigmod]}", "axes.gate.values", "did you mean: sigmoid"),
        ("reduction: {values: [4, 0]}", "axes.reduction.values", "greater than or equal to 1, not 0"),
        ("reduction: {range: [0, 9]}", "axes.reduction.range", "greater than or equal to 1, not 0"),
        ("gate: {values: [relu], when: {blok: se}}", "axes.gate.when.blok", "did you mean: block"),
        ("gate: {values: [relu], when: {gate: relu}}", "axes.gate.when", "depends on the axis itself"),
        ("gate: {values: [relu], when: {block: [se, cbma]}}", "axes.gate.when.block", "did you mean: cbam"),
    ],
)
def test_a_space_that_no_candidate_could_come_from_is_refused(tmp_path: Path, axis: str, key: str, says: str) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(f"name: s\naxes:\n  block: {{values: [se]}}\n  {axis}\n")
    with pytest.raises(ConfigError) as caught:
        load_space(str(file))
    assert (caught.value.line, caught.value.key) == (4, key)
    assert says in str(caught.value)


def test_a_value_inside_a_range_that_the_axis_does_not_take_is_refused(tmp_path: Path) -> None:
    space = tmp_path / "s.yaml"
    space.write_text("name: s\naxes:\n  kernel_size: {range: [1, 9]}\n")
    text = GOOD.replace("space: se_block", f"space: {space}").replace("{reduction: [4, 16]}", "{kernel_size: [3, 4]}")
    with pytest.raises(ConfigError, match="odd size, not 4\n") as caught:
        load(tmp_path, text.partition("claims:")[0])
    assert caught.value.key == "plan.vary.kernel_size.1"


def test_malformed_yaml_names_the_line(tmp_path: Path) -> None:
    problem = refusal(tmp_path, "plan:\n", "plan: [\n")
    assert problem.line is not None
    assert "not valid YAML" in problem.message


def test_a_key_written_twice_is_refused(tmp_path: Path) -> None:
    problem = refusal(tmp_path, "seeds: 2", "seeds: 2\nseeds: 3")
    assert problem.line == 9
    assert "first in line 8" in problem.message


@pytest.mark.parametrize("text", ["", "just words", "- a\n- b\n", "\x00"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert caught.value.file == tmp_path / "mine.yaml"


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(ConfigError, match="not a text file"):
        load_study(str(tmp_path / "mine.yaml"))


def test_an_unknown_study_lists_what_there_is() -> None:
    with pytest.raises(UnknownNameError) as caught:
        load_study("reduction_ration")
    assert caught.value.nearest == "reduction_ratio"
    assert "reduction_ratio" in caught.value.allowed


def test_a_wrong_path_says_that_the_name_would_do() -> None:
    with pytest.raises(ConfigError, match="write just reduction_ratio"):
        load_study("nowhere/reduction_ratio.yaml")


@pytest.mark.parametrize(
    ("pair", "says"),
    [
        ("recipe.epochs=ten", "integer"),
        ("recipe.epohcs=3", "did you mean: epochs"),
        ("recipe.warmup_epochs=9.0", "warm-up must end before training does"),
        ("recipe.milestones=[0.5]", "go with `schedule: step`"),
        ("reciep.epochs=3", "did you mean: recipe"),
        ("gate=softmx", "did you mean: softmax"),
        ("reduction=4", "both varied and fixed"),
        ("backbone.name=cifar_resnet21", "did you mean: cifar_resnet20"),
        ("dataset.name=digit", "did you mean: digits"),
        ("recipe.learning_rate=-1.0", "greater than 0"),
        ("recipe.learning_rate=.nan", "finite"),
        ("epochs", "key=value"),
        ("=3", "key=value"),
        ("seeds.0.x=3", "not a mapping"),
    ],
)
def test_overrides_are_checked_like_the_file_and_name_their_option(pair: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_study("reduction_ratio", overrides=[pair])
    assert says in str(caught.value)
    assert "--set" in str(caught.value)


def test_overrides_reach_study_setting_and_axes() -> None:
    study = load_study(
        "reduction_ratio",
        overrides=["recipe.epochs=20", "gate=softmax", "seeds=[3, 7]", "backbone.shortcut=B", "stages=[1, 2]"],
    )
    assert study.setting.recipe.epochs == 20
    assert study.plan.fixed == {"gate": "softmax", "stages": (1, 2)}
    assert study.seeds == (3, 7)
    assert study.setting.backbone.options["shortcut"] == "B"


@pytest.mark.parametrize("number", ["5e-4", "5E-4", "0.5e-3", "+5.e-4", "0.0005"])
def test_a_number_may_be_written_as_everywhere_else(number: str) -> None:
    """YAML 1.1 takes 5e-4 for a word."""
    study = load_study("reduction_ratio", overrides=[f"recipe.weight_decay={number}"])
    assert study.setting.recipe.weight_decay == 5e-4


def test_seeds_and_setting_options_replace_what_the_file_says() -> None:
    study = load_study("reduction_ratio", setting="cifar10", seeds=3)
    assert study.setting.name == "cifar10"
    assert study.seeds == (0, 1, 2)


def test_axes_of_the_command_line_are_checked() -> None:
    assert axes_from_pairs(["reduction=8", "bias=true", "stages=[1, stage3]"])[0].stages == (1, 3)
    with pytest.raises(ConfigError, match="did you mean: reduction"):
        axes_from_pairs(["reducton=8"])
    with pytest.raises(ConfigError, match="greater than or equal to 1"):
        axes_from_pairs(["reduction=0"])


def test_a_wrong_dashboard_is_refused_with_line_and_key(tmp_path: Path) -> None:
    file = tmp_path / "d.yaml"
    file.write_text("name: d\npanels:\n  - figure: parteo\n")
    with pytest.raises(ConfigError) as caught:
        load_dashboard(str(file))
    assert (caught.value.line, caught.value.key) == (3, "panels.0.figure")
    assert caught.value.nearest == "pareto"
