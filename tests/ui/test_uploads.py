"""Uploads that have begun are known until somebody takes them."""

from types import SimpleNamespace

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue

from segmenter.ui.uploads import AT_FIRST, GIVEN_UP_AFTER, Uploads, keep_answers


class Manager:
    """As much of Streamlit's manager as is watched."""

    def get_upload_urls(self, session_id, file_names):
        return [SimpleNamespace(file_id=f"{session_id}-{name}") for name in file_names]


@pytest.fixture
def now():
    return [0.0]


@pytest.fixture
def nudged():
    return []


@pytest.fixture
def uploads(now, nudged):
    return Uploads(lambda: now[0], nudged.append)


def draw(uploads, now, page, *, field=True):
    """Draw a page for visitor "a", and let them look at it."""
    uploads.enter("a", page)
    if field:
        uploads.show_field("a", page)
    now[0] += 1


def names(uploads, session_id="a"):
    return [(each.name, each.page) for each in uploads.under_way(session_id)]


def test_an_upload_is_noted_with_the_page_that_it_began_on(uploads, now, nudged):
    manager = Manager()
    for _ in range(3):  # as every run of a page does
        uploads.watch(manager)
    draw(uploads, now, "data")
    assert [each.file_id for each in manager.get_upload_urls("a", ["c.csv"])] == ["a-c.csv"]
    assert nudged == []
    draw(uploads, now, "prepare", field=False)
    assert names(uploads) == [("c.csv", "data")]
    assert names(uploads, "b") == []
    uploads.done("a", "a-c.csv")
    assert names(uploads) == []


def test_who_has_left_before_their_browser_says_that_an_upload_begins_is_told_of_it(uploads, now, nudged):
    draw(uploads, now, "data")
    draw(uploads, now, "prepare", field=False)
    uploads.begin("a", [("1", "c.csv")])
    assert names(uploads) == [("c.csv", "data")]
    assert nudged == ["a"]


def test_what_begins_as_a_page_opens_was_dropped_on_the_page_before(uploads, now):
    draw(uploads, now, "data")
    draw(uploads, now, "next_month")
    now[0] -= 1 - AT_FIRST / 2
    uploads.begin("a", [("1", "c.csv")])
    now[0] += AT_FIRST
    uploads.begin("a", [("2", "d.csv")])
    assert names(uploads) == [("c.csv", "data"), ("d.csv", "next_month")]


def test_of_one_page_the_newest_counts_and_other_pages_keep_theirs(uploads, now):
    draw(uploads, now, "data")
    uploads.begin("a", [("1", "old.csv")])
    uploads.begin("a", [("2", "new.csv")])
    draw(uploads, now, "next_month")
    uploads.begin("a", [("3", "next.csv")])
    assert names(uploads) == [("new.csv", "data"), ("next.csv", "next_month")]


def test_what_stood_beside_the_field_counts_as_it_stood_when_the_file_was_dropped(uploads, now):
    uploads.enter("a", "use")
    uploads.show_field("a", "use", "list", said="people to leave out")
    now[0] += 1
    uploads.begin("a", [("1", "stop.csv")])
    uploads.show_field("a", "use", "list", said="an earlier campaign")
    assert [each.said for each in uploads.under_way("a")] == ["people to leave out"]
    uploads.begin("a", [("2", "may.csv")])
    assert [each.said for each in uploads.under_way("a")] == ["an earlier campaign"]


def test_a_visitor_who_has_left_is_asked_which_field_a_file_was_for_where_several_would_take_it(uploads, now):
    uploads.enter("a", "next_month")
    uploads.show_field("a", "next_month", "now", "This month", lambda name: name.endswith(".csv"))
    uploads.show_field("a", "next_month", "then", "Last month", lambda name: name.endswith(".csv"))
    uploads.show_field("a", "next_month", "model", "Model", lambda name: name.endswith(".json"))
    now[0] += 1
    uploads.begin("a", [("1", "may.csv")])
    draw(uploads, now, "prepare", field=False)
    (upload,) = uploads.under_way("a")
    assert upload.left
    assert uploads.fields_for("a", upload) == {"now": "This month", "then": "Last month"}
    uploads.ask("a", "1")
    assert [(each.asked, each.meant) for each in uploads.under_way("a")] == [(True, "")]
    uploads.ask("a", "1", "then")
    assert [(each.asked, each.meant) for each in uploads.under_way("a")] == [(False, "then")]


def test_what_never_arrives_is_given_up_and_what_a_visitor_deletes_is_forgotten(uploads, now):
    draw(uploads, now, "data")
    uploads.begin("a", [("1", "c.csv")])
    now[0] += GIVEN_UP_AFTER - 1
    assert names(uploads) == [("c.csv", "data")]
    now[0] += 1
    assert names(uploads) == []
    uploads.begin("a", [("2", "d.csv")])
    uploads.forget("a")
    assert names(uploads) == []


@pytest.mark.parametrize("answer", ["file_urls_response", "backend_operation_response"])
@pytest.mark.parametrize("fragments", [None, ["a"]])
def test_an_answer_outlives_the_beginning_of_a_run_and_is_sent_once(answer, fragments):
    keep_answers()
    queue = ForwardMsgQueue()
    message = ForwardMsg()
    getattr(message, answer).SetInParent()
    queue.enqueue(message)
    for _ in range(2):
        queue.clear(retain_lifecycle_msgs=True, fragment_ids_this_run=fragments)
    assert [each.WhichOneof("type") for each in queue.flush()] == [answer]
    assert queue.flush() == []


def test_a_browser_that_names_a_million_files_or_a_name_of_megabytes_is_given_few_addresses(uploads, now):
    manager = Manager()
    uploads.watch(manager)
    draw(uploads, now, "data")
    given = manager.get_upload_urls("a", ["x" * 5_000_000 + ".csv"] * 1_000)
    assert 1 <= len(given) <= 10
    assert all(len(name) <= 255 and name.endswith("x.csv") for name, _ in names(uploads))
