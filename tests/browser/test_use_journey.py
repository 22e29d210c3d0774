"""From upload to a platform's zip in a real browser, against the command line's bytes."""

import csv
import io
import json
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


def _rows(archive, name):
    return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (375, "light")])
def test_consent_is_asked_once_and_everybody_is_accounted_for(visit, tmp_path, width, scheme):
    source = tmp_path / "book.csv"
    book().drop(columns=["newsletter", "phone"]).to_csv(source, index=False)
    stop = tmp_path / "stop.csv"
    stop.write_text("email\nperson0@mail.com\nPERSON1@mail.com\n")
    app = visit(width, 1000, scheme)
    app.upload(source)
    app.page.get_by_text("90", exact=True).first.wait_for()
    for landmark in (None, app.page.locator(".st-key-choose_cards"), app.page.get_by_text("Where they stand"), None):
        app.next()
        if landmark is not None:
            app.until(landmark)
    app.until(app.page.get_by_text("Who of your 90 customers may you contact?"))
    app.choose("Platform", "Klaviyo")
    # Nothing can be taken before the word is given.
    assert app.page.get_by_role("button", name="for Klaviyo").count() == 0
    app.act(lambda: app.page.locator(".st-key-use_agreed label").first.click())
    app.until(app.page.get_by_text("You can reach 90 of your 90 customers."))
    app.act(lambda: app.page.locator(".st-key-use_share").get_by_text("20 %", exact=True).click())
    app.until(app.page.get_by_text("are kept back, of those who can be reached."))
    reached = app.page.locator("h1").inner_text()
    app.unfold("People to leave out, and other files")
    app.upload(stop)
    app.until(app.page.get_by_text("2 people who must not be contacted"))
    with app.page.expect_download() as started:
        app.page.get_by_role("button", name="for Klaviyo").click()
    with zipfile.ZipFile(started.value.path()) as archive:
        names = archive.namelist()
        lists = [row["Email"] for name in names if name.startswith("lists/") for row in _rows(archive, name)]
        sheet = _rows(archive, "reconciliation.csv")
        sides = _rows(archive, "test_and_control.csv")
        off = {name: _rows(archive, name) for name in names if name.startswith("left_out/") and name[9].isdigit()}
        record = json.loads(archive.read("manifest.json"))
    for row in sheet:
        steps = [int(cell) for name, cell in row.items() if name not in ("segment", "in segment")]
        assert int(row["in segment"]) == sum(steps)
    total = sheet[-1]
    assert int(total["in segment"]) == 90
    assert int(total["in file"]) == len(lists) == len(set(lists))
    assert int(total["suppressed"]) == 2
    assert not {"person0@mail.com", "person1@mail.com"} & set(lists)
    assert len(lists) + sum(map(len, off.values())) == 90
    kept = [row["customer"] for row in sides if row["arm"] == "control"]
    assert len(kept) == int(total["held out"]) > 0
    assert {f"person{int(each)}@mail.com" for each in kept}.isdisjoint(lists)
    assert "has agreed" in record["consent"]["stated"]
    # The word is kept, and who is kept back: whoever comes back is not asked again. Who was not to be contacted is
    # asked for.
    app.act(app.page.go_back)
    app.until(app.page.get_by_text("Where they stand"))
    app.next()
    without = app.page.locator(".st-key-use_without button")
    app.until(without)
    app.act(without.click)
    app.until(app.page.get_by_text(reached))
    assert "63 of your 90" in reached
    assert app.page.evaluate("document.documentElement.scrollWidth") <= width
    assert app.foreign == []
    assert app.errors == []
