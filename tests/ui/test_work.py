"""A visitor keeps the work on the own disk, comes back, and goes on where it was left."""

import json
from dataclasses import replace

import pytest

from segmenter.errors.base import SegmenterError
from segmenter.io.model.work import is_work, work_from_bytes, work_to_bytes
from segmenter.io.read.samples import mall_customers
from segmenter.recipe.recipe import Edit, EditKind, Scaling
from tests.ui.test_pages import PAGE, app, columns_list, finish_job, session_of, texts, with_segments

__all__ = ["app"]  # a fixture

NAMES = ("Ada", "Bea", "Cleo", "Dora")


@pytest.fixture
def kept(app, offered):
    """A work of four named segments by two columns, robustly scaled; and the labels of its customers."""
    app.button(key="sample_mall").click().run()
    app.switch_page(PAGE.format("prepare")).run()
    columns_list(app).set_value(["Annual Income (k$)", "Spending Score (1-100)"]).run()
    app.segmented_control(key="prepare_scaling").set_value(Scaling.ROBUST).run()
    session_of(app).k_range = (3, 5)
    app.switch_page(PAGE.format("choose")).run()
    finish_job(app).slider(key="choose_k").set_value(4).run()
    finish_job(app.switch_page(PAGE.format("segments")).run())
    session_of(app).rename(session_of(app).current_result(), NAMES)
    app.switch_page(PAGE.format("use")).run()
    return offered.content("use_work_download"), session_of(app).current_result().segmentation.labels.tolist()


def come_back(app, content, customers):
    """Be a new visitor who drops the kept work and then the customers."""
    app.switch_page(PAGE.format("data")).run()
    app.button(key="delete_data").click().run()
    assert session_of(app).dataset is None
    app.file_uploader[0].set_value(("mine.segwork.json", content, "application/json")).run()
    assert not app.exception
    assert not app.error
    assert app.title[0].value == "Your work is open: now its customers."
    app.file_uploader[0].set_value(("mall sample, made up", customers, "text/csv")).run()
    assert not app.exception
    return app


def go_on(app):
    finish_job(app.switch_page(PAGE.format("choose")).run())
    return finish_job(app.switch_page(PAGE.format("segments")).run())


def test_a_reload_loses_nothing_but_the_upload(app, kept):
    content, labels = kept
    come_back(app, content, mall_customers())
    assert "customers of your work" in texts(app.success)
    finish_job(app.switch_page(PAGE.format("segments")).run())
    assert session_of(app).current_selection() is None
    assert session_of(app).current_result().segmentation.names == NAMES
    assert [spec.column for spec in session_of(app).recipe.segmenting] == [
        "Annual Income (k$)",
        "Spending Score (1-100)",
    ]
    assert session_of(app).scaling is Scaling.ROBUST
    go_on(app)
    assert session_of(app).k_range == (3, 5)
    result = session_of(app).current_result()
    assert result.segmentation.labels.tolist() == labels
    assert result.segmentation.names == NAMES


def test_next_month_offers_the_segments_of_a_kept_work_before_and_after_they_are_formed_again(app, kept):
    come_back(app, kept[0], mall_customers())
    app.switch_page(PAGE.format("next_month")).run()
    assert "The segments of your kept work (4 segments)" in app.selectbox(key="next_month_model").options
    assert session_of(app).next_month.model.names == NAMES
    finish_job(app.switch_page(PAGE.format("segments")).run())
    app.switch_page(PAGE.format("next_month")).run()
    assert "The segments formed here (4 segments)" in app.selectbox(key="next_month_model").options


def test_changes_by_hand_are_back_with_the_work(app, kept):
    mine = session_of(app)
    recipe = replace(mine.recipe, edits=(Edit(EditKind.MERGE, (1, 2)),))
    content = work_to_bytes(replace(mine.kept_work(), recipe=recipe, model=None))
    come_back(app, content, mall_customers())
    finish_job(app.switch_page(PAGE.format("segments")).run())
    assert session_of(app).current_result().segmentation.n_segments == 3
    finish_job(app.button(key="edit_undo").click().run())
    assert session_of(app).current_result().segmentation.n_segments == 4


def test_other_customers_are_said_to_be_others_and_the_settings_are_back(app, kept):
    come_back(app, kept[0], b"\n".join(mall_customers().splitlines()[:120]) + b"\n")
    assert "not quite the customers" in texts(app.success)
    assert session_of(app).scaling is Scaling.ROBUST


def test_customers_without_the_columns_of_the_work_are_asked_for_again(app, kept):
    rows = "\n".join(f"{n},{n * 7 % 50}" for n in range(1, 101))
    come_back(app, kept[0], f"a,b\n{rows}\n".encode())
    assert "lack columns" in texts(app.warning)
    app.file_uploader[0].set_value(("mall sample, made up", mall_customers(), "text/csv")).run()
    assert "customers of your work" in texts(app.success)


def test_no_customer_is_in_a_kept_work(kept):
    content = kept[0].decode()
    assert '"Annual Income (k$)"' in content
    assert not [row for row in mall_customers().decode().splitlines()[1:] if row in content]


@pytest.mark.parametrize(
    "damage",
    [
        lambda plain: plain.update(version=99),
        lambda plain: plain.update(k_range=[9, 3]),
        lambda plain: plain.update(kinds={"Age": "spell"}),
        lambda plain: plain.update(extra=1),
        lambda plain: plain["recipe"].update(scaling="witchcraft"),
        lambda plain: plain.update(model=plain["model"].replace("Ada", "Eve")),
        lambda plain: plain.pop("fingerprint"),
    ],
)
def test_a_damaged_work_is_refused_in_words(kept, damage):
    plain = json.loads(kept[0])
    damage(plain)
    content = json.dumps(plain, indent=1).encode()
    assert is_work(content, "x.json")
    with pytest.raises(SegmenterError) as refused:
        work_from_bytes(content)
    # Nobody is sent for a model who has dropped a kept work.
    assert "kept work" in str(refused.value) or "newer version" in str(refused.value)
    assert ".segmodel" not in str(refused.value)


def test_what_is_no_work_is_not_taken_for_one(app):
    assert not is_work(mall_customers(), "c.csv")
    app.file_uploader[0].set_value(("broken.segwork.json", b"{}", "application/json")).run()
    assert not app.exception
    assert "kept work cannot be opened" in texts(app.error)
    with_segments(app)
