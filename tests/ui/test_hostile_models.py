"""Hostile model files, uploaded and dropped into the folder of models: each gets its sentence, and the page lives."""

import bz2
import gzip
import io
import json
import os
import pickle
import stat
import tarfile
import zipfile

import pytest
from streamlit.testing.v1 import AppTest

from segmenter.io.model import folder
from segmenter.ui import messages
from segmenter.ui.widgets import place_customers
from tests.io.model.saved_models import classifier_file, model_file
from tests.io.model.test_mutations import pinned, signed

PAGE = "segmenter/ui/pages/{}.py"
GOOD = model_file("k-means")
TRAINED = json.loads(GOOD)["row_count"]
ROWS = f'"row_count": {TRAINED}'


def zipped(parts, mode=0o644):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name)
            info.external_attr, info.compress_type = mode << 16, zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return target.getvalue()


def tarred(name):
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    return target.getvalue()


class Runs:
    def __reduce__(self):
        return os.system, ("exit 1",)


def changed(old, new):
    """Return a good model with a change, under a checksum that is right again."""
    assert old in GOOD.decode()
    return signed(GOOD.decode().replace(old, new, 1))


BOMB = zipped({"model.json": b"0" * 100_000_000, "learner": b"0" * 100_000_000})
NESTED = zipped({"a/" * 500 + "model.json": b"{}", "learner": b""})
OUTSIDE = zipped({"../../model.json": b"{}", "/etc/learner": b""})
LINKED = zipped({"model.json": b"/etc/passwd", "learner": b"/etc/passwd"}, stat.S_IFLNK | 0o777)
FILES = {
    "nothing": b"",
    "zeros": b"\0" * 1_000_000,
    "zip bomb": BOMB,
    "zip of nested folders": NESTED,
    "zip that leads outside": OUTSIDE,
    "zip of links": LINKED,
    "gzip bomb": gzip.compress(b"0" * 100_000_000),
    "bz2": bz2.compress(GOOD),
    "tar": tarred("../../model.json"),
    "pickle": pickle.dumps(Runs()),
    "pickle of the first protocol": pickle.dumps(Runs(), protocol=0),
    "program": b"\x7fELF" + bytes(range(256)) * 10,
    "page": b"<html><script>alert(1)</script></html>",
    "deep list": b"[" * 1_000_000,
    "deep object": b'{"format":' * 100_000,
    "deep value": changed('"quality": {', '"quality": ' + "[" * 5_000 + "]" * 5_000 + ', "other": {'),
    "wrong checksum": GOOD.replace(b'"k": 3', b'"k": 4'),
    "1e999": changed('"k": 3', '"k": 1e999'),
    "NaN": changed(ROWS, '"row_count": NaN'),
    "4,000 digits": changed(ROWS, f'"row_count": {"9" * 4_000}'),
    "a name twice": changed('"k": 3', '"k": 3, "k": 3'),
    "half a letter": changed('"trained_on": "', '"trained_on": "\\ud800'),
    "not UTF-8": GOOD.replace(b'"format"', b'"form\xff\xfeat"'),
    "UTF-16": GOOD.decode().encode("utf-16"),
    "text": b'"segmodel"',
    "number": b"1e308",
    "null": b"null",
    "6 MB": GOOD[:-2] + b" " * 6_000_000 + GOOD[-2:],
    "cut off": GOOD[: len(GOOD) // 2],
    "a later version": changed('"version": ', '"version": 9'),
}


def said(app):
    return [each.value for each in app.error] + [each.value for each in app.warning]


def lives(app, title):
    """Whether a page is there as it should be, and whatever it says is a sentence and no fault of ours."""
    assert not app.exception
    assert app.title[0].value == title
    for sentence in said(app):
        plain = sentence.replace("\\", "")
        assert messages.FAULT not in plain
        assert "Something went wrong" not in plain
        assert "Traceback" not in plain
        assert "Error" not in plain
        assert plain.rstrip("* ").endswith((".", ")", "?")), plain
    return True


@pytest.fixture(scope="module")
def apply_page():
    app = AppTest.from_file("../../app.py", default_timeout=180).run()
    app.switch_page(PAGE.format("next_month")).run()
    return app.selectbox(key="next_month_model").set_value(place_customers.UPLOADED).run()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("called", ["m.segmodel.json", "../../../etc/passwd.json"])
def test_an_uploaded_model_that_is_none_gets_its_sentence_and_a_good_one_is_taken_after_it(apply_page, name, called):
    apply_page.file_uploader[0].set_value((called, FILES[name], "application/json")).run()
    assert len(apply_page.error) == 1
    assert lives(apply_page, messages.NEXT_MONTH_TITLE)
    apply_page.file_uploader[0].set_value(("good.json", GOOD, "application/json")).run()
    assert not apply_page.error
    assert any(f"made from {TRAINED} customers" in each.value for each in apply_page.markdown)


@pytest.mark.parametrize("called", ["m.segclassifier", "m.skops", "m.pkl", "m.joblib", "m.onnx", "m.zip"])
@pytest.mark.parametrize("name", ["zip bomb", "zip that leads outside", "pickle", "nothing", "zip of links"])
def test_a_classifier_or_another_program_is_refused_where_customers_are_expected(apply_page, name, called):
    apply_page.file_uploader[1].set_value((called, FILES[name], "application/octet-stream")).run()
    assert len(apply_page.error) == 1
    assert lives(apply_page, messages.NEXT_MONTH_TITLE)


def line(**changes):
    return {
        "file": "a.segmodel.json", "title": "A", "sha256": "0" * 64, "bytes": 1, "algorithm": "k-means", "k": 3,
        "features": [], "made_with": "x", "created": "2026-01-01", "licence": "x", "origin": "x", **changes,
    }  # fmt: skip


def listed(*lines):
    return json.dumps({"models": lines}).encode()


LISTS = {
    "nothing": b"",
    "zeros": b"\0" * 1_000_000,
    "deep": b'{"models": ' + b"[" * 1_000_000,
    "1e999": b'{"models": [], "more": 1e999}',
    "NaN": b'{"models": [], "more": NaN}',
    "twice": b'{"models": [], "models": []}',
    "not UTF-8": b'{"models": ["\xff\xfe"]}',
    "half a letter": b'{"models": ["\\ud800"]}',
    "pickle": pickle.dumps(Runs()),
    "zip bomb": BOMB,
    "21 MB": b'{"models": []}' + b" " * 21_000_000,
    "many that are not there": listed(*(line(file=f"{n}.segmodel.json") for n in range(5_000))),
    "leads outside": listed(line(file="../../../../etc/passwd"), line(file="/etc/shadow", kind="classifier")),
    "the list itself": listed(line(file="MANIFEST.json")),
    "a title that is markup": listed(
        line(title="<script>alert(1)</script> [x](https://evil.example) ![i](http://e/i)")
    ),
    "a name that is none": listed(line(file="a\nb")),
}


def list_as(make):
    """Return what makes something else of the list of models."""
    return lambda place: make(place / "MANIFEST.json")


def unreadable(path):
    path.write_bytes(listed())
    path.chmod(0)


def no_files(place):
    for name, make in {"a": os.mkfifo, "b": os.mkdir}.items():
        make(place / f"{name}.segmodel.json")
    for name, target in {"c": "/dev/zero", "d": "/etc/passwd", "e": place / "e.segmodel.json"}.items():
        (place / f"{name}.segmodel.json").symlink_to(target)
    (place / "MANIFEST.json").write_bytes(listed(*(line(file=f"{each}.segmodel.json") for each in "abcde")))


def no_text(place):
    for ending in (b".pkl", b".segmodel.json"):
        (place / os.fsdecode(b"\xff\xfe" + ending)).write_bytes(b"x")


def pickles(place):
    for number, name in enumerate(("pickle", "pickle of the first protocol", "nothing", "zip bomb", "deep list")):
        (place / f"old{number}.pkl").write_bytes(FILES[name])


# Each puts what must not harm into a folder of models.
FOLDERS = {
    **{name: list_as(lambda path, name=name: path.write_bytes(LISTS[name])) for name in LISTS},
    "list is a folder": list_as(os.mkdir),
    "list is a pipe": list_as(os.mkfifo),
    "list is a link to what never ends": list_as(lambda path: path.symlink_to("/dev/zero")),
    "list is a link to itself": list_as(lambda path: path.symlink_to(path)),
    "list may not be read": list_as(unreadable),
    "models are no files": no_files,
    "names that are no text": no_text,
    "pickles": pickles,
}


@pytest.fixture(scope="module")
def any_page():
    return AppTest.from_file("../../app.py", default_timeout=60).run()


@pytest.mark.parametrize("page", ["next_month", "place"])
@pytest.mark.parametrize("kind", FOLDERS)
def test_a_hostile_folder_of_models_is_explained_and_the_page_lives(monkeypatch, tmp_path, any_page, kind, page):
    if kind == "list may not be read" and not os.geteuid():
        pytest.skip("root may read whatever it likes")
    FOLDERS[kind](tmp_path)
    for module in (folder, place_customers):
        monkeypatch.setattr(module, "MODELS_FOLDER", tmp_path)
    app = any_page.switch_page(PAGE.format(page)).run()
    assert lives(app, app.title[0].value)
    told = any("MANIFEST" in each.replace("\\", "") for each in said(app))
    harmless = ("many", "leads", "the list", "a title", "models are", "names", "pickles")
    assert told != kind.startswith(harmless) or kind == "the list itself"
    if page == "next_month" and kind.startswith(("many", "leads", "the list", "models are")):
        assert said(app)


def test_hostile_pickles_in_the_folder_are_refused_one_by_one(monkeypatch, tmp_path, any_page):
    pickles(tmp_path)
    for module in (folder,):
        monkeypatch.setattr(module, "MODELS_FOLDER", tmp_path)
    app = any_page.switch_page(PAGE.format("next_month")).run()
    assert not app.error
    app.session_state["open_pickles"] = True
    assert lives(app.run(), messages.NEXT_MONTH_TITLE)
    assert len(app.error) == 5


CLASSIFIERS = {
    **{
        name: FILES[name]
        for name in ("nothing", "zip bomb", "zip of nested folders", "zip that leads outside", "pickle")
    },
    "links": LINKED,
    "cut off": classifier_file("naive-bayes")[:-100],
    "bomb under the right names": BOMB,
}


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier_that_the_list_vouches_for_is_refused_in_a_sentence(monkeypatch, tmp_path, name):
    pinned(tmp_path, "h.segclassifier", CLASSIFIERS[name], "classifier")
    monkeypatch.setattr(place_customers, "MODELS_FOLDER", tmp_path)
    # A page that has not looked at this file before: it says so once.
    app = AppTest.from_file("../../app.py", default_timeout=60).run()
    app.switch_page(PAGE.format("place")).run()
    assert len(app.error) == 1
    assert lives(app, "Which segment does a new customer belong to?")
    app.run()
    assert lives(app, "Which segment does a new customer belong to?")


@pytest.mark.parametrize("name", ["1e999", "deep value", "NaN", "4,000 digits", "a name twice", "6 MB", "zip bomb"])
def test_a_model_that_the_list_vouches_for_is_refused_in_a_sentence(monkeypatch, tmp_path, name):
    pinned(tmp_path, "h.segmodel.json", FILES[name], "segmentation")
    monkeypatch.setattr(folder, "MODELS_FOLDER", tmp_path)
    app = AppTest.from_file("../../app.py", default_timeout=60).run()
    app.switch_page(PAGE.format("next_month")).run()
    assert said(app)
    assert lives(app, messages.NEXT_MONTH_TITLE)
