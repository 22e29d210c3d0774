"""A visitor sets the segments beside known labels and keeps what they stand for with the model."""

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from segmenter.io.model.format import from_bytes, to_bytes
from segmenter.io.read.samples import mall_customers
from tests.ui.test_pages import PAGE, columns_list, compared, finish_job, look_at, session_of, texts


@pytest.fixture
def app(tmp_path):
    frame = pd.read_csv(pd.io.common.BytesIO(mall_customers()))
    rich = np.where(frame["Annual Income (k$)"] > 60, "rich", "poor")
    content = frame.assign(Kind=rich).to_csv(index=False).encode()
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    app.file_uploader[0].set_value(("mall.csv", content, "text/csv")).run()
    app.switch_page(PAGE.format("prepare")).run()
    columns_list(app).set_value(["Annual Income (k$)", "Spending Score (1-100)"]).run()
    compared(app, 2, 6).slider(key="choose_k").set_value(5).run()
    return finish_job(app.switch_page(PAGE.format("segments")).run())


def test_what_segments_stand_for_is_shown_and_kept(app, offered):
    look_at(app, "Known labels")
    app.selectbox(key="segments_known").set_value("Kind").run()
    assert not app.exception
    values = {metric.label: metric.value for metric in app.metric}
    assert float(values["Right, on held-out customers"].rstrip("%")) > 80
    app.button(key="segments_known_keep").click().run()
    assert not app.exception
    assert "predict the label" in texts(app.success)
    model = from_bytes(to_bytes(session_of(app).result.latest.segmentation))
    assert set(model.known.labels) == {"rich", "poor"}
    app.switch_page(PAGE.format("export")).run()
    assert (
        offered.content("export_predictions_download")
        .decode("utf-8-sig")
        .startswith('"CustomerID","Kind","second_best","margin"\r\n')
    )


def test_without_kept_labels_there_is_no_such_download_and_what_is_kept_can_be_forgotten(app, offered):
    look_at(app, "Known labels")
    app.selectbox(key="segments_known").set_value("Kind").run()
    app.button(key="segments_known_keep").click().run()
    app.button(key="segments_known_forget").click().run()
    assert session_of(app).result.latest.segmentation.known is None
    app.switch_page(PAGE.format("export")).run()
    assert "export_customers-csv_download" in offered
    assert "export_predictions_download" not in offered
