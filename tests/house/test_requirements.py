"""Every machine gets the same packages, and each of ours has its reason."""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from itertools import product

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.running import ROOT

MACHINES = [
    {
        "python_version": python,
        "python_full_version": f"{python}.1",
        "sys_platform": platform,
        "os_name": os_name,
        "platform_system": system,
        "platform_machine": machine,
    }
    for python, (platform, os_name, system, machine) in product(
        ("3.11", "3.12", "3.13", "3.14"),
        (
            ("linux", "posix", "Linux", "x86_64"),
            ("darwin", "posix", "Darwin", "arm64"),
            ("darwin", "posix", "Darwin", "x86_64"),
            ("win32", "nt", "Windows", "AMD64"),
        ),
    )
]


def pins(*names: str) -> list[Requirement]:
    lines = [line.strip() for name in names for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-r"))]


def direct(name: str) -> Iterator[str]:
    """What a file asks for itself: its first block, before what these need in turn."""
    text = (ROOT / name).read_text(encoding="utf-8").split("need in turn")[0]
    return (match[1] for match in re.finditer(r"^([A-Za-z][\w.-]*)", text, re.MULTILINE))


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_is_exact(name: str) -> None:
    assert [str(pin) for pin in pins(name) if not re.fullmatch(r"==[\w.]+", str(pin.specifier))] == []


@pytest.mark.parametrize(
    "names",
    [("requirements.txt",), ("requirements.txt", "requirements-dev.txt")],
    ids=["to run", "to test"],
)
def test_whatever_a_pinned_package_needs_is_pinned_on_every_kind_of_machine(names: tuple[str, ...]) -> None:
    wanted = pins(*names)
    missing = set()
    for machine in MACHINES:
        here = [pin for pin in wanted if pin.marker is None or pin.marker.evaluate({**machine, "extra": ""})]
        known = {canonicalize_name(pin.name) for pin in here}
        for pin in here:
            try:
                needed = [Requirement(line) for line in requires(pin.name) or ()]
            except PackageNotFoundError:
                continue  # for another kind of machine than this one
            for need in needed:
                extras = [{**machine, "extra": extra} for extra in ("", *pin.extras)]
                if need.marker is None or any(need.marker.evaluate(extra) for extra in extras):
                    name = canonicalize_name(need.name)
                    if name not in known:
                        missing.add(f"{pin.name} needs {name} on {machine['sys_platform']}")
    assert missing == set()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_each_direct_dependency_has_its_reason(name: str) -> None:
    written = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    assert [package for package in direct(name) if f"| {package.lower()} |" not in written] == []
