"""From upload to a platform's zip in a real browser, against the command line's bytes."""

import zipfile

import pytest

from segmenter.cli import main
from tests.ui.test_use import book


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (375, "dark")])
def test_upload_to_zip(visit, tmp_path, width, scheme):
    source = tmp_path / "book.csv"
    book().to_csv(source, index=False)
    app = visit(width, 1000, scheme)
    app.upload(source)
    app.page.get_by_text("90", exact=True).first.wait_for()
    app.next()
    app.next()
    app.until(app.page.locator(".st-key-choose_cards"))
    app.next()
    app.until(app.page.get_by_text("Where they stand"))
    app.next()
    app.until(app.page.get_by_text("90 telephone numbers have no country code"))
    app.page.get_by_role("combobox", name="Country of telephone numbers").click()
    app.page.keyboard.type("Austria (AT)")
    app.act(lambda: app.page.keyboard.press("Enter"))
    app.until(app.page.get_by_text("You can reach 60 of your 90 customers."))
    with app.page.expect_download() as started:
        app.page.get_by_role("button", name="for Google Customer Match").click()
    with zipfile.ZipFile(started.value.path()) as archive:
        lists = {name: archive.read(name) for name in archive.namelist() if name.startswith("lists/")}
    assert sum(body.count(b"@mail.com,+43664") for body in lists.values()) == 60
    assert app.page.evaluate("document.documentElement.scrollWidth") <= width
    assert app.foreign == []
    assert app.errors == []


def test_the_browser_and_the_command_line_write_the_same_lists(visit, tmp_path):
    source = tmp_path / "book.csv"
    book().drop(columns="phone").to_csv(source, index=False)
    app = visit()
    app.upload(source)
    app.page.get_by_text("90", exact=True).first.wait_for()
    k = str(app.compare())
    app.go("Segments")
    app.until(app.page.get_by_text("Where they stand"))
    app.go("Use")
    app.until(app.page.get_by_text("You can reach 60 of your 90 customers."))
    with app.page.expect_download() as started:
        app.page.get_by_role("button", name="for Google Customer Match").click()
    out = tmp_path / "out"
    assert main(["segment", str(source), "--out", str(out), "--segments", k]) == 0
    asked = ["--platform", "google", "--output", str(tmp_path / "a.zip")]
    assert main(["activate", str(out / "customers.csv"), *asked]) == 0
    with zipfile.ZipFile(started.value.path()) as ours, zipfile.ZipFile(tmp_path / "a.zip") as theirs:
        names = [name for name in ours.namelist() if name.startswith("lists/")]
        assert names
        assert [ours.read(name) for name in names] == [theirs.read(name) for name in names]
