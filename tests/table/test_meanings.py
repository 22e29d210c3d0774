"""What names and values say a column is for: groups, counts, results, and what the law protects."""

import numpy as np
import pandas as pd
import pytest

from segmenter.io.read.table import read_table
from segmenter.prepare.suggest import Cause, suggest_columns, suggest_features
from segmenter.recipe.recipe import Role
from segmenter.table.columns import read_frame
from segmenter.table.dataset import ColumnKind
from segmenter.table.infer.ordinal_scales import scale_levels

N = 240
random = np.random.default_rng(7)
CODES = random.choice([1, 2, 3], N, p=[0.2, 0.5, 0.3])
CODES_2 = random.choice([1, 2], N, p=[0.7, 0.3])
CODES_7 = random.integers(0, 7, N)
DAYS = random.integers(1, 32, N)
MONTHS = random.integers(1, 13, N)
COUNTS = random.poisson(1.2, N)
MORE_COUNTS = random.poisson(4, N)
LIKERT = random.choice([1, 2, 3, 4, 5], N, p=[0.1, 0.15, 0.3, 0.3, 0.15])
FLAG = random.integers(0, 2, N)
AMOUNT = random.gamma(5, 20, N).round(2)
SHARE = random.random(N).round(3)
MF = random.choice(["M", "F"], N)
WORDS = random.choice(["north", "south", "west"], N)

IN, OUT = "in", "out"
# Name, values, whether it forms segments by default, the cause where it is off for one.
COLUMNS = [
    # Whole numbers that stand for groups.
    *[(name, CODES_2, OUT, None) for name in ("Channel", "SalesChannel", "customer_type", "kanal_nr", "plan", "x7")],
    *[
        (name, CODES, OUT, None)
        for name in (
            "Region", "REGION", "région", "Bundesland", "EDUCATION", "Beruf", "profession", "marital_status",
            "estado_civil", "occupation", "job", "industry", "sector", "Zahlungsart", "payment_method", "statut",
            "provincia", "regio", "opleiding", "canale", "escolaridade", "product_category", "store_type", "device",
            "contract", "housing", "Familienstand", "beroep", "professione",
        )
    ],
    *[(name, CODES_7, OUT, None) for name in ("MARRIAGE", "Occupation code 2", "tipo", "soort")],
    *[(name, DAYS, OUT, None) for name in ("day", "day_of_month", "jour", "Tag")],
    *[(name, MONTHS, OUT, None) for name in ("month", "Monat", "mes", "join_month")],
    # Counts, measures and answers stay numbers.
    *[
        (name, COUNTS, IN, None)
        for name in (
            "children", "Kidhome", "num_children", "NumberOfReferrals", "visits", "Anzahl Kinder", "nombre d'enfants",
            "hijos", "bestellingen", "complaints", "returns", "items_per_order", "number_of_channels", "products_qty",
        )
    ],
    *[
        (name, MORE_COUNTS, IN, None)
        for name in ("orders", "logins", "family_size", "Work_Experience", "months_on_book", "days since", "tenure")
    ],
    *[(name, LIKERT, IN, None) for name in ("Q1", "q12", "satisfaction", "Food rating", "importance_price", "item_3")],
    *[
        (name, AMOUNT, IN, None)
        for name in ("income", "spend", "balance", "Umsatz", "chiffre", "gasto", "omzet", "area_sqm", "credit_score")
    ],
    *[(name, SHARE, IN, None) for name in ("discount_share", "open_rate", "taux")],
    *[(name, AMOUNT, IN, None) for name in ("Spending Score (1-100)", "satisfaction_score")],
    # Earlier results.
    *[
        (name, CODES, OUT, Cause.RESULT)
        for name in ("labels", "GMM", "Clusters", "hierarchical", "tier", "group", "RFM_Score", "decile", "persona")
    ],
    *[
        (name, SHARE, OUT, Cause.RESULT)
        for name in (
            "churn_probability", "prob", "predicted_value", "propensity_to_buy", "CLV_prediction", "CLV", "score",
            "model_score", "churn score", "wahrscheinlichkeit", "prédiction", "probabilidad", "previsione",
            "voorspelling", "forecast_revenue", "Naive_Bayes_Classifier_1", "lifetime value",
        )
    ],
    # What the law protects.
    *[
        (name, CODES_2, OUT, Cause.PROTECTED)
        for name in ("SEX", "gender", "Geschlecht", "sexe", "sexo", "sesso", "geslacht", "gender_code")
    ],
    *[(name, MF, OUT, Cause.PROTECTED) for name in ("Anrede", "civilité", "género", "Sex")],
    *[(name, FLAG, OUT, Cause.PROTECTED) for name in ("is_female", "Gender_Male", "union_member", "smoker")],
    *[
        (name, CODES, OUT, Cause.PROTECTED)
        for name in (
            "race", "ethnicity", "EthnicGroup", "religion", "Konfession", "religión", "godsdienst religie",
            "nationality", "Staatsangehörigkeit", "hautfarbe", "raça", "party_affiliation", "Partei", "political_view",
            "partito", "politieke voorkeur", "health_status", "diagnosis", "Krankheit", "maladie", "enfermedad",
            "malattia", "ziekte", "sexual_orientation", "Gewerkschaft", "syndicat", "sindacato", "vakbond",
            "trade_union", "genotype", "fingerprint", "migration_background", "mental health", "blood_type",
        )
    ],
    # False alarms that the names might raise.
    *[
        (name, AMOUNT, IN, None)
        for name in (
            "race_time", "health_insurance_premium", "health_spend", "sextant_distance", "western_union_amount",
            "credit_union_balance", "party_size", "religious_books_spend", "gendered_ads_clicks", "trace", "unions",
            "race_distance", "healthcare_cost", "political_donations", "embrace", "segmented_area_size_m2",
        )
    ],
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "values", "expected", "cause"),
    [pytest.param(*each, id=f"{place}-{each[0]}") for place, each in enumerate(COLUMNS)],
)
def test_a_column_is_used_as_a_person_would_use_it(name, values, expected, cause):
    other = np.random.default_rng(1).normal(50, 9, (N, 2)).round(3)
    dataset = read_frame(pd.DataFrame({name: values, "weight a": other[:, 0], "weight b": other[:, 1]}))
    found = suggest_columns(dataset)[0]
    assert (IN if found.spec.segments else OUT, found.cause) == (expected, cause), dataset.columns[0]
    assert bool(found.reason) is (cause is not None)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Genre", ["Male", "Female"]), ("G", ["m", "f"]), ("Kunde", ["Herr", "Frau"]), ("who", ["Homme", "Femme"]),
        ("column 4", ["White", "Black", "Asian", "Other"]), ("column 5", ["Christian", "Muslim", "Hindu"]),
        ("c", ["mujer", "hombre"]),
    ],
)  # fmt: skip
def test_values_tell_what_a_name_hides(name, values):
    dataset = read_frame(pd.DataFrame({name: values * 40, "a": np.arange(40.0 * len(values)) % 37}))
    assert suggest_columns(dataset)[0].cause is Cause.PROTECTED


@pytest.mark.parametrize(
    ("name", "values"),
    [("colour", ["white", "black"]), ("Genre", ["rock", "jazz", "pop"]), ("fabric", ["white", "black", "mixed"])],
)
def test_colours_and_music_are_not_protected(name, values):
    dataset = read_frame(pd.DataFrame({name: values * 40, "a": np.arange(40.0 * len(values)) % 37}))
    assert suggest_columns(dataset)[0].cause is None


@pytest.mark.parametrize(
    "levels",
    [
        ("Low", "Average", "High"),
        ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
        ("stimme gar nicht zu", "stimme nicht zu", "teils teils", "stimme zu", "stimme voll zu"),
        ("pas du tout d'accord", "plutôt pas d'accord", "plutôt d'accord", "tout à fait d'accord"),
        ("muy insatisfecho", "insatisfecho", "neutro", "satisfecho", "muy satisfecho"),
        ("molto insoddisfatto", "insoddisfatto", "soddisfatto", "molto soddisfatto"),
        ("zeer ontevreden", "ontevreden", "neutraal", "tevreden", "zeer tevreden"),
        ("Very unlikely", "Unlikely", "Neutral", "Likely", "Very likely"),
        ("never", "once a year", "every 3 months", "once a month", "weekly", "more than once a week", "daily"),
        ("Detractor", "Passive", "Promoter"),
        ("1 - very poor", "2 - poor", "3 - ok", "4 - good", "5 - very good"),
        ("I hate it!-5", "-2", "0", "+3", "I love it!+5"),
        ("0", "1", "2", "3", "4 or more"),
        ("0", "1", "2", "3+"),
        ("18-24", "25-34", "35-44", "45-54", "55+"),
        ("unter 20 Jahre", "20 bis 29 Jahre", "30 bis 49 Jahre", "50 Jahre und älter"),
        ("Moins de 18 ans", "De 18 à 25 ans", "De 26 à 35 ans", "Plus de 35 ans"),
        ("menos de 18", "18 a 24", "25 a 40", "más de 40"),
        ("<50k", "50-100k", ">100k"),
        ("Less than $40K", "$40K - $60K", "$60K - $80K", "$80K - $120K", "$120K +"),
        ("< 1 year", "1-2 years", "3-5 years", "> 5 years"),
    ],
)
def test_scales_are_ordered_from_low_to_high_however_they_are_written(levels):
    assert scale_levels(sorted(levels)) == levels


@pytest.mark.parametrize(
    "values", [("red", "green"), ("A-1", "B-2", "C-3"), ("Cat_1", "Cat_2"), ("2020-01", "2020-02"), ("Oslo", "Rome")]
)
def test_names_are_no_scale(values):
    assert scale_levels(values) == ()


def test_days_of_the_week_only_describe():
    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    frame = pd.DataFrame({"weekday": days * 20, "a": np.arange(140.0) % 37, "b": np.arange(140.0) ** 2 % 41})
    assert [each.spec.column for each in suggest_columns(read_frame(frame)) if each.spec.segments] == ["a", "b"]


def test_classes_that_are_counted_are_no_earlier_segment_and_no_category():
    pick = np.random.default_rng(3)
    table = read_frame(
        pd.DataFrame(
            {
                "classes": pick.integers(0, 19, 300),
                "Classes last month": pick.integers(0, 19, 300),
                "Classes": pick.integers(0, 8, 300),
                "groups": pick.integers(0, 4, 300),
                "Visits": pick.poisson(4, 300),
            }
        )
    )
    roles = {spec.column: spec.role for spec in suggest_features(table)}
    assert roles["classes"] == roles["Classes last month"] == roles["Visits"] == Role.NUMBER
    # Nobody is in class 0, but many attend none.
    assert roles["Classes"] == Role.NUMBER
    # Four numbers of groups are those of groups.
    assert roles["groups"] != Role.NUMBER


@pytest.mark.parametrize(
    "header",
    ["Letzter Kauf", "Dernier achat", "Última compra", "Ostatni zakup", "Последняя покупка", "最終購入日", "Signed up"],
)
def test_numbers_are_dates_under_a_name_for_the_last_purchase_in_any_language(header):
    days = pd.date_range("2024-01-05", periods=30, freq="5D")
    seconds = pd.Series((days - pd.Timestamp(0)) // pd.Timedelta("1s"))
    serials = pd.Series((days - pd.Timestamp("1899-12-30")).days)
    for numbers in (seconds, seconds * 1000, serials):
        found = read_table(pd.DataFrame({"id": range(30), header: numbers}).to_csv(index=False).encode())
        assert found.column(header).kind is ColumnKind.DATE
        assert found.frame[header].tolist() == days.tolist()


@pytest.mark.parametrize(
    "form",
    [
        "{d}.{m}.{y} {H}.{M:02d}",
        "{d}.{m}.{y} kl. {H}:{M:02d}",
        "{d}.{m}.{y} {H}:{M:02d} Uhr",
        "{d}/{m}/{y} {H}h{M:02d}",
    ],
)
def test_clocks_of_other_countries_are_read(form):
    moments = [pd.Timestamp("2024-02-03 09:05") + pd.Timedelta(hours=31 * at) for at in range(30)]
    cells = [form.format(d=each.day, m=each.month, y=each.year, H=each.hour, M=each.minute) for each in moments]
    found = read_table(pd.DataFrame({"id": range(30), "when": cells}).to_csv(index=False, sep=";").encode())
    assert found.frame["when"].tolist() == moments


def test_numbers_of_records_are_identifiers_in_japanese_too():
    found = read_table(
        "レコードID,点\n".encode() + "".join(f"{5100 + 13 * at},{at % 9}\n" for at in range(60)).encode()
    )
    assert found.column("レコードID").kind is ColumnKind.IDENTIFIER
