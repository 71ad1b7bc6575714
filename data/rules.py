"""The rules of the import: what each finds, and what it holds back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Held = Literal["source", "row", "cell", "nothing"]

REFUSE = "refuse"
HELD_BACK = "held_back"
KEPT = "kept"

SEVERITIES: dict[Held, str] = {
    "source": REFUSE,
    "row": HELD_BACK,
    "cell": HELD_BACK,
    "nothing": KEPT,
}


@dataclass(frozen=True)
class Rule:
    """One rule of the import: its name, what it holds back, and a sentence for people."""

    name: str
    holds: Held
    sentence: str

    @property
    def severity(self) -> str:
        """Return the severity of its findings: refuse, held_back or kept."""
        return SEVERITIES[self.holds]


@dataclass(frozen=True)
class Finding:
    """What a rule found in a source, where, and what to do about it.

    Parameters
    ----------
    table : str
        The file without its ending, or ``source`` for the source as a whole.
    row : int or None
        The line of the file; the header is line 1.
    column : str or None
        The column, where one is to blame.
    rule : str
        A name in `RULES`.
    severity : {"refuse", "held_back", "kept"}
        ``refuse``: the whole source; ``held_back``: this row or cell; ``kept``: nothing.
    value : str or None
        The value as it came.
    advice : str
        A sentence: what is wrong and what to do.
    """

    table: str
    row: int | None
    column: str | None
    rule: str
    severity: str
    value: str | None
    advice: str


def _rules(holds: Held, **sentences: str) -> dict[str, Rule]:
    return {name: Rule(name, holds, sentence) for name, sentence in sentences.items()}


WITHHELD = frozenset(("identifying_key", "identifying_text", "birth_date"))
"""Rules whose findings never say the value that they found."""

RULES: dict[str, Rule] = {
    **_rules(
        "source",
        missing_source="The source is a folder or a .zip that can be reached.",
        missing_file="A source has patients.csv and procedures.csv.",
        ambiguous_file="No file stands twice in a source, in capitals and in small letters.",
        unreadable_file="Every file of the source can be opened.",
        broken_zip="A .zip can be read, without a password and without damage.",
        too_large="The files of a .zip take no more than 2 GB when unpacked.",
        bad_settings="source.toml, where there is one, is valid.",
        not_utf8="Text is encoded as UTF-8.",
        nul_byte="Text contains no NUL bytes.",
        malformed_csv="Every line has as many fields as the header, and every quote is closed.",
        wrong_separator="Fields are separated by commas.",
        no_header="Every file begins with a line of column names.",
        duplicate_column="No column name stands twice.",
        missing_column="The compulsory columns are there.",
        broken_workbook="A workbook can be read, without a password and without damage.",
        broken_file="A file of tables can be read without damage.",
        no_table="A source has a table at least.",
        mapping_needed="A source that is not of the format has a mapping, confirmed by a person.",
        bad_mapping="A mapping is valid.",
        unanswered_question="Every question of a mapping that could change numbers is answered.",
        unwritable="The registry and the findings can be written where they are to lie.",
    ),
    **_rules(
        "row",
        missing_key="Every row says whom and what it is about.",
        duplicate_row="Of identical rows one is kept.",
        contradictory_rows="Of rows with the same key and different values none is kept.",
        totals_row="Rows hold one patient each; sums and means below a table are not read.",
        missing_date="A procedure has a date.",
        bad_date="Dates are days that have come.",
        identifying_key="No key is made of a name or a date of birth.",
        bad_level="A level is one of T1 to T12 and L1 to L5.",
        unknown_patient="Every row belongs to a patient who is kept.",
        unknown_procedure="Every radiograph belongs to a procedure that is kept.",
        other_patient="The procedure of an event belongs to the patient of the event.",
        missing_visit="A row has a visit or the day of the measurement.",
        unknown_visit="A visit is one of the codebook's.",
        unknown_kind="The kind of an event is one of the vocabulary.",
        after_death="Nothing is operated on or measured after the patient's death.",
        before_operation="No visit but the one before the operation lies before the operation.",
    ),
    **_rules(
        "cell",
        not_a_number="Measurements are numbers.",
        not_whole="Answers to the sections of a score are whole numbers.",
        out_of_range="Measurements lie inside the range of their measure.",
        sentinel="Numbers that stand for a missing value (-99, 99, 999, 9 and the like) are "
        "held back outside the range of the measure, and kept and reported inside it.",
        unknown_code="Coded answers are of the vocabulary.",
        bad_birth_year="A year of birth is a year from 1880 up to the first operation.",
        bad_location="A leak location is of the vocabulary, with a route or without.",
        identifying_text="Free text holds no names, days, addresses or numbers of people.",
        mixed_scale="Where most values of a measure in a year lie outside its range, the others "
        "are not taken for values inside it.",
        shared_by_levels="Where a row names several levels, values of a level have rows of "
        "their own.",
        contradictory_repeats="What rows of one patient or procedure repeat is the same in each.",
        scale_without_day="A value of a measure whose scale changed has a day.",
        formula_without_value="A formula has its value stored with it.",
        formula_error="No formula gives an error.",
        contradictory_leak="Where there was no leak there is no leak location.",
        symptomatic_without_leak="Only a leak can be symptomatic.",
    ),
    **_rules(
        "nothing",
        other_dialect="Text is UTF-8 with commas; other encodings and separators are read too.",
        other_kind="A file is what the ending of its name says.",
        hidden_sheet="Sheets that are hidden are not read.",
        unknown_table="Tables that the mapping does not use are not read.",
        absent_column="The columns that the mapping names are there.",
        identifier_column="Columns that identify people are not read, and nothing of them is kept.",
        birth_date="Of a date of birth the year alone is kept.",
        birth_year_from_age="A year of birth that is reckoned from an age may be a year off.",
        pseudonyms="Keys made of names or dates of birth are replaced by pseudonyms.",
        scale_suspected="A measure whose values fit another scale is on the scale that it says.",
        unit_suspected="Heights are in millimetres.",
        sign_suspected="Kyphosis is positive and lordosis is negative.",
        unlikely_age="Patients are 18 to 105 years old at the operation.",
        sex_and_tumour="The tumour goes with the sex.",
        similar_keys="Keys of patients differ in more than capitals, zeros and marks.",
        same_person="No patient stands in the source under two keys.",
        visit_order="Every visit lies after the one before.",
        seen_later="Nobody is measured after the day on which they were last seen.",
        above_expected="No height is much above the expected one.",
        angle_against_heights="A wedge angle goes with the anterior and the posterior height.",
        implausible_jump="Heights and angles do not jump between two visits.",
        says_dead="A word for death in a cell is kept as the death of the patient.",
        says_lost="A word for a patient who was not seen any more is read as blank.",
        says_missing="A word for what is not known is read as blank.",
        unknown_file="Files that are not of the format are not read.",
        unknown_setting="Settings that are not of the format are not read.",
        unknown_column="Columns that are not of the format are not read.",
        unknown_tumour="A tumour that is not of the vocabulary is kept as `other`.",
        death_contradiction="A patient with a date of death has died, whatever `died` says.",
        last_seen_order="A patient is last seen between the first operation and the death.",
        no_procedure="A patient without a kept procedure is kept, and in no cohort.",
        same_level_same_day="A level is treated once a day.",
        leak_from_locations="A procedure with a leak location leaked.",
        outside_window="A visit lies inside its window; outside it the label wins.",
        two_windows="A day that lies in two windows belongs to the earlier visit.",
        visit_without_operation="Without a kept procedure a day belongs to no visit.",
        score_differs="A given score is within 1 point of its sections; the sections win.",
        too_few_sections="A score needs enough answered sections.",
        no_values="A row holds at least one measurement.",
        event_order="Events happen between the first operation and the death.",
        after_data_date="Dates lie on or before the data_date of the source.",
        converted_scale="A measure on a scale named in the settings is converted to its own.",
    ),
}
