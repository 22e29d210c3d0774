def test_a_name_that_is_not_there_is_refused_as_in_any_module():
    with pytest.raises(AttributeError, match="has no attribute 'cluster'"):
        _ = segmenter.cluster


def test_reading_a_file_does_not_load_what_forms_segments():
    said = subprocess.run(
        [sys.executable, "-c", "import sys, segmenter.importers; print('sklearn' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == "False"
