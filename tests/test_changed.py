"""`make quick` runs the tests of what changed, and no others."""

from pathlib import Path

import pytest

from tests.changed import mirroring_tests

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("changed", "run"),
    [
        ("segmenter/segment/profile.py", ["tests/segment/test_profile.py"]),
        ("tests/segment/test_assign.py", ["tests/segment/test_assign.py"]),
        ("README.md", []),
        ("tests/browser/test_journey.py", []),
        ("segmenter/gone/forever.py", []),
    ],
)
def test_what_changed_names_its_tests(changed, run):
    assert mirroring_tests([changed], ROOT) == run


def test_a_module_without_a_mirror_is_tested_by_what_imports_it():
    assert "tests/table/test_columns.py" in mirroring_tests(["segmenter/table/dataset.py"], ROOT)
