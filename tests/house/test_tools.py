"""Style and types, as `make lint` checks them."""

from tests.house.running import run


def test_the_linter_is_content() -> None:
    run("ruff", "check", "--no-cache", ".")


def test_the_formatter_has_nothing_to_change() -> None:
    run("ruff", "format", "--no-cache", "--check", ".")


def test_the_types_hold() -> None:
    run("mypy")
