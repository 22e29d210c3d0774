"""Ten thousand people with every fault of an address book, and what is known to be true of each."""

import random

import pandas as pd

DOMAINS = ["gmail.com", "googlemail.com", "gmx.at", "web.de", "orange.fr", "example.org"]
BAD_EMAILS = [
    "nobody",
    "a@b",
    "x@@y.com",
    "jane doe@x.com",
    "a@b.com;c@d.com",
    "@gmail.com",
    "1.2E+11",
    "ü@",
    "a@x.invalid",
]
BAD_PHONES = [
    "12",
    "call me",
    "4.3664E+11",
    "########",
    "2024-05-06",
    "+1 555 0100",
    "0664 1234567 / 0664 7654321",
    "000000",
]
COUNTRIES = ["AT", "Österreich", "aut", "Austria", "DE", "Germany", "Allemagne", "", "Narnia"]
YES, NO = ["yes", "ja", "1", "TRUE", "opted in", "2024-05-01"], ["no", "nein", "0", "", None, "maybe", "unsubscribed"]


def people(n_people=10_000, seed=1):
    """Return a customer file, one in ten people standing in it more than once."""
    chance = random.Random(seed)
    rows = []
    for number in range(n_people):
        name = f"p{number}"
        email = f"{name}@{chance.choice(DOMAINS)}"
        phone = f"+43664{1_000_000 + number}"
        customer = f"{number:06d}"
        consent = chance.choice(YES if chance.random() < 0.85 else NO)
        base = {
            "customer_id": chance.choice([customer] * 9 + [""]),
            "email": _written_email(chance, email),
            "phone": _written_phone(chance, phone),
            "country": chance.choice(COUNTRIES),
            "newsletter": consent,
            "first_name": chance.choice(["Zoë", "Jan, jr.", 'Max "M"', "Łukasz", "=1+1", " Ann "]),
            "last_name": f"N{number}",
            "zip": chance.choice(["1010", "01067", "SW1A 1AA", ""]),
            "spend": round(chance.uniform(1, 900), 2),
            "segment": chance.choice(["1", "2", "3", ""]),
            "truth": name,
        }
        rows.append(base)
        if chance.random() < 0.1:
            again = dict(base)
            kind = chance.randrange(3)
            if kind == 0:
                again |= {"customer_id": f"9{customer}", "email": email.upper(), "phone": ""}
                rows[-1] |= {"email": email}
            elif kind == 1:
                again |= {"customer_id": f"9{customer}", "phone": phone, "email": f"other{number}@gmx.at"}
                rows[-1] |= {"phone": phone}
            else:
                again |= {"customer_id": customer}
                rows[-1] |= {"customer_id": customer}
            again |= {"newsletter": chance.choice(YES + NO), "segment": chance.choice(["1", "2", "3"])}
            rows.append(again)
    chance.shuffle(rows)
    return pd.DataFrame(rows)


def _written_email(chance, email):
    forms = [
        email,
        email.upper(),
        f" {email} ",
        f"mailto:{email}",
        f"<{email}>",
        email.replace("@", "+news@"),
        f"\ufeff{email}",
    ]
    return chance.choice([*forms, *forms, "", None, "n/a", chance.choice(BAD_EMAILS)])


def _written_phone(chance, phone):
    national = phone[3:]
    forms = [
        phone,
        f"00{phone[1:]}",
        f"0{national}",
        f"+43 (0) {national[:3]} {national[3:]}",
        f"{national[:3]}/{national[3:]}",
        f"'{phone}",
    ]
    return chance.choice([*forms, *forms, "", None, "-", chance.choice(BAD_PHONES)])
