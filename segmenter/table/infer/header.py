"""What a column's name says: identifier, code, person, date."""

import re
from itertools import pairwise
from typing import Final

from segmenter.config import LONGEST_JUDGED

_SPLIT: Final = re.compile(r"[^0-9A-Za-zÀ-ɏ]+|(?<=[a-zà-ÿ])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

_ID_WORDS: Final = frozenset({"id", "ids", "uid", "uuid", "guid", "identifier", "bbid", "kundennummer", "kundennr"})
_WHO: Final = frozenset(
    {
        "customer",
        "cust",
        "client",
        "member",
        "user",
        "account",
        "acct",
        "household",
        "loyalty",
        "contact",
        "person",
        "subscriber",
        "buyer",
        "guest",
        "patient",
        "kunde",
        "kunden",
    }
)
_NUMBERED: Final = frozenset({"no", "nr", "num", "number", "ref", "reference", "key", "code"})
_DOCUMENTS: Final = frozenset(
    {
        "invoice",
        "order",
        "receipt",
        "transaction",
        "ticket",
        "till",
        "store",
        "shop",
        "branch",
        "policy",
        "contract",
        "product",
        "item",
        "stock",
        "article",
        "part",
        "serial",
        "voucher",
        "promo",
        "register",
        "terminal",
        "flight",
        "batch",
        "model",
    }
)
_CODE_WORDS: Final = frozenset(
    {
        "code",
        "zip",
        "zipcode",
        "postcode",
        "postal",
        "pincode",
        "plz",
        "sku",
        "ean",
        "isbn",
        "upc",
        "gtin",
        "iban",
        "fips",
        "naics",
        "barcode",
        "asin",
    }
)
_CODE_NAMES: Final = frozenset({"pin", "store", "shop", "branch", "till", "stockcode", "cap", "cp"})
_GROUP_WORDS: Final = frozenset({"segment", "cluster", "segmentation"})

_PERSON_NAMES: Final = frozenset(
    {
        "name",
        "full name",
        "first name",
        "last name",
        "firstname",
        "lastname",
        "fullname",
        "surname",
        "forename",
        "given name",
        "family name",
        "middle name",
        "maiden name",
        "customer name",
        "client name",
        "contact name",
        "member name",
        "user name",
        "username",
        "contact",
        "vorname",
        "nachname",
        "nom",
        "prénom",
        "nombre",
        "apellido",
        "cardholder",
        "cardholder name",
    }
)
_ADDRESS_WORDS: Final = frozenset({"address", "street", "addr", "strasse", "straße", "adresse", "address1"})
_PHONE_WORDS: Final = frozenset({"phone", "mobile", "telephone", "tel", "fax", "cell", "cellphone", "telefon"})
_CARD_PHRASES: Final = (
    "card number",
    "card no",
    "cc number",
    "credit card num",
    "iban",
    "ssn",
    "passport",
    "kreditkarte",
    "kartennummer",
    "kontonummer",
    "carte bancaire",
)
_DATE_WORDS: Final = frozenset(
    {
        "date",
        "dt",
        "day",
        "dob",
        "birthday",
        "birthdate",
        "datetime",
        "timestamp",
        "time",
        "on",
        "datum",
        "since",
    }
)
_BIRTH_WORDS: Final = frozenset({"dob", "birth", "birthday", "birthdate", "born", "geburtsdatum"})


def words_of(header: str) -> tuple[str, ...]:
    """Split a column name into lower-case words: `CustomerID`, `cust_id` and `Cust. ID` alike."""
    return tuple(word.lower() for word in _SPLIT.split(header[:LONGEST_JUDGED]) if word)


def names_customers(header: str) -> bool:
    """Whether the name says that the column tells customers apart, even over several rows each."""
    words = words_of(header)
    joined = "".join(words)
    if joined in {"id", "customerid", "custid", "clientid", "userid", "memberid", "kundennummer", "kundennr"}:
        return True
    return bool(words) and bool(_WHO & set(words)) and (words[-1] in _ID_WORDS or words[-1] in _NUMBERED)


def names_an_id(header: str) -> bool:
    """Whether the name ends like that of an identifier."""
    words = words_of(header)
    return bool(words) and (words[-1] in _ID_WORDS or (words[0] in _ID_WORDS and len(words) <= 2))


def names_a_code(header: str) -> bool:
    """Whether the name says that numbers in the column name things and are not amounts."""
    words = words_of(header)
    if " ".join(words) in _CODE_NAMES:
        return True
    if "of" in words or "count" in words:
        return False
    if set(words) & _CODE_WORDS or (words and words[-1] in _ID_WORDS):
        return True
    return any(first in _DOCUMENTS and second in _NUMBERED for first, second in pairwise(words))


def names_things(header: str) -> bool:
    """Whether the name says that the column names customers or things, in whatever letters."""
    return names_customers(header) or names_an_id(header) or names_a_code(header)


def names_a_group(header: str) -> bool:
    """Whether the name says that numbers in the column are labels of groups."""
    return bool(set(words_of(header)) & _GROUP_WORDS)


def names_a_person(header: str) -> bool:
    """Whether the column is called like one of people's names."""
    return " ".join(words_of(header)) in _PERSON_NAMES


def names_an_address(header: str) -> bool:
    """Whether the column is called like one of street addresses."""
    words = set(words_of(header))
    return bool(words & _ADDRESS_WORDS) and not words & {"ip", "mac", "email", "web"}


def names_a_phone(header: str) -> bool:
    """Whether the column is called like one of telephone numbers."""
    words = words_of(header)
    return bool(set(words) & _PHONE_WORDS) and not set(words) & {"calls", "count", "minutes", "type", "model"}


def names_an_email(header: str) -> bool:
    """Whether the column is called like one of e-mail addresses."""
    words = words_of(header)
    return "email" in words or words in {("e", "mail"), ("mail",), ("e", "mail", "address")}


def names_a_card(header: str) -> bool:
    """Whether the column is called like one of card, account or document numbers of a person."""
    phrase = " ".join(words_of(header))
    return any(marker in phrase for marker in _CARD_PHRASES)


def names_a_birth(header: str) -> bool:
    """Whether the column is called like one of days of birth."""
    return bool(set(words_of(header)) & _BIRTH_WORDS)


def names_a_date(header: str) -> bool:
    """Whether the column is called like one of dates."""
    return bool(set(words_of(header)) & _DATE_WORDS)
