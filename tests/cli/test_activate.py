"""Audiences without a screen: from the labelled file, or from a model and a new file."""

import csv
import io
import json
import zipfile

import pandas as pd
import pytest

from segmenter.cli import main


@pytest.fixture(scope="module")
def book():
    return pd.DataFrame(
        {
            "customer_id": [f"{number:04d}" for number in range(60)],
            "email": [f"person{number}@mail.com" for number in range(60)],
            "phone": [
                f"+43664{1_000_000 + number}" if number % 2 else f"0664 {1_000_000 + number}" for number in range(60)
            ],
            "country": ["Österreich"] * 60,
            "newsletter": ["ja", "ja", "ja", "nein", ""] * 12,
            "spend": [*range(100, 130), *range(900, 930)],
            "orders": [3, 4] * 15 + [40, 41] * 15,
        }
    )


@pytest.fixture(scope="module")
def labelled(book, tmp_path_factory):
    folder = tmp_path_factory.mktemp("labelled")
    book.to_csv(folder / "book.csv", index=False)
    asked = ["--columns", "spend,orders", "--segments", "2", "--out", str(folder / "out")]
    assert main(["segment", str(folder / "book.csv"), *asked]) == 0
    return folder


def activate(labelled, *options, file="out/customers.csv"):
    output = labelled / "audiences.zip"
    output.unlink(missing_ok=True)
    rc = main(["activate", str(labelled / file), "--output", str(output), *options])
    if rc:
        assert not output.exists()
        return rc, {}
    with zipfile.ZipFile(io.BytesIO(output.read_bytes())) as archive:
        return rc, {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


def test_the_labelled_file_becomes_lists(labelled, book, capsys):
    suppressed = labelled / "suppressed.txt"
    suppressed.write_text("person0@mail.com\n+436641000001\n0002\n")
    rc, files = activate(
        labelled, "--platform", "meta", "--segments", "1,2", "--consent", "newsletter", "--country", "country",
        "--suppress", str(suppressed), "--hold-out", "10", "--salt", "spring",
    )  # fmt: skip
    assert rc == 0
    rows = [
        row for name, text in files.items() if name.startswith("lists/") for row in csv.DictReader(io.StringIO(text))
    ]
    record = json.loads(files["manifest.json"])
    agreed = set(book["email"][book["newsletter"] == "ja"]) - {f"person{n}@mail.com" for n in range(3)}
    held = list(csv.DictReader(io.StringIO(files["left_out/3_held_out.csv"])))
    assert {row["email"] for row in rows} | {f"person{int(row['customer'])}@mail.com" for row in held} == agreed
    # The apostrophe that our own labelled file puts before +43 is gone, and the number is the one that was uploaded.
    phones = {row["email"]: row["phone"] for row in rows}
    assert all(phone == f"+43664{1_000_000 + int(email[6:].split('@')[0])}" for email, phone in phones.items())
    assert record["consent"] == {"columns": ["newsletter"], "stated": None}
    assert record["control"]["salt"] == "spring"
    said = capsys.readouterr().out
    assert "Consent: newsletter" in said
    assert "Nothing was sent anywhere" in said
    assert "in all:" in said


def test_a_model_places_a_new_file(labelled):
    model = ["--model", str(labelled / "out" / "model.segmodel.json")]
    asked = ["--platform", "klaviyo", *model, "--all-consented", "--field", "phone="]
    rc, files = activate(labelled, *asked, file="book.csv")
    assert rc == 0
    from_file = activate(labelled, "--platform", "klaviyo", "--all-consented", "--field", "phone=")[1]
    lists = {name: text for name, text in files.items() if name.startswith("lists/")}
    assert lists == {name: text for name, text in from_file.items() if name.startswith("lists/")}
    assert sum(text.count("@") for text in lists.values()) == 60
    rc, typical = activate(labelled, *asked, "--typical", "5", file="book.csv")
    assert sum(text.count("@") for name, text in typical.items() if name.startswith("lists/")) == 10


def test_who_fits_no_segment_is_in_no_list_unless_asked_for(labelled, book, capsys):
    far = book.assign(spend=book["spend"].where(book.index >= 10, 5_000_000))
    far.to_csv(labelled / "far.csv", index=False)
    model = ["--model", str(labelled / "out" / "model.segmodel.json")]
    asked = ["--platform", "klaviyo", *model, "--all-consented", "--field", "phone="]

    def listed(*options):
        _, files = activate(labelled, *asked, *options, file="far.csv")
        return sum(text.count("@") for name, text in files.items() if name.startswith("lists/"))

    capsys.readouterr()
    assert listed() == 50
    assert "10 customers fit no segment and are in no list" in capsys.readouterr().err
    assert listed("--nearest") == 60


def test_rules_and_last_times_file_narrow_the_segments(labelled, book, tmp_path):
    rc, files = activate(
        labelled, "--platform", "braze", "--all-consented", "--where", "spend >= 920", "--where", "orders = 40"
    )
    assert rc == 0
    found = sorted(line for name, text in files.items() if name.startswith("lists/") for line in text.splitlines()[1:])
    assert found == sorted(book["customer_id"][(book["spend"] >= 920) & (book["orders"] == 40)])
    now = pd.read_csv(labelled / "out" / "customers.csv", dtype=str, encoding="utf-8-sig")
    before = tmp_path / "before.csv"
    now.iloc[5:].to_csv(before, index=False)
    rc, files = activate(labelled, "--platform", "braze", "--all-consented", "--joined-since", str(before))
    found = sorted(line for name, text in files.items() if name.startswith("lists/") for line in text.splitlines()[1:])
    assert found == [f"{number:04d}" for number in range(5)]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--platform", "myspace"], "There is no platform 'myspace'. There are: google"),
        (["--platform", "meta", "--segments", "9"], "There is no segment '9'"),
        (["--platform", "meta", "--field", "country="], "30 telephone numbers have no country code"),
        (["--platform", "meta", "--consent", "agreed"], "no column 'agreed'"),
        (["--platform", "meta", "--hold-out", "much"], "--hold-out takes per cent from 0 to 100"),
        (["--platform", "meta", "--hold-out", "100"], "can be held out"),
        (["--platform", "meta", "--region", "Narnia"], "--region 'Narnia' is no country"),
        (["--platform", "klaviyo", "--hash"], "Klaviyo list takes no hashes"),
        (["--platform", "meta", "--where", "money > 3"], "names no column of the file"),
        (["--platform", "meta", "--suppress", "nowhere.csv"], "nowhere.csv"),
        (["--platform", "meta", "--typical", "5"], "Give the model"),
        (["--platform", "x", "--identifier", "nose"], "nose"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence_and_nothing_is_written(labelled, options, why, capsys):
    rc, _ = activate(labelled, *options)
    said = capsys.readouterr().err
    assert rc == 2
    assert why in said
    assert "Traceback" not in said


def test_consent_is_asked_where_no_column_says_so(labelled, tmp_path, book, capsys):
    path = tmp_path / "no_consent.csv"
    book.drop(columns="newsletter").to_csv(path, index=False)
    asked = ["activate", str(path), "--platform", "plain", "--output", str(tmp_path / "a.zip"), "--region", "AT"]
    assert main(asked) == 2
    assert "No column says who has agreed" in capsys.readouterr().err
    assert main([*asked, "--all-consented", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["reconciliation"][-1]["in file"] == 60


def test_the_cells_of_the_rfm_grid_are_lists_too(tmp_path, capsys):
    orders = pd.DataFrame(
        [
            (f"{number:03d}", f"p{number}@mail.com", "no" if number % 4 == 0 and month == 2 else "yes",
             f"2024-0{month}-{10 + number % 15}", 5.0 + number)
            for number in range(40)
            for month in range(1, 3 + number % 5)
        ],
        columns=["customer_id", "email", "newsletter", "order_date", "amount"],
    )  # fmt: skip
    orders.to_csv(tmp_path / "orders.csv", index=False)
    asked = ["--rfm", "--platform", "klaviyo", "--output", str(tmp_path / "a.zip"), "--json"]
    assert main(["activate", str(tmp_path / "orders.csv"), *asked]) == 0
    rows = {row["segment"]: row for row in json.loads(capsys.readouterr().out)["reconciliation"]}
    assert rows["in all"]["in segment"] == 40
    # Whoever said no on one of the lines is in no list.
    assert (rows["in all"]["no consent"], rows["in all"]["in file"]) == (10, 30)
    assert "Champions" in rows
    # Without segments, too, lines are added up, and that is said.
    asked.remove("--rfm")
    assert main(["activate", str(tmp_path / "orders.csv"), *asked]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [record["reconciliation"][-1][each] for each in ("in segment", "no consent", "in file")] == [40, 10, 30]
    assert any("became 40 customers" in note for note in record["notes"])


def test_platforms_are_listed(capsys):
    assert main(["platforms"]) == 0
    assert "google: Google Customer Match" in capsys.readouterr().out
    assert main(["platforms", "--json"]) == 0
    assert {"id", "title", "kind", "checked_on", "certainty", "fields", "hashing"} == set(
        json.loads(capsys.readouterr().out)[0]
    )
