"""`make quick` runs the tests of what changed, and no others."""

from pathlib import Path

import pytest

from tests.changed import MOST_OF_IMPORTERS, mirroring_tests

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


def test_a_module_in_a_folder_without_a_mirror_is_tested_from_the_folder_above():
    assert "tests/io/read/test_totals.py" in mirroring_tests(["segmenter/io/read/csv/layout.py"], ROOT)


def test_a_page_is_tested_by_what_opens_it():
    assert "tests/ui/test_pages.py" in mirroring_tests(["segmenter/ui/pages/choose.py"], ROOT)


def test_what_tests_share_is_tested_by_those_that_import_it():
    found = mirroring_tests(["tests/io/model/saved_models.py"], ROOT)
    assert {"tests/io/model/test_mutations.py", "tests/ui/test_hostile_models.py"} <= set(found)


def test_a_module_that_no_test_names_is_tested_by_those_of_its_importers():
    assert all(
        each.startswith("tests/ui/") for each in mirroring_tests(["segmenter/ui/widgets/segment_cards.py"], ROOT)
    )
    assert 0 < len(mirroring_tests(["segmenter/config.py"], ROOT)) <= MOST_OF_IMPORTERS


def test_hardly_a_module_has_no_tests():
    modules = [path.relative_to(ROOT).as_posix() for path in (ROOT / "segmenter").rglob("*.py")]
    untested = [each for each in modules if not each.endswith("__init__.py") and not mirroring_tests([each], ROOT)]
    assert len(untested) <= 5, untested
