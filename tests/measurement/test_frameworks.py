"""The framework as data: what the proposal says, in three languages, checked when it is read."""

from pathlib import Path

import pytest

from knowledge.measurement.figures import FORMULAS
from knowledge.measurement.frameworks import FOLDER, frameworks

# Exactly as the proposal of December 2018 words them.
PROPOSED = {
    "O1": "the improvement in the amount of high-quality knowledge being generated",
    "O2": "the creation of new knowledge",
    "O3": "the reduction in duplication of work",
    "O4": "the extent of implementation of new policies/approaches",
    "O5": "the improvement in the sense of cohesiveness across the organization",
    "C1": "Knowledge sharing (i.e. is knowledge being used?)",
    "C2": "Problem solving",
    "C3": "Community reputation and legitimacy",
    "C4": "Trust between members",
    "I1": "Skills and know-how",
    "I2": "Personal productivity",
    "I3": "Job satisfaction",
    "I4": "Personal professional reputation",
    "I5": "Sense of belonging to the organization",
}


def test_the_fourteen_items_are_those_of_the_proposal() -> None:
    current = frameworks().current
    assert {item: one.source for item, one in current.statements.items()} == PROPOSED
    assert [(one.key, len(one.items)) for one in current.domains] == [
        ("organizational", 5), ("community", 4), ("individual", 5),
    ]  # fmt: skip
    assert {target.of for target in current.targets} == {
        "answer_rate", "first_answer_working", "zero_reply_rate", "response_rate", "cross_region_share", "leaks",
    }  # fmt: skip
    assert {one.formula for one in current.indicators.values()} <= FORMULAS.keys()


NOT_READ = [
    ('version = "1"', 'version = "2"', "should be the file's name"),
    ('statement.fr = "Je fais confiance aux membres de cette communauté."\n', "", "C4.statement is not worded"),
    ('items = ["C1", "C2", "C3", "C4"]', 'items = ["C1", "C2", "C3"]', "each item belongs to one domain"),
    ('sources = ["survey", "evaluation", "interview"]', 'sources = ["rumour"]', "O1.sources are some of"),
    ('indicators = ["solved_rate"]', 'indicators = ["happiness"]', "C2 names indicators that are not there"),
    ('unit = "hours"', 'unit = "parsecs"', "first_answer has a unit of"),
    ("most = 4", "least = 1\nmost = 4", "the target of first_answer_working"),
    ('formula = "hops"', 'formula = "hop"', "hops has a formula that is not there: 'hop'"),
    ('"agree", ', "", "the scale has 5 labelled points"),
]


@pytest.mark.parametrize(("there", "instead", "said"), NOT_READ, ids=[said for *_, said in NOT_READ])
def test_what_does_not_fit_is_named(there: str, instead: str, said: str, tmp_path: Path) -> None:
    text = (FOLDER / "1.toml").read_text(encoding="utf-8")
    assert there in text
    (tmp_path / "1.toml").write_text(text.replace(there, instead, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        frameworks(tmp_path)


def test_a_folder_without_versions_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no version"):
        frameworks(tmp_path)


def test_a_newer_version_is_in_force_and_the_older_still_explains_its_surveys(tmp_path: Path) -> None:
    text = (FOLDER / "1.toml").read_text(encoding="utf-8")
    (tmp_path / "1.toml").write_text(text, encoding="utf-8")
    newer = text.replace('version = "1"', 'version = "10"').replace("I trust the members", "I can rely on the members")
    (tmp_path / "10.toml").write_text(newer, encoding="utf-8")
    (tmp_path / "2.toml").write_text(text.replace('version = "1"', 'version = "2"'), encoding="utf-8")
    both = frameworks(tmp_path)
    assert both.version == "10"
    assert both.statement("10", "C4")["en"] == "I can rely on the members of this community."
    assert both.statement("1", "C4")["en"] == "I trust the members of this community."
    with pytest.raises(KeyError):
        both.statement("3", "C4")
