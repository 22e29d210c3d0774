"""Fill my template: a header row that was just downloaded decides."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from segmenter.activate.audience import Audience, AudienceOptions, build_audiences
from segmenter.activate.permission import EVERYBODY_AGREED, Consent
from segmenter.activate.platforms import platforms
from segmenter.activate.render import read_template
from segmenter.errors.forming import TemplateError
from segmenter.io.export.audiences import platform_file
from segmenter.table.columns import read_frame

BOOK = read_frame(
    pd.DataFrame(
        {
            "id": ["1"],
            "email": ["Ann@x.com"],
            "phone": ["+436641234567"],
            "first_name": ["Ann"],
            "last_name": ["Doe"],
            "birthday": ["1990-03-07"],
            "sex": ["weiblich"],
        }
    )
)
SHA = hashlib.sha256(b"ann@x.com").hexdigest()


def filled(platform, content, *, hashes=False):
    options = AudienceOptions(Consent(stated=EVERYBODY_AGREED), hashes=hashes, template=read_template(content))
    made = build_audiences(BOOK, [Audience("a", np.ones(1, dtype=bool))], platforms()[platform], options)
    return platform_file(made, made.lists[0]).decode()


@pytest.mark.parametrize(
    ("platform", "template", "expected"),
    [
        ("linkedin", "Email,First Name,Last Name,Title", "Email,First Name,Last Name,Title\r\nann@x.com,Ann,Doe,\r\n"),
        ("linkedin", "lastname;email;new column\n", "lastname;email;new column\nDoe;ann@x.com;\n"),
        ("pinterest", "Emails *", "Emails *\r\nann@x.com\r\n"),
        ("snapchat", "Hashed Emails", f"Hashed Emails\r\n{SHA}\r\n"),
        (
            "linkedin",
            "Email (required),First name [optional]",
            "Email (required),First name [optional]\r\nann@x.com,Ann\r\n",
        ),
        ("linkedin", "Fill in below\n\nemail,firstname\n", "email,firstname\nann@x.com,Ann\n"),
        ("google", '"Email, main","Phone, mobile"', '"Email, main","Phone, mobile"\r\nann@x.com,+436641234567\r\n'),
        ("microsoft", "Email", f"Email\r\n{SHA}\r\n"),
        ("google", "Email,Email,Phone", "Email,Email,Phone\r\nann@x.com,,+436641234567\r\n"),
        ("tiktok", "Email,Email_SHA256,Phone", "Email,Email_SHA256,Phone\r\nann@x.com,,+436641234567\r\n"),
        ("tiktok", "Email_SHA 256", f"Email_SHA 256\r\n{SHA}\r\n"),
        ("klaviyo", "E-Mail-Adresse\tVorname", "E-Mail-Adresse\tVorname\r\nann@x.com\tAnn\r\n"),
        (
            "salesforce-mobile",
            "_ContactKey,_MobileNumber,_Locale",
            "_ContactKey,_MobileNumber,_Locale\r\n1,436641234567,AT\r\n",
        ),
        (
            "meta",
            "email,doby,dobm,dob,gen,gender",
            "email,doby,dobm,dob,gen,gender\r\nann@x.com,1990,03,1990-03-07,f,\r\n",
        ),
        ("salesforce-mc", "SubscriberKey,Email Address", "SubscriberKey,Email Address\r\n1,ann@x.com\r\n"),
    ],
)
def test_the_templates_header_row_decides_the_columns(platform, template, expected):
    assert filled(platform, template.encode()) == expected


def test_hashes_go_into_the_column_for_hashes():
    assert filled("tiktok", b"Email,Email_SHA256", hashes=True) == f"Email,Email_SHA256\r\n,{SHA}\r\n"
    with pytest.raises(TemplateError, match="no column for hashed values of Email"):
        filled("tiktok", b"Email,Phone", hashes=True)


def test_the_platforms_own_layout_keeps_its_rows_before_the_customers():
    headers = [column.header for column in platforms()["microsoft"].columns]
    text = filled("microsoft", ",".join(reversed(headers)).encode())
    first = text.splitlines()[1].split(",")
    assert dict(zip(reversed(headers), first, strict=True))["Type"] == "Format Version"
    assert SHA in text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_template_is_read_in_the_encodings_of_spreadsheets(encoding):
    assert read_template("E-Mail,Größe\r\n".encode(encoding)).headers == ("E-Mail", "Größe")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PK\x03\x04xxxx", "This template is a workbook"),
        (b"", "no line of column names"),
        (b"\x00\x01\x02\n", "no line of column names"),
        (b"a" * 1_000_001, "more than a megabyte"),
    ],
)
def test_what_is_no_template_is_refused_in_words(content, why):
    with pytest.raises(TemplateError, match=why):
        read_template(content)


def test_a_template_of_another_platform_is_told_from_a_wrong_one():
    with pytest.raises(TemplateError, match="those of Salesforce Marketing Cloud, mobile: choose that platform"):
        filled("salesforce-mc", b"_MobileNumber,_Locale,_ContactKey")


def test_a_template_without_identifiers_is_refused():
    with pytest.raises(TemplateError, match="No column of the template is known to hold what LinkedIn"):
        filled("linkedin", b"colour,size")
