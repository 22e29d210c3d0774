"""Words fit what they measure: few and many, young and older, small and big; a yes is a sentence; money is money."""

import io

import numpy as np
import pandas as pd
import pytest
from pptx import Presentation

from segmenter import (
    FeatureSpec,
    Recipe,
    Result,
    build_report,
    describe_segments,
    find_rules,
    fit_segmentation,
    name_segments,
    profile_segments,
    read_frame,
    suggest_features,
    suggest_value_column,
)
from segmenter.charts.profiles import evaluation_plot, index_map, sizes
from segmenter.explain.cards import describe_labels, name_edited_segments
from segmenter.explain.columns import column_words, read_header
from segmenter.explain.money import earned_note
from segmenter.recipe.recipe import Role, read_edit
from segmenter.segment.profile import SegmentProfile
from segmenter.segment.segmentation import edit_segmentation

N = 200
GROUP = np.arange(N) % 2


def described(role=Role.NUMBER, **columns):
    dataset = read_frame(pd.DataFrame(columns))
    segmentation = fit_segmentation(dataset, Recipe(tuple(FeatureSpec(name, role) for name in columns), n_segments=2))
    return dataset, segmentation, describe_segments(dataset, segmentation)


def numbers(low, high, spread=1.0):
    return np.random.default_rng(3).normal(0, spread, N) + np.array([low, high])[GROUP]


@pytest.mark.parametrize(
    ("header", "low", "high", "names"),
    [
        ("open_tickets", 1, 20, {"Few open tickets", "Many open tickets"}),
        ("visits_per_week", 1, 9, {"Rare visitors", "Frequent visitors"}),
        ("total_donated", 10, 500, {"Small donors", "Big donors"}),
        ("TotalSpend", 10, 500, {"Small spenders", "Big spenders"}),
        ("days_since_last_order", 9, 400, {"Recent customers", "Lapsed customers"}),
        ("months_since_join", 3, 60, {"Newer customers", "Long-standing customers"}),
        ("contract_length_mths", 12, 36, {"Short contract length", "Long contract length"}),
        ("vehicle_age_years", 2, 15, {"Newer vehicles", "Older vehicles"}),
        ("household_size", 1, 6, {"Small households", "Large households"}),
        ("largest_gift", 10, 900, {"Small gifts", "Large gifts"}),
        ("MntMeatProducts", 5, 700, {"Low spending on meat products", "High spending on meat products"}),
        ("books_bought", 1, 30, {"Few books bought", "Many books bought"}),
        ("Avg_session_min", 20, 85, {"Short sessions", "Long sessions"}),
        ("avg_session_seconds", 45, 900, {"Short sessions", "Long sessions"}),
        ("volunteer_hours", 1, 12, {"Few volunteer hours", "Many volunteer hours"}),
        ("Service distance (miles)", 3, 18, {"Short service distance", "Long service distance"}),
        ("loan_amount_k", 5, 180, {"Low loans", "High loans"}),
        ("annual_kwh", 1500, 9000, {"Low consumption", "High consumption"}),
        ("voice_min", 40, 900, {"Few voice minutes", "Many voice minutes"}),
        ("roaming_days", 1, 9, {"Few roaming days", "Many roaming days"}),
        ("time_between_orders", 12, 90, {"Short time between orders", "Long time between orders"}),
        ("Average gift", 13, 60, {"Small gifts", "Large gifts"}),
        ("check_in_hour", 8, 19, {"Early check-in hour", "Late check-in hour"}),
        ("solar_kwp", 1, 9, {"Low solar capacity", "High solar capacity"}),
        ("sms_count", 4, 60, {"Few SMS", "Many SMS"}),
        ("contract_months_left", 2, 20, {"Few contract months left", "Many contract months left"}),
        ("Parent portal logins", 2, 18, {"Few parent portal logins", "Many parent portal logins"}),
        ("card_txn_month", 4, 40, {"Few card transactions", "Many card transactions"}),
        ("in_app_purchases", 1, 9, {"Few in-app purchases", "Many in-app purchases"}),
        ("Personal trainer (hours/month)", 1, 8, {"Few hours of personal trainer", "Many hours of personal trainer"}),
        ("Last open (days ago)", 4, 240, {"Recent customers", "Lapsed customers"}),
        ("Active users (30d)", 4, 90, {"Few active users", "Many active users"}),
        ("Annual Revenue (M EUR)", 2, 150, {"Low revenue", "High revenue"}),
        ("RoomNights", 2, 9, {"Few room nights", "Many room nights"}),
        ("BookingsCanceled", 0, 1, {"Without bookings canceled", "With bookings canceled"}),
        ("avg_monthly_debit_txn_cnt", 4, 40, {"Few debit transactions", "Many debit transactions"}),
        (
            "How satisfied are you with our shop? (1-5)",
            1,
            5,
            {"Low satisfaction with our shop", "High satisfaction with our shop"},
        ),
        ("avg_acct_bal", 10, 900, {"Low account balance", "High account balance"}),
        ("last_visit_days", 9, 400, {"Recent customers", "Lapsed customers"}),
        ("last_login_days_ago", 9, 400, {"Recent customers", "Lapsed customers"}),
        ("Recency", 20, 400, {"More recent customers", "Less recent customers"}),
        ("Días desde la última compra", 9, 400, {"Recent customers", "Lapsed customers"}),
        ("inactive_days", 9, 400, {"Inactive for less long", "Long inactive"}),
        ("months_overdue", 1, 12, {"Overdue for less long", "Long overdue"}),
        ("days_booked_ahead", 6, 80, {"Booked shortly ahead", "Booked long ahead"}),
        ("high_basket", 20, 400, {"Small baskets", "Large baskets"}),
        ("lowest_price", 20, 400, {"Low prices", "High prices"}),
        ("Bill 2025 (EUR)", 20, 400, {"Low bills", "High bills"}),
        ("claims_5y", 2, 20, {"Few claims", "Many claims"}),
        ("minutes_per_week", 3, 180, {"Few minutes per week", "Many minutes per week"}),
        ("calls a month", 3, 40, {"Few calls", "Many calls"}),
        ("miles", 1500, 45000, {"Few miles", "Many miles"}),
        ("investments", 1500, 45000, {"Low investments", "High investments"}),
        ("mortgage", 0, 4500, {"Without mortgage", "High mortgages"}),
    ],
)
def test_how_much_is_said_in_a_word_that_fits_what_is_measured(header, low, high, names):
    values = numbers(low, high, 0.2).round().clip(0)
    *_, cards = described(**{header: values})
    assert {card.name for card in cards} == names


@pytest.mark.parametrize(
    ("header", "value", "phrase"),
    [
        ("orders_last_12_months", 4, "4 orders in the last 12 months"),
        ("n_support_calls", 7, "7 support calls"),
        ("days_since_last_gift", 30, "last gift 30 days ago"),
        ("months_since_join", 30, "with you for 30 months"),
        ("discount_pct", 12, "discount 12 %"),
        ("bill_eur_month", 200, "bill per month 200 EUR"),
        ("Last open (days ago)", 4, "last open 4 days ago"),
        ("Bookings canceled", 1, "1 booking canceled"),
        ("Homework hours/week", 9, "9 homework hours per week"),
        ("SavingsRate%", 12, "savings rate 12 %"),
        ("days_since_login", 30, "last login 30 days ago"),
        ("roaming_days", 1, "1 roaming day"),
        ("Outages (min)", 30, "outages 30 minutes"),
        ("tenure_m", 30, "with you for 30 months"),
        ("Active users (30d)", 4, "4 active users in the last 30 days"),
        ("Annual Revenue (M EUR)", 12, "annual revenue 12 M EUR"),
        ("Revenue (EUR m)", 12, "spending 12 m EUR"),
        ("loan_amount_k", 12, "loan amount 12 k"),
        ("volunteer_hours", 12, "12 volunteer hours"),
        ("hours_watched_week", 12, "12 hours watched per week"),
        ("avg_session_seconds", 90, "average session 90 seconds"),
        ("no_claims_years", 15, "15 claim-free years"),
        ("last_visit_days", 30, "last visit 30 days ago"),
        ("Tage seit letztem Kauf", 30, "last order 30 days ago"),
        ("visits a year", 3, "3 visits per year"),
        ("miles", 1500, "1,500 miles"),
    ],
)
def test_a_sentence_says_it_as_people_do(header, value, phrase):
    *_, cards = described(**{header: np.where(GROUP, float(value), float(3 * value))})
    assert any(phrase in card.sentence for card in cards), [card.sentence for card in cards]


@pytest.mark.parametrize("role", [Role.NUMBER, Role.CATEGORY])
@pytest.mark.parametrize(
    ("header", "phrase", "names"),
    [
        ("newsletter", "100 % take the newsletter", {"Mostly with newsletter", "Mostly without newsletter"}),
        ("has_car", "100 % have car", {"Mostly with car", "Mostly without car"}),
        ("volunteer", "100 % are volunteers", {"Mostly volunteers", "Hardly any volunteers"}),
        ("is_member", "100 % are members", {"Mostly members", "Hardly any members"}),
        ("churned", "100 % churned", {"Mostly churned", "Mostly not churned"}),
        ("heat_pump", "100 % with heat pump", {"Mostly with heat pump", "Mostly without heat pump"}),
    ],
)
def test_a_yes_or_no_is_a_sentence_whatever_it_is_used_as(header, phrase, names, role):
    dataset, segmentation, cards = described(role, **{header: np.where(GROUP, "Yes", "No")})
    assert any(phrase in card.sentence for card in cards)
    assert {card.name for card in cards} == names
    assert {rule.text.rpartition(" is ")[2] for rule in find_rules(dataset, segmentation).rules} == {"Yes", "No"}


@pytest.mark.parametrize(
    ("header", "phrase"),
    [("pct_online", "online share 75 %"), ("share_weekend", "share of weekend 75 %"),
     ("mobile_share_of_visits", "mobile share of visits 75 %"), ("Anteil online", "anteil online 75 %")],
)  # fmt: skip
def test_a_share_is_written_in_per_cent_wherever_its_header_says_so(header, phrase):
    *_, cards = described(**{header: np.where(GROUP, 0.25, 0.75)})
    assert any(phrase in card.sentence for card in cards)


def test_who_has_children_among_the_customers_is_still_asked_for_ages():
    ages = np.random.default_rng(0).normal(0, 2, N) + np.array([9, 70])[GROUP]
    *_, cards = described(Age=ages.round().clip(0))
    assert sorted(card.name for card in cards) == ["Older customers", "Young customers"]
    # An age that ends before people are old is one of cars.
    *_, cards = described(Age=(ages / 5).round().clip(0))
    assert not any("Young" in card.name for card in cards)


def test_what_is_no_noun_stands_behind_a_comma():
    *_, cards = described(spend=numbers(20, 900), days_inactive=numbers(300, 9).round(), complaints=1 - GROUP)
    names = [card.name for card in cards]
    assert "long inactive" in " ".join(names).lower()
    assert not any(f" with {words}" in name.lower() for name in names for words in ("with", "without", "long inactive"))


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ("I prefer well-known brands", {"Prefer well-known brands", "Don't prefer well-known brands"}),
        ("I am loyal to my shop", {"Are loyal to their shop", "Are not loyal to their shop"}),
        ("Sustainability matters", {"Agree: sustainability matters", "Disagree: sustainability matters"}),
        ("Age group", {"Age 45-54 or more", "Age 25-34 or less"}),
    ],
)
def test_an_answer_on_a_scale_is_said_of_those_who_gave_it(statement, names):
    ages = statement == "Age group"
    scale = ["18-24", "25-34", "35-44", "45-54", "55-64"] if ages else [
        "Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]  # fmt: skip
    steps = np.random.default_rng(2).integers(0, 2, N) + 3 * GROUP
    dataset = read_frame(pd.DataFrame({statement: np.array(scale)[steps]}))
    cards = describe_labels(dataset, Recipe((FeatureSpec(statement, Role.ORDINAL, order=tuple(scale)),)), GROUP)
    assert {card.name for card in cards} == names


def test_who_stands_out_in_nothing_that_formed_the_segments_is_called_by_what_describes_them():
    plain = numbers(5, 5)
    plain[GROUP == 0] += np.where(np.arange(N // 2) % 2, 9, -9)
    table = pd.DataFrame({"score": plain, "internet": np.where(GROUP, "no internet service", "fibre")})
    dataset = read_frame(table)
    found = describe_labels(dataset, Recipe((FeatureSpec("score"), FeatureSpec("internet", Role.DESCRIPTOR))), GROUP)
    assert {card.name for card in found} == {"Mostly no internet service", "Mostly fibre"}


def test_no_two_columns_are_called_alike():
    headers = ["num_orders", "orders", "Orders (EUR)", "a very long name of a column that ends with 2024",
               "a very long name of a column that ends with 2025"]  # fmt: skip
    dataset = read_frame(pd.DataFrame({header: numbers(1, 5) for header in headers}))
    labels = [each.label for each in column_words(dataset, Recipe(()))]
    assert len(set(labels)) == len(headers)


@pytest.mark.parametrize(
    ("columns", "proposed"),
    [
        (("income", "total_spent"), "total_spent"),
        (("Income", "MntWines"), "MntWines"),
        (("income", "spend_last_30_days"), "spend_last_30_days"),
        (("income", "spend per month"), "spend per month"),
        (("income", "last_order_spend"), "income"),
        (("income", "spend_per_order"), "income"),
        (("late_payments", "bill_eur_month"), "bill_eur_month"),
        (("TotalClaimAmount", "Annual_Premium"), "Annual_Premium"),
        (("Annual Revenue", "Net Sales YTD"), "Net Sales YTD"),
        (("MonthlyCharges", "TotalCharges"), "TotalCharges"),
        (("Mortgage Balance", "Loan amount", "Total Debt", "Kredit", "Hypothek"), None),
        (("overdue_amount", "refunds", "claims_paid"), None),
    ],
)
def test_what_a_customer_brings_is_no_cost_and_no_income_where_there_is_better(columns, proposed):
    assert suggest_value_column(read_frame(pd.DataFrame({name: numbers(10, 90) for name in columns}))) == proposed


def test_a_year_is_no_amount():
    years = numbers(2006, 2022, 0.4).round()
    dataset, segmentation, cards = described(Stammkunde_seit=years, Umsatz=numbers(10, 90))
    assert {card.name.split()[0] for card in cards} == {"Long-standing", "Newer"}
    assert any("with you since 2006" in card.sentence for card in cards)
    assert all("Stammkunde_seit" not in profile.index for profile in profile_segments(dataset, segmentation))
    assert "Stammkunde seit" not in {marker.label for card in cards for marker in card.markers if marker.index}
    # What counts something is none, whatever its size.
    _, _, cards = described(steps_per_day=numbers(1950, 2050, 4).round())
    assert any("1,950" in card.sentence for card in cards)


def test_german_nouns_keep_their_capitals_and_english_words_have_none():
    german = read_frame(pd.DataFrame({"Umsatz": numbers(10, 90), "Besuche pro Monat": numbers(2, 9)}))
    labels = [each.label for each in column_words(german, Recipe(suggest_features(german)))]
    assert labels == ["Umsatz", "Besuche pro Monat"]
    english = read_frame(pd.DataFrame({"Balance": numbers(10, 90), "Visits Per Month": numbers(2, 9)}))
    assert [each.label for each in column_words(english, Recipe(suggest_features(english)))][1] == "visits per month"


def test_income_is_said_to_be_earned_and_not_spent():
    dataset, _, _ = described(income=numbers(20_000, 90_000), spend=numbers(10, 90))
    words = {each.column: each for each in column_words(dataset, Recipe(()))}
    assert "not what they spend" in earned_note(words["income"])
    assert earned_note(words["spend"]) == ""


def test_headers_of_any_shape_have_a_label():
    for header in (
        "",
        " ",
        "%",
        "#",
        "no",
        "n",
        "num",
        "__",
        "EUR",
        "share",
        "days since",
        "last",
        "min",
        "count",
        "è_é",
    ):
        assert read_header(header)[0]


def profile(segment, size):
    return SegmentProfile(segment, f"S{segment}", size, 0.5, {"x": 1.0}, {"x": 1.0}, {"x": 100.0})


def test_segments_of_few_customers_are_marked_in_charts_and_reports():
    profiles = tuple(profile(segment, size) for segment, size in enumerate((60, 59, 30, 29), 1))
    assert [text.split(" ")[0] for text in sizes(profiles).data[0].text] == ["60", "59*", "30*", "29**"]
    heads = [each.text for each in index_map(profiles).layout.annotations]
    assert heads == ["<b>1</b>", "<b>2*</b>", "<b>3*</b>", "<b>4**</b>"]
    frame = pd.DataFrame({"spend": np.r_[numbers(10, 10), np.full(20, 900.0)]})
    dataset = read_frame(frame)
    result = Result(dataset, fit_segmentation(dataset, Recipe((FeatureSpec("spend"),), n_segments=2)))
    assert "2** · " in build_report(result).decode()
    slides = Presentation(io.BytesIO(build_report(result, "pptx"))).slides
    texts = [shape.text_frame.text for shape in slides[0].shapes if shape.has_text_frame]
    assert "** Fewer than 30 customers: the figures of so few are uncertain." in texts


def test_no_bubble_covers_another():
    profiles = tuple(profile(segment, 100) for segment in range(1, 9))
    drawn = evaluation_plot(profiles, (5.0,) * 8, (5.0,) * 8).data[-1]
    radii = np.array(drawn.marker.size) / 2
    # On a telephone and on a desk: 360 pixels high, with axes from -0.7 to 10.7 and from -0.9 to 10.9.
    for width in (280, 620):
        places = np.column_stack([np.array(drawn.x) * width / 11.4, np.array(drawn.y) * 360 / 11.8])
        for one in range(8):
            for other in range(one):
                assert np.hypot(*(places[one] - places[other])) >= radii[one] + radii[other] - 1
    assert np.asarray(drawn.customdata).tolist() == [[5.0, 5.0]] * 8


def test_a_merged_segment_is_named_anew_unless_somebody_named_it():
    values = np.array([1.0, 2.0, 40.0, 41.0])[np.arange(N) % 4] * 10 + np.random.default_rng(1).normal(0, 0.5, N)
    dataset = read_frame(pd.DataFrame({"spend": values}))
    formed = name_segments(dataset, fit_segmentation(dataset, Recipe((FeatureSpec("spend"),), n_segments=4)))
    merged, _ = edit_segmentation(dataset, formed, read_edit("merge 1,2"))
    named = name_edited_segments(dataset, formed, merged)
    # What was said of a part need not be true of the whole; the others are the same people as before.
    assert named.names[0] not in formed.names
    assert set(named.names[1:]) <= set(formed.names)
    ours = formed.renamed(("Ours", *formed.names[1:]))
    merged, _ = edit_segmentation(dataset, ours, read_edit("merge 1,2"))
    assert name_edited_segments(dataset, ours, merged).names[0] == "Ours"


def test_a_segment_far_below_everyone_is_not_mid_range():
    random = np.random.default_rng(3)
    age, spend = (
        np.repeat([30, 60, 45, 25], [400, 300, 200, 100]),
        np.repeat([200, 300, 2550, 1230], [400, 300, 200, 100]),
    )
    visits = np.repeat([2, 10, 12, 30], [400, 300, 200, 100])
    table = pd.DataFrame(
        {
            "age": age + random.normal(0, 2, 1000).round(),
            "annual_spend": spend * random.normal(1, 0.1, 1000),
            "visits": visits + random.integers(0, 2, 1000),
        }
    )
    dataset = read_frame(table)
    cards = describe_segments(dataset, fit_segmentation(dataset, Recipe(suggest_features(dataset), 4)))
    second = next(card for card in cards if 290 < card.size < 310)
    assert second.name.startswith("Older")
    assert "mid-range" not in second.name


def test_answers_on_a_scale_are_nobody_s_value():
    answers = read_frame(pd.DataFrame({"Q6 I plan my purchases": [1, 7, 3, 5] * 20, "age": list(range(20, 100))}))
    assert suggest_value_column(answers) is None


@pytest.mark.parametrize(
    ("header", "label"),
    [
        ("Total amount of all orders within the last twelve months (EUR)", "total amount of all orders…"),
        ("Average monthly amount spent in our shops", "amount spent in our shops"),
        ("Zufriedenheit mit der Erreichbarkeit der Beratung", "zufriedenheit…"),
    ],
)
def test_a_long_header_is_cut_to_words_that_say_something(header, label):
    """Never "of all orders within the last…": what is cut keeps what it counts, and leads on to nothing."""
    assert read_header(header)[0] == label


def labels_of(**columns):
    dataset = read_frame(pd.DataFrame(columns))
    return [each.label for each in column_words(dataset, Recipe(suggest_features(dataset))) if "?" in each.column]


def test_the_answers_to_a_long_question_are_called_by_their_own_words():
    answers = ["Recipes", "Discounts and special offers", "News about all of the new products of this season"]
    pick = np.random.default_rng(1)
    cells = ["; ".join(pick.permutation(answers)[: 1 + pick.integers(3)]) for _ in range(60)]
    labels = labels_of(**{"What would you like to read about in our newsletter? (tick all that apply)": cells})
    assert sorted(labels) == ["discounts and special offers", "news about all of the new…", "recipes"]


def test_questions_that_begin_alike_are_told_apart_by_their_ends():
    pick = np.random.default_rng(2)
    asked = "Where have you seen our advertisements lately? ({})"
    places = ("in the bus or at the station", "on television", "in the bus or at the cinema")
    labels = labels_of(**{asked.format(place): pick.integers(0, 9, 60) for place in places})
    assert labels == ["in the bus or at the station", "on television", "in the bus or at the cinema"]
