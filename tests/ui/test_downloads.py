"""What a download cannot hold is said beside it."""

import pytest
from streamlit.testing.v1 import AppTest


def downloads_of(remarks):
    from segmenter import Recipe, Result, choose_features, fit_segmentation, read_frame
    from segmenter.ui.widgets.downloads import show_downloads

    frame = __import__("pandas").DataFrame(
        {"spend": [1.5, 2.0, 90.5, 91.0], "visits": [1, 2, 40, 41], "remark": remarks}
    )
    dataset = read_frame(frame)
    recipe = Recipe(choose_features(dataset, ("spend", "visits")), 2)
    show_downloads(Result(dataset, fit_segmentation(dataset, recipe)), "export")


@pytest.mark.parametrize(("length", "said"), [(32_767, []), (32_768, ["1 text is longer than the 32,767 letters"])])
def test_a_text_too_long_for_excel_is_said_on_the_page(length, said):
    app = AppTest.from_function(
        downloads_of, kwargs={"remarks": ["x" * length, "fine", "none", "so"]}, default_timeout=60
    )
    app.run().button(key="export_excel_build").click().run()
    assert not app.exception
    assert [note.value[: len(text)] for note, text in zip(app.warning, said, strict=True)] == said
