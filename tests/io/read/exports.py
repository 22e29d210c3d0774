"""Files as shops, customer systems, advertising and form tools export them, in their layouts and locales, made up."""

import csv
import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

Rows = list[list[str]]


@dataclass(frozen=True)
class Export:
    """A file, and what is right for it.

    Attributes
    ----------
    header, rows
        The table as it ought to be read.
    numbers
        What columns that are no plain numbers ought to mean.
    said
        Whether something has to be said: lines left out, names joined; a clean export is read without a warning.
    """

    name: str
    content: bytes
    header: list[str]
    rows: Rows
    numbers: dict[str, list[float]] = field(default_factory=dict)
    said: bool = False


NAMES = {
    "en": ("Olivia Smith", "Noah O'Neil", "Emma Brown", "Liam Jones", "Ava Taylor"),
    "de": ("Jürgen Müller", "Käthe Groß", "Uwe Schäfer", "Jörg Weiß", "Anna Bäcker"),
    "fr": ("Hélène Lefèvre", "François Dupré", "Zoé Béranger", "Benoît Garçon", "Noël Bûche"),
    "es": ("José Muñoz", "María Peña", "Íñigo Núñez", "Begoña León", "Andrés Calderón"),
    "pt": ("João Gonçalves", "Conceição Araújo", "Sebastião Leão", "Inês Simões", "Antônio Fração"),
    "pl": ("Paweł Wójcik", "Małgorzata Żak", "Łukasz Święch", "Grażyna Dąbek", "Józef Kościelny"),
    "tr": ("Ayşe Yılmaz", "Çağrı Şahin", "İbrahim Öztürk", "Gülşen Işık", "Doğan Çelik"),
    "ru": ("Иван Петров", "Наталья Смирнова", "Сергей Кузнецов", "Ольга Щукина", "Юрий Жданов"),
    "ja": ("山田 太郎", "さとう はなこ", "鈴木 一郎", "タナカ ケン", "伊藤 さくら"),
    "sv": ("Åsa Lindström", "Göran Sjöberg", "Märta Öhman", "Håkan Åkesson", "Björn Nyström"),
}
CITIES = {
    "en": ("Leeds", "York", "Bath"),
    "de": ("Köln", "München", "Gießen"),
    "fr": ("Besançon", "Orléans", "Nîmes"),
    "es": ("Málaga", "A Coruña", "Cádiz"),
    "pt": ("São Paulo", "Goiânia", "Florianópolis"),
    "pl": ("Łódź", "Kraków", "Gdańsk"),
    "tr": ("İstanbul", "Muğla", "Şanlıurfa"),
    "ru": ("Москва", "Казань", "Тверь"),
    "ja": ("東京", "大阪", "さいたま"),
    "sv": ("Malmö", "Göteborg", "Växjö"),
}


class Shop:
    """Customers of one country, always the same ones."""

    def __init__(self, language: str, n_customers: int = 40) -> None:
        pick = random.Random(language)
        self.names = [pick.choice(NAMES[language]) for _ in range(n_customers)]
        self.cities = [pick.choice(CITIES[language]) for _ in range(n_customers)]
        self.ids = [str(48_211 + 7 * at) for at in range(n_customers)]
        self.emails = [f"k{number}@example.com" for number in self.ids]
        self.spend = [round(pick.lognormvariate(5, 1.2), 2) for _ in range(n_customers)]
        self.orders = [pick.randint(1, 19) for _ in range(n_customers)]
        self.days = [(2020 + pick.randint(0, 4), pick.randint(1, 12), pick.randint(1, 28)) for _ in range(n_customers)]
        self.pick = pick

    def __len__(self) -> int:
        return len(self.ids)

    def dates(self, form: str) -> list[str]:
        return [form.format(y=y, m=m, d=d) for y, m, d in self.days]

    def one_of(self, *values: str) -> list[str]:
        return [self.pick.choice(values) for _ in self.ids]


def money(amount: float, thousands: str, decimal: str, form: str = "{}") -> str:
    return form.format(f"{amount:,.2f}".replace(",", "\0").replace(".", decimal).replace("\0", thousands))


def written(
    rows: Sequence[Sequence[str]], separator: str = ",", end: str = "\r\n", quoting: int = csv.QUOTE_MINIMAL
) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=end, quoting=quoting).writerows(rows)
    return text.getvalue()


def columns(*cells: Sequence[str]) -> Rows:
    return [list(row) for row in zip(*cells, strict=True)]


MAKERS: list[Callable[[], Export]] = []


def export(make: Callable[[], Export]) -> Callable[[], Export]:
    MAKERS.append(make)
    return make


def exports() -> Iterator[Export]:
    for make in MAKERS:
        yield make()


@export
def shopify_customers() -> Export:
    shop = Shop("en")
    header = [
        "Customer ID",
        "First Name",
        "Email",
        "Accepts Email Marketing",
        "Total Spent",
        "Total Orders",
        "Note",
        "Tags",
    ]
    notes = ["", "", "called twice,\nwants a refund", 'said "later"', ""]
    rows = columns(
        map(str, shop.ids),
        [name.split()[0] for name in shop.names],
        shop.emails,
        shop.one_of("yes", "no"),
        [f"{amount:.2f}" for amount in shop.spend],
        map(str, shop.orders),
        [notes[at % 5] for at in range(len(shop))],
        shop.one_of("vip, newsletter", "newsletter", ""),
    )
    # The apostrophe tells a spreadsheet that a number is a text.
    marked = [[f"'{number}", *others] for number, *others in rows]
    return Export("Shopify customers", written([header, *marked], end="\n").encode(), header, rows)


@export
def shopify_orders() -> Export:
    shop = Shop("en")
    header = ["Name", "Email", "Financial Status", "Paid at", "Subtotal", "Total", "Lineitem quantity", "Lineitem name"]
    rows: Rows = []
    for at, email in enumerate(shop.emails):
        day = f"2024-03-{at % 28 + 1:02d} 10:15:0{at % 10} +0100"
        total = f"{shop.spend[at]:.2f}"
        rows.append([f"#{1001 + at}", email, "paid", day, total, total, "1", "Mug"])
        rows += [[f"#{1001 + at}", email, "", "", "", "", str(1 + at % 3), "Spoon, large"]] * (at % 2)
    return Export("Shopify orders", written([header, *rows]).encode(), header, rows)


@export
def woocommerce_customers() -> Export:
    shop = Shop("en")
    header = ["Name", "Username", "Last Active", "Email", "Orders", "Total Spend", "AOV", "Country / Region", "City"]
    rows = columns(
        shop.names,
        [f"user{number}" for number in shop.ids],
        shop.dates("{y}-{m:02d}-{d:02d} 11:20:00"),
        shop.emails,
        map(str, shop.orders),
        map(str, shop.spend),
        [str(spend / orders) for spend, orders in zip(shop.spend, shop.orders, strict=True)],
        shop.one_of("GB", "IE"),
        shop.cities,
    )
    return Export("WooCommerce", written([header, *rows], quoting=csv.QUOTE_ALL, end="\n").encode(), header, rows)


@export
def magento_customers() -> Export:
    shop = Shop("en")
    header = [
        "email",
        "_website",
        "_store",
        "confirmation",
        "created_at",
        "dob",
        "group_id",
        "password_hash",
        "store_credit",
    ]
    rows = columns(
        shop.emails,
        ["base"] * 40,
        ["default"] * 40,
        [""] * 40,
        shop.dates("{y}-{m:02d}-{d:02d} 07:00:01"),
        [""] * 40,
        shop.one_of("1", "2", "3"),
        [f"{at:08x}:Ab:1" for at in range(40)],
        [f"{amount:.4f}" for amount in shop.spend],
    )
    return Export("Magento", written([header, *rows], quoting=csv.QUOTE_ALL, end="\n").encode(), header, rows)


@export
def hubspot_contacts() -> Export:
    shop = Shop("fr")
    header = [
        "Record ID",
        "First Name",
        "Last Name",
        "Email",
        "Lifecycle Stage",
        "Interests",
        "Create Date",
        "Total Revenue",
    ]
    rows = columns(
        shop.ids,
        [name.split()[0] for name in shop.names],
        [name.split()[1] for name in shop.names],
        shop.emails,
        shop.one_of("Lead", "Customer", "Subscriber"),
        shop.one_of("Shoes;Bags", "Bags", ""),
        shop.dates("{y}-{m:02d}-{d:02d} 09:31"),
        [f"{amount:.1f}" for amount in shop.spend],
    )
    content = written([header, *rows], quoting=csv.QUOTE_ALL, end="\n").encode("utf-8-sig")
    return Export("HubSpot", content, header, rows)


@export
def salesforce_report() -> Export:
    shop = Shop("de")
    header = ["Account Name", "Billing City", "Annual Revenue", "Employees", "Last Activity"]
    rows = columns(
        shop.names,
        shop.cities,
        [money(amount, ",", ".", "EUR {}") for amount in shop.spend],
        map(str, shop.orders),
        shop.dates("{d}.{m}.{y}"),
    )
    below = '\n\n"All accounts of the north"\n"Copyright (c) 2000-2024 salesforce.com, inc. All rights reserved."\n'
    below += (
        '"Confidential Information - Do Not Distribute"\n"Generated By:  A. Meyer  01.03.2024 10:20"\n"Example GmbH"\n'
    )
    content = (written([header, *rows], quoting=csv.QUOTE_ALL, end="\n") + below).encode("iso8859-1")
    return Export("Salesforce report", content, header, rows, {"Annual Revenue": shop.spend}, said=True)


@export
def mailchimp_audience() -> Export:
    shop = Shop("en")
    header = ["Email Address", "First Name", "MEMBER_RATING", "OPTIN_TIME", "LATITUDE", "LONGITUDE", "LEID", "TAGS"]
    rows = columns(
        shop.emails,
        [name.split()[0] for name in shop.names],
        shop.one_of("1", "2", "3", "4", "5"),
        shop.dates("{y}-{m:02d}-{d:02d} 14:00:59"),
        [f"{50 + at / 7:.7f}" for at in range(40)],
        [f"{-1 - at / 9:.7f}" for at in range(40)],
        shop.ids,
        shop.one_of('"vip","new"', '"new"', ""),
    )
    return Export("Mailchimp", written([header, *rows], end="\n").encode(), header, rows)


@export
def klaviyo_profiles() -> Export:
    shop = Shop("en")
    header = [
        "Email",
        "Klaviyo ID",
        "First Name",
        "City",
        "Date Added",
        "Predicted Customer Lifetime Value",
        "Properties",
    ]
    rows = columns(
        shop.emails,
        [f"01H{number}XK" for number in shop.ids],
        [name.split()[0] for name in shop.names],
        shop.cities,
        shop.dates("{y}-{m:02d}-{d:02d} 00:00:00+00:00"),
        [f"{amount:.6f}" for amount in shop.spend],
        [f'{{"plan": "x{at}", "n": {at}}}' for at in range(40)],
    )
    return Export("Klaviyo", written([header, *rows], end="\n").encode(), header, rows)


@export
def google_ads_report() -> Export:
    shop = Shop("en")
    header = ["Campaign", "Status", "Clicks", "Impr.", "CTR", "Cost", "Conversions"]
    clicks = [17 * orders for orders in shop.orders]
    rows = columns(
        [f"Campaign {at}" for at in range(40)],
        shop.one_of("Enabled", "Paused"),
        map(str, clicks),
        [f"{31 * number:,}" for number in clicks],
        ["3.23%"] * 39 + ["4.10%"],
        [f"{amount:.2f}" for amount in shop.spend],
        [f"{number / 8:.2f}" for number in clicks],
    )
    totals = [
        [
            label,
            " --",
            str(sum(clicks)),
            f"{31 * sum(clicks):,}",
            "3.23%",
            f"{sum(shop.spend):.2f}",
            f"{sum(clicks) / 8:.2f}",
        ]
        for label in ("Total: Campaigns", "Total: Account", "Total: Search")
    ]
    lines = "Campaign report\nJanuary 1, 2024 - January 31, 2024\n" + written([header, *rows, *totals], "\t", "\n")
    return Export("Google Ads", lines.encode("utf-16"), header, rows, {"Impr.": [31 * n for n in clicks]}, said=True)


@export
def google_analytics_report() -> Export:
    shop = Shop("en")
    header = ["Country", "Active users", "New users", "Engaged sessions", "Total revenue"]
    rows = columns(
        [f"{city} {at}" for at, city in enumerate(shop.cities)],
        map(str, shop.orders),
        [str(n // 2) for n in shop.orders],
        [str(3 * n) for n in shop.orders],
        [f"{amount:.2f}" for amount in shop.spend],
    )
    total = [
        "",
        str(sum(shop.orders)),
        str(sum(n // 2 for n in shop.orders)),
        str(3 * sum(shop.orders)),
        f"{sum(shop.spend):.2f}",
        "Grand total",
    ]
    above = "# ----------------------------------------\n# Free form 1\n# Example - GA4\n# 20240101-20240131\n"
    above += "# ----------------------------------------\n\n"
    return Export("GA4", (above + written([header, total, *rows], end="\n")).encode(), header, rows, said=True)


@export
def meta_ads_report() -> Export:
    shop = Shop("en")
    header = [
        "Campaign name",
        "Reporting starts",
        "Reporting ends",
        "Results",
        "Reach",
        "Impressions",
        "Amount spent (GBP)",
    ]
    rows = columns(
        [f"Spring {at}" for at in range(40)],
        ["2024-01-01"] * 40,
        ["2024-01-31"] * 40,
        map(str, shop.orders),
        [str(91 * n) for n in shop.orders],
        [str(130 * n) for n in shop.orders],
        [f"{amount:.2f}" for amount in shop.spend],
    )
    total = [
        "",
        "2024-01-01",
        "2024-01-31",
        str(sum(shop.orders)),
        str(80 * sum(shop.orders)),
        str(130 * sum(shop.orders)),
        f"{sum(shop.spend):.2f}",
    ]
    content = written([header, total, *rows], quoting=csv.QUOTE_MINIMAL, end="\n").encode("utf-8-sig")
    return Export("Meta Ads", content, header, rows, said=True)


@export
def google_forms() -> Export:
    shop = Shop("es")
    header = ["Marca temporal", "¿Cuántos años tienes?", "¿Qué usas? (elige todas)", "Comentarios, si los hay"]
    rows = columns(
        shop.dates("{d}/{m:02d}/{y} 9:05:31"),
        [str(18 + n) for n in shop.orders],
        shop.one_of("Facebook, Google", "Google", "Facebook, TikTok, Google"),
        shop.one_of("", "Todo bien, gracias", "no"),
    )
    return Export("Google Forms", written([header, *rows], quoting=csv.QUOTE_ALL, end="\n").encode(), header, rows)


@export
def typeform() -> Export:
    shop = Shop("en")
    header = ["#", "How old are you?", "Would you recommend us, and why?", "Start Date (UTC)", "Network ID"]
    rows = columns(
        [f"{at * 7919:x}q".rjust(8, "z") for at in range(40)],
        [str(18 + n) for n in shop.orders],
        shop.one_of("Yes, of course", "No", "Maybe; it depends"),
        shop.dates("{y}-{m:02d}-{d:02d} 10:00:00"),
        [f"{at * 104_729:010x}" for at in range(40)],
    )
    return Export("Typeform", written([header, *rows], end="\n").encode(), header, rows)


@export
def surveymonkey() -> Export:
    shop = Shop("en")
    top = ["Respondent ID", "Start Date", "Which of these do you use?", "", "", "How old are you?"]
    under = ["", "", "Facebook", "Google", "TikTok", "Response"]
    header = [
        "Respondent ID",
        "Start Date",
        *(f"Which of these do you use? {name}" for name in under[2:5]),
        "How old are you?",
    ]
    rows = columns(
        shop.ids,
        shop.dates("{m:02d}/{d:02d}/{y} 10:00:00 AM"),
        shop.one_of("Facebook", ""),
        shop.one_of("Google", ""),
        shop.one_of("TikTok", ""),
        shop.one_of("18-24", "25-34", "35+"),
    )
    return Export("SurveyMonkey", written([top, under, *rows]).encode("utf-8-sig"), header, rows, said=True)


@export
def qualtrics() -> Export:
    shop = Shop("en")
    header = ["StartDate", "Progress", "Finished", "Q1", "Q2_1", "Q3"]
    wording = ["Start Date", "Progress", "Finished", "How satisfied are you?", "Which? - Web", "Comments"]
    keys = [f'{{"ImportId":"QID{at}"}}' for at in range(6)]
    rows = columns(
        shop.dates("{y}-{m:02d}-{d:02d} 10:00:00"),
        shop.one_of("100", "57"),
        shop.one_of("True", "False"),
        shop.one_of("Very satisfied", "Neutral", "Not satisfied"),
        shop.one_of("Web", ""),
        shop.one_of("", "ok", "fine, thanks"),
    )
    return Export("Qualtrics", written([header, wording, keys, *rows], end="\n").encode(), header, rows, said=True)


@export
def spss_labels() -> Export:
    shop = Shop("de")
    header = ["Fall", "Zufriedenheit", "Alter", "Einkommen", "Gewicht"]
    rows = columns(
        shop.ids,
        shop.one_of("sehr zufrieden", "zufrieden", "unzufrieden"),
        [str(18 + n) for n in shop.orders],
        [money(amount, "", ",") for amount in shop.spend],
        [f"{0.5 + at / 40:.3f}".replace(".", ",") for at in range(40)],
    )
    return Export("SPSS", written([header, *rows], ";").encode("cp1252"), header, rows, {"Einkommen": shop.spend})


@export
def german_accounts() -> Export:
    shop = Shop("de")
    header = ["Kundennr.", "Name", "Ort", "Umsatz", "Letzte Bestellung"]
    rows = columns(
        shop.ids,
        shop.names,
        shop.cities,
        [money(amount, ".", ",") for amount in shop.spend],
        shop.dates("{d:02d}.{m:02d}.{y}"),
    )
    total = ["Gesamtsumme", "", "", money(sum(shop.spend), ".", ","), ""]
    text = "Kundenumsätze 2024;;;;\r\nStand: 01.03.2024;;;;\r\n;;;;\r\n" + written([header, *rows, total], ";")
    return Export("German accounts", text.encode("cp1252"), header, rows, {"Umsatz": shop.spend}, said=True)


@export
def shopware() -> Export:
    shop = Shop("de")
    header = ["customernumber", "salutation", "city", "turnover", "active"]
    rows = columns(
        shop.ids,
        shop.one_of("mr", "ms"),
        shop.cities,
        [money(amount, "", ",") for amount in shop.spend],
        shop.one_of("1", "0"),
    )
    content = written([header, *rows], ";", "\n", csv.QUOTE_ALL).encode()
    return Export("Shopware", content, header, rows, {"turnover": shop.spend})


@export
def excel_whole_thousands() -> Export:
    shop = Shop("de")
    header = ["Kunde", "Ort", "Punkte"]
    points = [180 + 97 * at for at in range(40)]
    rows = columns(shop.ids, shop.cities, [f"{number:,}".replace(",", ".") for number in points])
    return Export(
        "Excel, German thousands", written([header, *rows], ";").encode("cp1252"), header, rows, {"Punkte": points}
    )


@export
def prestashop() -> Export:
    shop = Shop("fr")
    header = ["ID", "Nom", "Ville", "Ventes", "Inscription"]
    rows = columns(
        shop.ids,
        shop.names,
        shop.cities,
        [money(amount, "\u202f", ",", "{} €") for amount in shop.spend],
        shop.dates("{d:02d}/{m:02d}/{y}"),
    )
    return Export("PrestaShop", written([header, *rows], ";", "\n").encode(), header, rows, {"Ventes": shop.spend})


@export
def excel_french() -> Export:
    shop = Shop("fr")
    header = ["Client", "Ville", "Montant", "Première commande"]
    rows = columns(
        shop.names,
        shop.cities,
        [money(amount, "\u00a0", ",", "{} €") for amount in shop.spend],
        shop.dates("{d:02d}/{m:02d}/{y}"),
    )
    return Export(
        "Excel, French", written([header, *rows], ";").encode("cp1252"), header, rows, {"Montant": shop.spend}
    )


@export
def brazilian_shop() -> Export:
    shop = Shop("pt")
    header = ["Código", "Nome", "Cidade", "Total gasto", "Última compra"]
    rows = columns(
        shop.ids,
        shop.names,
        shop.cities,
        [money(amount, ".", ",", "R$ {}") for amount in shop.spend],
        shop.dates("{d:02d}/{m:02d}/{y}"),
    )
    return Export(
        "Brazilian shop", written([header, *rows], ";").encode("cp1252"), header, rows, {"Total gasto": shop.spend}
    )


@export
def polish_shop() -> Export:
    shop = Shop("pl")
    header = ["Nr klienta", "Imię i nazwisko", "Miasto", "Wartość zamówień", "Data"]
    rows = columns(
        shop.ids,
        shop.names,
        shop.cities,
        [money(amount, "\u00a0", ",", "{} zł") for amount in shop.spend],
        shop.dates("{y}-{m:02d}-{d:02d}"),
    )
    total = ["Razem", "", "", money(sum(shop.spend), "\u00a0", ",", "{} zł"), ""]
    content = written([header, *rows, total], ";").encode("cp1250")
    return Export("Polish shop", content, header, rows, {"Wartość zamówień": shop.spend}, said=True)


@export
def turkish_shop() -> Export:
    shop = Shop("tr")
    header = ["Müşteri No", "Ad Soyad", "Şehir", "Toplam Harcama", "Kayıt Tarihi"]
    rows = columns(
        shop.ids,
        shop.names,
        shop.cities,
        [money(amount, ".", ",", "{} TL") for amount in shop.spend],
        shop.dates("{d:02d}.{m:02d}.{y}"),
    )
    return Export(
        "Turkish shop", written([header, *rows], ";").encode("cp1254"), header, rows, {"Toplam Harcama": shop.spend}
    )


@export
def russian_books() -> Export:
    shop = Shop("ru")
    header = ["Код", "Клиент", "Город", "Сумма продаж", "Дата"]
    rows = columns(
        shop.ids,
        shop.names,
        shop.cities,
        [money(amount, "\u00a0", ",") for amount in shop.spend],
        shop.dates("{d:02d}.{m:02d}.{y}"),
    )
    total = ["Итого", "", "", money(sum(shop.spend), "\u00a0", ","), ""]
    content = written([header, *rows, total], ";").encode("cp1251")
    return Export("Russian books", content, header, rows, {"Сумма продаж": shop.spend}, said=True)


@export
def japanese_shop() -> Export:
    shop = Shop("ja")
    header = ["会員番号", "お名前", "都道府県", "購入金額", "登録日"]
    amounts = [round(100 * amount) for amount in shop.spend]
    rows = columns(
        shop.ids, shop.names, shop.cities, [f"{amount:,}" for amount in amounts], shop.dates("{y}/{m:02d}/{d:02d}")
    )
    content = written([header, *rows], quoting=csv.QUOTE_ALL).encode("cp932")
    return Export("Japanese shop", content, header, rows, {"購入金額": amounts})


@export
def swedish_books() -> Export:
    shop = Shop("sv")
    header = ["Kundnr", "Namn", "Ort", "Försäljning"]
    rows = columns(shop.ids, shop.names, shop.cities, [money(amount, "\u00a0", ",", "{} kr") for amount in shop.spend])
    total = ["Summa", "", "", money(sum(shop.spend), "\u00a0", ",", "{} kr")]
    content = written([header, *rows, total], ";").encode("cp1252")
    return Export("Swedish books", content, header, rows, {"Försäljning": shop.spend}, said=True)


@export
def spanish_invoices() -> Export:
    shop = Shop("es")
    header = ["Contacto", "Población", "Facturado", "Alta"]
    rows = columns(
        shop.names,
        shop.cities,
        [money(amount, ".", ",", "{} €") for amount in shop.spend],
        shop.dates("{d:02d}/{m:02d}/{y}"),
    )
    total = ["Total general", "", money(sum(shop.spend), ".", ",", "{} €"), ""]
    content = written([header, *rows, total], ";").encode("utf-8-sig")
    return Export("Spanish invoices", content, header, rows, {"Facturado": shop.spend}, said=True)


@export
def r_data_frame() -> Export:
    shop = Shop("en")
    header = ["name", "age", "spend"]
    lines = ['"","name","age","spend"']
    rows = columns(
        map(str, range(1, 41)),
        [", ".join(reversed(name.split())) for name in shop.names],
        [str(18 + n) for n in shop.orders],
        [f"{amount:g}" for amount in shop.spend],
    )
    lines += [f'"{row[0]}","{row[1]}",{row[2]},{row[3]}' for row in rows]
    return Export("R", ("\n".join(lines) + "\n").encode(), ["Column 1", *header], rows)


@export
def excel_unicode_text() -> Export:
    shop = Shop("tr")
    header = ["No", "Şehir", "Tutar", "Not"]
    rows = columns(
        shop.ids, shop.cities, [money(amount, ".", ",") for amount in shop.spend], shop.one_of('5" ekran', "yok", "")
    )
    content = "\r\n".join("\t".join(row) for row in [header, *rows]).encode("utf-16")
    return Export("Excel, Unicode text", content, header, rows, {"Tutar": shop.spend})


@export
def postgres_copy_with_json() -> Export:
    shop = Shop("en")
    header = ["id", "city", "spend", "props"]
    rows = columns(
        shop.ids,
        shop.cities,
        [f"{amount:.2f}" for amount in shop.spend],
        [f'{{"a": "x{at}", "b": [1, {at}], "plan": "A"}}' for at in range(40)],
    )
    content = "".join("\t".join(row) + "\n" for row in [header, *rows]).encode()
    return Export("PostgreSQL COPY with JSON", content, header, rows)


@export
def ebay_orders() -> Export:
    shop = Shop("en")
    header = ["Sales Record Number", "Buyer Username", "Sold For", "Quantity", "Sale Date"]
    rows = columns(
        shop.ids,
        [f"buyer_{number}" for number in shop.ids],
        [f"£{amount:,.2f}" for amount in shop.spend],
        map(str, shop.orders),
        shop.dates("{d:02d}/{m:02d}/{y}"),
    )
    text = (
        "\r\n"
        + written([header, [""] * 5, *rows])
        + '\r\n"40","record(s) downloaded,"," from ","Jan-01-24"," 00:00:00"\r\n'
    )
    text += "Seller ID: example\r\n"
    return Export("eBay", text.encode("utf-8-sig"), header, rows, {"Sold For": shop.spend}, said=True)


@export
def power_bi_table() -> Export:
    shop = Shop("en")
    header = ["Customer", "City", "Revenue", "Orders"]
    rows = columns(shop.ids, shop.cities, [f"{amount:.2f}" for amount in shop.spend], map(str, shop.orders))
    below = [["Total", "", f"{sum(shop.spend):.2f}", str(sum(shop.orders))], ["", "", "", ""]]
    text = written([header, *rows, *below]) + '"Applied filters:\nYear is 2024\nRegion is not blank",,,\n'
    return Export("Power BI", text.encode("utf-8-sig"), header, rows, said=True)


@export
def tableau_crosstab() -> Export:
    shop = Shop("de")
    top = ["", "", "2023", "", "2024", ""]
    under = ["Kunde", "Ort", "Umsatz", "Bestellungen", "Umsatz", "Bestellungen"]
    header = ["Kunde", "Ort", "2023 Umsatz", "2023 Bestellungen", "2024 Umsatz", "2024 Bestellungen"]
    rows = columns(
        shop.ids,
        shop.cities,
        [money(amount, ".", ",") for amount in shop.spend],
        map(str, shop.orders),
        [money(2 * amount, ".", ",") for amount in shop.spend],
        [str(n + 1) for n in shop.orders],
    )
    content = written([top, under, *rows], "\t").encode("utf-16")
    return Export(
        "Tableau crosstab", content, header, rows, {"2024 Umsatz": [2 * amount for amount in shop.spend]}, said=True
    )


@export
def grouped_report() -> Export:
    shop = Shop("en")
    header = ["Store", "Customer", "Orders", "Spend"]
    rows = columns(
        ["North"] * 20 + ["South"] * 20, shop.ids, map(str, shop.orders), [f"{amount:.2f}" for amount in shop.spend]
    )

    def added(label: str, some: slice) -> list[str]:
        return [label, "", str(sum(shop.orders[some])), f"{sum(shop.spend[some]):.2f}"]

    lines = [header, *rows[:20], added("North Total", slice(0, 20)), *rows[20:], added("South Total", slice(20, 40))]
    content = written([*lines, added("Grand Total", slice(0, 40))]).encode()
    return Export("Report with sub-totals", content, header, rows, said=True)


@export
def monthly_files_put_together() -> Export:
    shop = Shop("en")
    header = ["id", "city", "spend"]
    rows = columns(shop.ids, shop.cities, [f"{amount:.2f}" for amount in shop.spend])
    months = [
        written([header, *rows[:15]]),
        written([header, *rows[15:30]]),
        written([["ID", "City", "Spend"], *rows[30:]]),
    ]
    return Export(
        "Months put together", b"".join(month.encode("utf-8-sig") for month in months), header, rows, said=True
    )


@export
def stripe_customers() -> Export:
    shop = Shop("en")
    header = ["id", "Description", "Email", "Created (UTC)", "Total Spend", "Payment Count", "Delinquent", "Card ID"]
    rows = columns(
        [f"cus_N{number}aB" for number in shop.ids],
        [""] * 40,
        shop.emails,
        shop.dates("{y}-{m:02d}-{d:02d} 13:45"),
        [f"{amount:.2f}" for amount in shop.spend],
        map(str, shop.orders),
        shop.one_of("true", "false"),
        [f"card_{number}" for number in shop.ids],
    )
    return Export("Stripe", written([header, *rows], end="\n").encode(), header, rows)


@export
def amazon_report() -> Export:
    shop = Shop("fr")
    header = ["amazon-order-id", "purchase-date", "ship-city", "item-price", "quantity-purchased"]
    rows = columns(
        [f"404-{number}-{at:07d}" for at, number in enumerate(shop.ids)],
        shop.dates("{y}-{m:02d}-{d:02d}T08:00:00+00:00"),
        shop.cities,
        [f"{amount:.2f}" for amount in shop.spend],
        map(str, shop.orders),
    )
    return Export("Amazon", written([header, *rows], "\t").encode("cp1252"), header, rows)


@export
def mainframe_list() -> Export:
    shop = Shop("en")
    header = ["CUSTNO", "CITY", "ORDERS", "SPEND"]
    rows = columns(shop.ids, shop.cities, map(str, shop.orders), [f"{amount:.2f}" for amount in shop.spend])
    lines = [f"{row[0]:<8}{row[1]:<10}{row[2]:>6}{row[3]:>12}" for row in [header, *rows]]
    return Export("List of fixed width", ("\r\n".join(lines) + "\r\n").encode(), header, rows, said=True)
