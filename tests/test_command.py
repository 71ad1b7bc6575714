from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data.example import SOURCE
from data.ingest import accept, check
from data.warehouse import REGISTRY_VARIABLE
from queries.__main__ import main
from queries.questions import QUESTIONS
from tests.registry_of_six import registry_of, registry_of_six

ROW_FIELDS = {
    "trajectory": "group measure visit n missing median q1 q3 mean sd",
    "timing": "group measure visit n n_values undated outside day_median day_first day_last",
    "dropout": "group measure last_visit visit n n_patients median q1 q3 died lost not_due",
    "improvement": "group measure visit n better unchanged worse zero_baseline",
    "severity": "group measure visit before after n",
    "leakage": (
        "group leaks levels not_looked_for patients_with_leak patients rate ci_low ci_high icc "
        "deff symptomatic"
    ),
    "locations": "group location symptoms modality levels patients",
    "cement": "group region leak n_levels n_patients median q1 q3 mean sd",
    "funnel": (
        "group surgeon leaks levels patients_with_leak patients rate ci_low ci_high n_effective "
        "low_95 high_95 low_998 high_998"
    ),
    "monitoring": "group sequence year level leak leaks patients rate ci_low ci_high cusum signal",
    "published": (
        "group kind study procedure denominator modality with_leak of rate ci_low ci_high "
        "comparable reasons source sponsor"
    ),
    "responders": "group measure visit threshold among reached n rate ci_low ci_high",
    "alignment": "group measure visit n_levels n_patients median q1 q3 mean sd",
    "stability": "group measure visit versus n_patients n_levels within worse better",
    "postures": "posture n_films n_levels n_patients uncalibrated",
    "heights": "group measure visit n_levels n_patients median q1 q3 mean sd reference percent",
    "restoration": (
        "group measure formula visit n_levels n_patients no_reference too_little_lost median q1 q3 "
        "mean sd estimate ci_low ci_high ci_level"
    ),
    "genant": (
        "group visit n_levels n_patients not_graded grade_0 grade_1 grade_2 grade_3 wedge "
        "biconcave crush pairs fell rose shift"
    ),
    "height_and_pain": (
        "group measure score visit n_patients n_levels gained_better gained_not_better "
        "not_gained_better not_gained_not_better estimate ci_low ci_high"
    ),
    "agreement": (
        "group measure first_reader second_reader n_films n_levels n_patients icc icc_low icc_high "
        "bias lower upper sdc sdc_low sdc_high error refused"
    ),
    "overview": "key value n",
    "events": "group kind time_days at_risk events deaths incidence ci_low ci_high",
    "survival": (
        "group time_days at_risk events survival ci_low ci_high median median_low median_high"
    ),
    "attrition": "group visit treated alive due seen died lost not_due",
    "event_courses": "group patient_id time_days died treated_levels marks",
    "patients": "group place patient_id first_operated_on sex age primary_tumour n_levels",
    "patient": "group patient_id what day occurred_on visit measure level value unit kind",
    "ranges": "group measure unit visit n_values p10 q1 median q3 p90",
    "tipping": (
        "group measure visit outcome threshold responders delta n missing estimate ci_low ci_high "
        "tipping"
    ),
    "quality": "group what table field visit rule severity count out_of",
    "subgroups": "group by measure visit n_patients n_levels leaks estimate ci_low ci_high",
}
COMPARISON_FIELDS = (
    *("outcome", "unit", "kind", "visit", "versus", "by", "groups", "method"),
    *("statistic_name", "statistic", "df", "p", "p_adjusted", "adjustment", "family_size"),
    *("estimate_name", "estimate", "ci_low", "ci_high", "ci_level", "effect_name", "effect"),
    *("n_patients", "n_levels", "n_excluded", "exploratory", "verdict", "refused"),
    *("sensitivity", "pairwise"),
)
SENSITIVITY_FIELDS = {"name", "p", "estimate", "ci_low", "ci_high"}

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def six_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return registry_of_six(tmp_path_factory)


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Any:
    def answer(*arguments: object) -> dict[str, Any]:
        assert main([*(str(argument) for argument in arguments), "--json"]) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        found: dict[str, Any] = json.loads(printed.out, parse_constant=pytest.fail)
        return found

    return answer


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Any:
    def answer(code: int, *arguments: object) -> str:
        assert main([str(argument) for argument in arguments]) == code
        printed = capsys.readouterr()
        assert printed.out == ""
        assert len(printed.err.splitlines()) == 1
        assert not any(word in printed.err for word in ("Traceback", "select ", "SELECT", "A1"))
        return printed.err.strip()

    return answer


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_prints_the_fields_of_the_interface(ask: Any, question: str) -> None:
    answer = ask(question)
    assert list(answer) == ["question", "registry", "cohort", "options", "rows", "comparisons"]
    assert answer["question"] == question
    assert set(answer["registry"]) == {"version", "synthetic"}
    assert set(answer["cohort"]) == {"sentence", "n_patients", "n_levels"}
    assert answer["rows"]
    for row in answer["rows"]:
        assert set(ROW_FIELDS[question].split()) <= set(row)
    for comparison in answer["comparisons"]:
        assert set(COMPARISON_FIELDS) <= set(comparison)
        versus = {"paired": "pre", "omnibus": None, "equivalence": "post", "groups": "pre"}
        if comparison["outcome"] not in ("leak", "cement_ml"):
            assert comparison["versus"] == versus[comparison["kind"]]
        assert all(set(other) == SENSITIVITY_FIELDS for other in comparison["sensitivity"])


def test_the_example_answers_where_no_registry_is_named(ask: Any) -> None:
    answer = ask("leakage")
    assert answer["registry"]["synthetic"] is True
    assert (answer["cohort"]["n_patients"], answer["cohort"]["n_levels"]) == (31, 64)
    (row,) = answer["rows"]
    assert (row["group"], row["leaks"], row["levels"], row["patients"]) == ("all", 8, 64, 31)
    assert row["rate"] == 0.125
    assert answer["options"] == {}


def test_the_command_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "queries", "leakage", "--where", "leak=yes", "--json"]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(found.stdout)["cohort"]["n_levels"] == 8
    assert found.stderr == ""


def test_a_registry_can_be_named_by_option_or_environment(
    ask: Any, six_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask("leakage", "--registry", six_file)["cohort"]["n_patients"] == 6
    monkeypatch.setenv(REGISTRY_VARIABLE, str(six_file))
    assert ask("leakage")["cohort"]["n_patients"] == 6


def test_a_filter_counts_as_the_sources_do(ask: Any) -> None:
    def rows(name: str) -> list[dict[str, str]]:
        with (SOURCE / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    breast = {p["patient_id"] for p in rows("patients.csv") if p["primary_tumour"] == "breast"}
    treated = [row for row in rows("procedures.csv") if row["patient_id"] in breast]
    leaking = [row for row in treated if row["leak"] == "yes"]
    answer = ask("leakage", "--where", "primary_tumour=breast")
    assert answer["cohort"]["n_patients"] == len(breast) == 13
    assert answer["cohort"]["n_levels"] == len(treated) == 28
    (row,) = answer["rows"]
    assert (row["leaks"], row["levels"]) == (len(leaking), 28)
    assert row["patients_with_leak"] == len({r["patient_id"] for r in leaking})
    scores = [s for s in rows("follow_ups.csv") if s["patient_id"] in breast and s["vas"]]
    vas = ask("trajectory", "--measure", "vas", "--where", "primary_tumour=breast")["rows"]
    assert {row["visit"]: row["n"] for row in vas} == {
        row["visit"]: sum(s["visit"] == row["visit"] for s in scores) for row in vas
    }


def test_filters_add_up_and_take_several_values(ask: Any, six_file: Path) -> None:
    where = ["--where", "sex=F,unrecorded", "--where", "leak=yes", "--where", "sex = M"]
    # women and unrecorded with a leak: K1 and K6; men: K4
    assert ask("leakage", "--registry", six_file, *where)["cohort"] == {
        "sentence": (
            "women or men or sex not recorded; leak: 3 of 6 patients, 3 of 9 levels. "
            "SYNTHETIC example data."
        ),
        "n_patients": 3,
        "n_levels": 3,
    }


def test_groups_follow_the_whole_cohort(ask: Any, six_file: Path) -> None:
    answer = ask("trajectory", "--measure", "odi", "--by", "sex", "--registry", six_file)
    assert answer["options"] == {"by": "sex", "measure": "odi"}
    before = [(r["group"], r["n"], r["median"]) for r in answer["rows"] if r["visit"] == "pre"]
    # women 60 80 66, men 70 40
    assert before == [("all", 5, 66), ("F", 3, 66), ("M", 2, 55), ("unrecorded", 0, None)]


def test_survival_of_groups_prints_one_comparison(ask: Any, six_file: Path) -> None:
    answer = ask("survival", "--by", "sex", "--registry", six_file)
    (test,) = answer["comparisons"]
    assert set(COMPARISON_FIELDS) <= set(test)
    assert (test["kind"], test["outcome"], test["by"]) == ("survival", "survival", "sex")
    assert test["refused"].endswith("needs 10 patients in each group: F has 3, M has 2")
    groups = [row["group"] for row in answer["rows"]]
    assert groups == sorted(groups, key=["all", "F", "M", "unrecorded"].index)


def test_a_question_without_a_measure_answers_for_each(ask: Any, six_file: Path) -> None:
    rows = ask("trajectory", "--registry", six_file)["rows"]
    assert list(dict.fromkeys(row["measure"] for row in rows)) == ["vas", "odi", "karnofsky"]
    rows = ask("alignment", "--registry", six_file)["rows"]
    assert list(dict.fromkeys(row["measure"] for row in rows)) == [
        "height_anterior",
        "kyphosis_angle",
    ]
    percent = ("--scale", "percent_of_reference")
    rows = ask("alignment", "--registry", six_file, *percent)["rows"]
    assert {row["measure"] for row in rows} == {"height_anterior"}


@pytest.mark.parametrize("where", [["level=T1"], ["sex=F", "age_from=200"], ["surgeon=Nobody"]])
@pytest.mark.parametrize("question", QUESTIONS)
def test_a_cohort_of_nobody_is_an_answer(
    ask: Any,
    capsys: pytest.CaptureFixture[str],
    six_file: Path,
    question: str,
    where: list[str],
) -> None:
    clauses = ["--registry", str(six_file)]
    clauses += [part for clause in where for part in ("--where", clause)]
    answer = ask(question, *clauses)
    assert "nobody in the registry matches" in answer["cohort"]["sentence"]
    assert (answer["cohort"]["n_patients"], answer["comparisons"]) == (0, [])
    assert main([question, *clauses]) == 0
    printed = capsys.readouterr()
    assert "nobody in the registry matches" in printed.out
    assert "nan" not in printed.out.lower().split()
    assert printed.err == ""


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("clause", ["level=L5", "sex=unrecorded", "surgeon=unrecorded", "leak=no"])
def test_a_cohort_of_few_prints_null_and_never_nan(
    ask: Any, six_file: Path, question: str, clause: str
) -> None:
    answer = ask(question, "--registry", six_file, "--where", clause)
    assert all(
        not isinstance(v, float) or math.isfinite(v) for r in answer["rows"] for v in r.values()
    )
    paired = [c for c in answer["comparisons"] if c["kind"] == "paired"]
    assert all(c["p"] is None and c["refused"] for c in paired)


def test_plain_output_leaves_out_what_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["alignment", "--measure", "wedge_angle"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("All patients: 31 of 31 patients")
    assert "\nrows\n" in printed
    assert "\ncomparisons\n" in printed
    assert "None" not in printed.split("comparisons")[0]


def test_what_is_not_finite_is_printed_as_null() -> None:
    from queries.__main__ import _without_nan

    given = {"a": (float("nan"), 1.5, {"b": [float("-inf"), "x", None, True]})}
    assert _without_nan(given) == {"a": [None, 1.5, {"b": [None, "x", None, True]}]}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "QUESTION"),
        (("survivors",), "Unknown question `survivors`. Known are: overview, "),
        (("leakage", "--unknown"), "--unknown"),
        (("leakage", "--where"), "--where"),
        (("leakage", "--where", "sex"), "`--where sex` is not of the form"),
        (("leakage", "--where", "sex="), "`--where sex=` is not of the form"),
        (("leakage", "--where", "gender=F"), "Unknown filter `gender`"),
        (("leakage", "--where", "sex=X"), "Unknown sex `X`"),
        (("leakage", "--where", "level=L9"), "Unknown level `L9`"),
        (("leakage", "--where", "age_from=old"), "`age_from` takes one whole number"),
        (("leakage", "--by", "eyes"), "Unknown by `eyes` for leakage"),
        (("leakage", "--measure", "vas"), "`leakage` takes no option --measure."),
        (("overview", "--by", "sex"), "`overview` takes no option --by."),
        (("trajectory", "--measure", "wedge_angle"), "Unknown measure `wedge_angle`"),
        (("trajectory", "--scale", "value"), "`trajectory` takes no option --scale."),
        (("responders", "--measure", "karnofsky"), "Unknown measure `karnofsky` for responders."),
        (("responders", "--threshold", "half"), "Unknown threshold `half` for responders."),
        (
            ("responders", "--measure", "odi", "--threshold", "Numeric rating scale consensus"),
            "for responders with the threshold `Numeric rating scale consensus`. Known are: vas.",
        ),
        (("trajectory", "--threshold", "half"), "`trajectory` takes no option --threshold."),
        (("alignment", "--measure", "vas"), "Unknown measure `vas` for alignment."),
        (("alignment", "--measure", "height_middle_reference"), "Unknown measure"),
        (("alignment", "--scale", "inches"), "Unknown scale `inches`"),
        (
            ("alignment", "--scale", "percent_of_reference", "--measure", "wedge_angle"),
            "Unknown measure `wedge_angle` for alignment in percent_of_reference.",
        ),
    ],
)
def test_wrong_usage_is_named_in_one_sentence(
    refused: Any, arguments: tuple[str, ...], words: str
) -> None:
    assert words in refused(2, *arguments)


def test_help_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert ", ".join(QUESTIONS) in printed


@pytest.mark.parametrize("content", [None, b"", b"no registry" * 1000])
def test_a_registry_that_cannot_be_read_is_one_sentence(
    refused: Any, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "registry.duckdb"
    if content is not None:
        path.write_bytes(content)
    assert "cannot be read" in refused(1, "overview", "--registry", path)


@pytest.mark.parametrize(
    "spoiling",
    [
        "alter table procedures rename column leak to leaked",
        "update patients set died_on = 'A1 passed'  where patient_id = 'A3'",
        "drop table registry",
        "drop table radiographs",
        "update registry set schema_version = 0",
    ],
)
def test_a_spoiled_registry_tells_neither_sql_nor_patients(
    refused: Any, six_file: Path, tmp_path: Path, spoiling: str
) -> None:
    path = tmp_path / "registry.duckdb"
    path.write_bytes(six_file.read_bytes())
    with duckdb.connect(str(path)) as connection:
        connection.execute(spoiling)
        connection.execute("update patients set died_on = 'A1 9 died!' where died_on is not null")
    said = refused(1, "overview", "--registry", path)
    assert "Load the source again with `python -m data.ingest`." in said


# Twenty patients with ties, zeros and missing values: ODI before, after, at 3 and 12 months.
ODI = """\
60 40 30 30
70 70 44 60
52 30 30 .
80 60 62 70
66 66 50 40
. 20 10 10
44 50 40 44
58 38 . .
62 42 42 42
74 54 40 76
48 48 28 20
56 36 36 .
68 72 70 68
90 70 60 50
40 . 30 36
64 44 44 24
50 52 . 50
72 52 42 32
46 26 26 30
78 58 68 60
"""
# VAS of the first eight, before and after, in steps that binary numbers do not hit.
VAS = ["8 4.5", "7.3 7.3", "9 6", "6.5 3.5", "7 7.5", "8.2 5.2", "2.3 0.3", "10 8"]
# Changes of the wedge angle at the levels of eleven patients, and leaks at those of twelve.
ANGLES = ["-6 -2", "-8", "0", "-4 -4 -1", "-10", "1", "-3 3", "-5", "-2 -6", "-7", "-6"]
LEAKS = ["yy", "nn", "n", "nnn", "y", "n", "ny", "n", "nn", "n", "n", "yyn"]
CERVICAL_TO_LUMBAR = ["T7", "T9", "L1", "L3"]


@pytest.fixture(scope="module")
def twenty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a registry of the numbers above."""
    people = [f"S{n:02}" for n in range(1, 21)]
    scores = ["patient_id,visit,vas,odi"]
    for place, (person, line) in enumerate(zip(people, ODI.splitlines(), strict=True)):
        vas = VAS[place].split() if place < len(VAS) else []
        for visit, odi in zip(("pre", "post", "m3", "m12"), line.split(), strict=True):
            pain = vas.pop(0) if vas else ""
            scores.append(f"{person},{visit},{pain},{odi.replace('.', '')}")
    procedures = ["procedure_id,patient_id,operated_on,level,leak"]
    films = ["procedure_id,visit,wedge_angle"]
    for place, person in enumerate(people):
        leaks = LEAKS[place] if place < len(LEAKS) else " "
        angles = ANGLES[place].split() if place < len(ANGLES) else []
        for n in range(max(len(leaks), len(angles))):
            leak = {"y": "yes", "n": "no"}.get(leaks[n] if n < len(leaks) else " ", "")
            level = CERVICAL_TO_LUMBAR[n]
            procedures.append(f"{person}{level},{person},2022-01-10,{level},{leak}")
            if n < len(angles):
                films.append(f"{person}{level},pre,30")
                films.append(f"{person}{level},post,{30 + int(angles[n])}")
    files = {
        "patients.csv": "\n".join(["patient_id", *people, ""]),
        "procedures.csv": "\n".join([*procedures, ""]),
        "follow_ups.csv": "\n".join([*scores, ""]),
        "radiographs.csv": "\n".join([*films, ""]),
    }
    return registry_of(files, tmp_path_factory.mktemp("twenty"))


# The numbers below are those of R 4.2.2 with exactRankTests 0.8-35.
# Of the n pairs with both values x is the visit, y the baseline, d the change:
#   in R: wilcox.exact(round(x - y, 9), rep(0, n), paired = TRUE, exact = TRUE)
#   in R: p.adjust(c(0.00048828125, 3.0517578125e-05, 0.00048828125), method = "holm")
#   in R: w <- outer(d, d, "+")/2; W <- sort(w[upper.tri(w, TRUE)]); k <- max(1, qsignrank(.025, n))
#   in R: c(median(W), W[k], W[length(W) + 1 - k])
# Of the changes u of the levels that are not zero:
#   in R: s <- sign(u) * rank(abs(u)); S <- tapply(s, patient, sum)
#   in R: 2 * pnorm(-abs(sum(S) / sqrt(sum(S^2))))
# Of the leaks y at m levels each of K patients, N in all, k with a leak:
#   in R: a <- anova(lm(y ~ patient))$"Mean Sq"; m0 <- (N - sum(m^2) / N) / (K - 1)
#   in R: icc <- (a[1] - a[2]) / (a[1] + (m0 - 1) * a[2])
#   in R: deff <- 1 + (sum(m^2) / N - 1) * icc
#   in R: prop.test(k / deff, N / deff, correct = FALSE)$conf.int


@pytest.mark.parametrize(
    ("visit", "n", "statistic", "p", "adjusted", "estimate", "low", "high"),
    [
        ("post", 18, 6, 0.00048828125, 9.765625e-4, -10, -20, -8),
        ("m3", 17, 1, 3.0517578125e-05, 9.1552734375e-05, -20, -25, -15),
        ("m12", 16, 1, 0.00048828125, 9.765625e-4, -18, -26, -8),
    ],
)
def test_changes_of_a_score_agree_with_r(
    ask: Any,
    twenty: Path,
    visit: str,
    n: int,
    statistic: float,
    p: float,
    adjusted: float,
    estimate: float,
    low: float,
    high: float,
) -> None:
    answer = ask("trajectory", "--measure", "odi", "--registry", twenty)
    (found,) = [test for test in answer["comparisons"] if test["visit"] == visit]
    assert (found["n_patients"], found["n_excluded"]) == (n, 20 - n)
    assert (found["statistic_name"], found["statistic"]) == ("V", statistic)
    assert found["p"] == pytest.approx(p, rel=1e-6)
    assert found["p_adjusted"] == pytest.approx(adjusted, rel=1e-6)
    assert (found["adjustment"], found["family_size"]) == ("Holm", 3)
    assert (found["estimate"], found["ci_low"], found["ci_high"]) == (estimate, low, high)
    assert (found["estimate_name"], found["ci_level"]) == ("Hodges-Lehmann pseudomedian", 0.95)
    assert (found["refused"], found["exploratory"]) == (None, False)


def test_binary_rounding_breaks_no_tie(ask: Any, twenty: Path) -> None:
    # 8.2 - 5.2 ties with 9 - 6, and 2.3 - 0.3 with 10 - 8; R gives V = 1, P = 0.03125
    (found, _) = ask("trajectory", "--measure", "vas", "--registry", twenty)["comparisons"]
    assert (found["statistic"], found["n_patients"]) == (1, 8)
    assert found["p"] == found["p_adjusted"] == pytest.approx(0.03125, rel=1e-6)
    assert found["family_size"] == 1
    assert any("fragile" in note for note in found["notes"])
    assert "1 pair without change left out of the ranks" in found["notes"]


def test_angles_agree_with_r_on_the_means_of_patients(ask: Any, twenty: Path) -> None:
    answer = ask("alignment", "--measure", "wedge_angle", "--registry", twenty)
    (found,) = [test for test in answer["comparisons"] if test["kind"] == "paired"]
    # means -4 -8 0 -3 -10 1 0 -5 -4 -7 -6 of 16 levels
    assert (found["n_patients"], found["n_levels"], found["n_excluded"]) == (11, 16, 9)
    assert found["p"] == pytest.approx(0.0078125, rel=1e-6)
    assert (found["statistic"], found["estimate"]) == (1, -4)
    assert (found["ci_low"], found["ci_high"]) == (-7, -1.5)
    assert found["exploratory"] is True
    levels, clustered, mixed, alive = found["sensitivity"]
    assert mixed["name"].startswith("mixed model of every observed value")
    assert alive["name"].startswith("among those alive, GEE of every observed value")
    assert levels["p"] == pytest.approx(0.00115966796875, rel=1e-6)
    assert (levels["estimate"], levels["ci_low"], levels["ci_high"]) == (-4, -6, -2)
    assert clustered["p"] == pytest.approx(0.00598055107373, rel=1e-6)


def test_leakage_agrees_with_an_analysis_of_variance_by_hand(ask: Any, twenty: Path) -> None:
    (row,) = ask("leakage", "--registry", twenty)["rows"]
    # patients 13 to 20 were not looked at
    assert (row["leaks"], row["levels"], row["not_looked_for"]) == (6, 20, 8)
    assert (row["patients_with_leak"], row["patients"]) == (4, 12)
    assert row["icc"] == pytest.approx(0.352517985612, rel=1e-6)
    assert row["deff"] == pytest.approx(1.35251798561, rel=1e-6)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((0.129097528522, 0.553387245883))


def test_the_published_margin_agrees_with_the_known_intervals(ask: Any) -> None:
    (row,) = ask("leakage")["rows"]
    # 8 of 64 levels with 12 x 1, 9 x 2, 7 x 3, 2 x 4 and 1 x 5 levels per patient and an ICC of
    # 0.3: 5.6 to 25.5 per cent
    assert row["deff"] == pytest.approx(1.49, abs=0.005)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((0.056, 0.255), abs=5e-4)


def test_the_example_gives_the_same_through_any_registry_file(ask: Any, tmp_path: Path) -> None:
    accept(check(SOURCE), tmp_path / "registry.duckdb")
    assert ask("overview", "--registry", tmp_path / "registry.duckdb") == ask("overview")


def test_a_reader_that_stops_early_sees_no_traceback() -> None:
    command = [sys.executable, "-m", "queries", "leakage"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_a_patient_is_named_by_identifier_and_must_be_in_the_cohort(ask: Any, refused: Any) -> None:
    answer = ask("patient", "--patient_id", "P05")
    assert {row["patient_id"] for row in answer["rows"]} == {"P05"}
    assert answer["options"] == {"patient_id": "P05"}
    assert ask("patient", "--patient_id", "P05", "--where", "sex=M")["rows"] == []
    first = ask("patient", "--where", "primary_tumour=lung")["rows"]
    assert len({row["patient_id"] for row in first}) == 1
    assert "takes no option --patient_id" in refused(2, "leakage", "--patient_id", "P05")
