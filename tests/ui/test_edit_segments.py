"""Segments are changed by hand on their page: the price first, then the change, then the way back."""

import json
from dataclasses import replace

from segmenter.recipe.recipe import Edit, EditKind
from segmenter.segment.result import Result
from segmenter.segment.segmentation import fit_segmentation
from tests.ui.test_next_month import months
from tests.ui.test_pages import PAGE, app, session_of, texts

__all__ = ["app"]  # a fixture


def settled(app):
    if session_of(app).jobs.job is not None:
        session_of(app).jobs.job.wait(60)
        app.run()
    assert not app.exception
    return app


def with_three(app):
    app.file_uploader[0].set_value(("may.csv", months()[0], "text/csv")).run()
    app.switch_page(PAGE.format("choose")).run()
    mine = session_of(app)
    mine.keep_selection(_Selection())
    mine.n_segments = 3
    mine.keep_result(Result(mine.dataset, fit_segmentation(mine.dataset, mine.recipe)))
    return app.switch_page(PAGE.format("segments")).run()


class _Selection:
    """As much of a comparison as the page asks for."""

    recommended, verdict, labels = 3, None, {}


def test_the_price_comes_before_the_change_and_the_change_can_be_undone(app):
    app = with_three(app)
    before = session_of(app).current_result()
    app.multiselect(key="edit_merge").set_value([1, 2]).run()
    settled(app.button(key="edit_price").click().run())
    assert "customers move" in texts(app.markdown)
    assert session_of(app).current_result() is before
    app.button(key="edit_make").click().run()
    assert not app.exception
    mine = session_of(app)
    assert mine.current_result().segmentation.n_segments == 2
    assert mine.recipe.edits == (Edit(EditKind.MERGE, (1, 2)),)
    assert json.loads(mine.current_result().segmentation.recipe.to_json())["edits"]
    # What was picked by its old number is no longer picked: 2 is another segment now.
    assert app.multiselect(key="edit_merge").value == []
    app.button(key="edit_undo").click().run()
    assert session_of(app).current_result() is before
    assert session_of(app).recipe.edits == ()


def test_changes_are_forgotten_with_the_settings_that_they_were_made_under(app):
    app = with_three(app)
    app.selectbox(key="edit_kind").set_value(EditKind.SPLIT).run()
    app.selectbox(key="edit_split").set_value(1).run()
    settled(app.button(key="edit_price").click().run())
    app.button(key="edit_make").click().run()
    mine = session_of(app)
    assert mine.current_result().segmentation.n_segments == 4
    # The new segment leaves the page under the name on its card.
    assert mine.current_result().segmentation.names[3] not in ("", "Segment 4")
    assert mine.current_result().segmentation.names[3] in " ".join(element.body for element in app.get("html"))
    mine.n_segments = 2
    assert mine.recipe.edits == ()
    mine.n_segments = 3
    assert len(mine.recipe.edits) == 1


def test_names_to_pick_from_stand_as_they_are_written(app):
    app = with_three(app)
    mine = session_of(app)
    result = mine.current_result()
    names = ("Mid-range *VIP*", "Low_spenders", "Others")
    mine.keep_result(replace(result, segmentation=result.segmentation.renamed(names)))
    app.run()
    assert app.multiselect(key="edit_merge").options == ["1 Mid-range *VIP*", "2 Low_spenders", "3 Others"]
