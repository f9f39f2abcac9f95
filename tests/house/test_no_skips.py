"""In CI nothing may be skipped; on a person's machine it may."""

import pytest

KINDS = {
    "test_that_skips_itself": """
        import pytest
        def test_one(): pytest.skip("no browser")
    """,
    "test_that_is_marked": """
        import pytest
        @pytest.mark.skip(reason="no browser")
        def test_one(): pass
    """,
    "test_with_a_fixture_that_skips": """
        import pytest
        @pytest.fixture
        def browser(): pytest.skip("no browser")
        def test_one(browser): pass
    """,
    "test_module_that_skips_itself": """
        import pytest
        pytest.skip("no browser", allow_module_level=True)
    """,
    "test_module_that_lacks_a_package": """
        import pytest
        pytest.importorskip("browser_of_no_name", reason="no browser")
    """,
}


@pytest.fixture(autouse=True)
def _the_plugin_is_in_use(
    pytestconfig: pytest.Config, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(pytestconfig.rootpath))
    pytester.makeconftest('pytest_plugins = ["tests.support.no_skips"]')


def test_every_kind_of_skip_fails_the_run_in_ci_and_is_named(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    pytester.makepyfile(**KINDS)
    result = pytester.runpytest_subprocess()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines_random([f"{name}.py*: *no browser*" for name in KINDS])


def test_a_skip_is_allowed_elsewhere(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    pytester.makepyfile(**KINDS)
    assert pytester.runpytest_subprocess().ret == pytest.ExitCode.OK


def test_a_run_without_skips_is_left_alone(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    pytester.makepyfile("def test_one(): pass")
    assert pytester.runpytest_subprocess().ret == pytest.ExitCode.OK
