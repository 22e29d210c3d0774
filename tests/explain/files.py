"""Made-up customer files of many kinds, each with three groups, under headers as real exports have them."""

import numpy as np
import pandas as pd

N = 160


def customer_files():
    """Return thirty-two tables by name."""
    random = np.random.default_rng(0)
    group = np.sort(random.choice(3, N, p=[0.5, 0.3, 0.2]))

    def near(values, spread, digits=2):
        return (np.array(values, dtype=float)[group] + random.normal(0, spread, N)).round(digits)

    def whole(values, most):
        return np.array(values)[group] + random.integers(0, most, N)

    def words(*values):
        return np.array(values)[group]

    days = pd.to_timedelta(whole([10, 900, 400], 60), unit="D")
    return {
        "purchases": {"recency_days": whole([20, 200, 400], 15),
                      "orders": np.where(group == 1, 1, whole([12, 1, 3], 3)), "spend": near([900, 40, 150], 9)},
        "retirees": {"age": whole([62, 71, 83], 3), "revenue (EUR)": near([10, 90, 40], 4)},
        "tiny numbers": {"rate": near([0.001, 0.004, 0.009], 0.0003, 6), "p": near([1e-7, 5e-7, 2e-7], 2e-8, 12)},
        "large numbers": {"assets": near([2e9, 8e9, 1e9], 1e8, 0), "loans": near([2e6, 8e6, 5e6], 1e5, 0)},
        "losses": {"profit": near([-50, 20, 90], 5, 1), "balance": near([5, -200, 100], 9, 1)},
        "per cent": {"discount rate": [f"{x}%" for x in near([5, 30, 60], 2, 1)],
                     "price": [f"${x:,.2f}" for x in near([1500, 300, 50], 9)]},
        "yes and no": {"newsletter": np.where(random.random(N) < np.array([0.9, 0.1, 0.5])[group], "yes", "no"),
                       "visits": whole([3, 30, 12], 4), "city": words("Oslo", "Rome", "A1")},
        "years of birth": {"birth_year": whole([1950, 1998, 1975], 4), "wine_spend": whole([10, 90, 40], 9),
                           "meat_spend": whole([80, 20, 40], 9)},
        "hostile": {"<b>in%{x}come</b> $a$ 2": whole([10, 90, 40], 9), "=cmd|' /C calc'!A0": whole([80, 20, 40], 9),
                    "x" * 200: whole([8, 2, 40], 9)},
        "German": {"Alter": whole([25, 45, 70], 3), "Umsatz (€)": whole([1000, 9000, 4000], 900),
                   "Einkommen in EUR": whole([20000, 90000, 40000], 900)},
        "missing": {"income": np.where(random.random(N) < 0.3, np.nan, whole([10, 90, 40], 9)),
                    "spend": whole([80, 20, 40], 9)},
        "dates": {"joined": pd.Timestamp("2020-01-01") + days, "spend": whole([80, 20, 40], 9),
                  "visits": whole([8, 2, 4], 2)},
        "scores": {"satisfaction (1-10)": whole([2, 8, 5], 3), "spending score (1-100)": whole([80, 20, 50], 9)},
        "skewed": {"spend": (np.exp(near([3, 6, 9], 0.6))).round(2), "visits": whole([3, 30, 12], 4)},
        "protected": {"gender": words("female", "male", "female"), "age": whole([25, 45, 70], 3),
                      "income": whole([10, 90, 40], 9)},
        "personal": {"email": [f"p{i}@example.com" for i in range(N)], "age": whole([25, 45, 70], 3),
                     "spend": whole([10, 90, 40], 9)},
        "two ages": {"age": whole([25, 45, 70], 3), "partner age": whole([60, 30, 45], 3)},
        "answers": {"q1": whole([1, 4, 2], 2), "q2": whole([4, 1, 2], 2), "q3": whole([1, 1, 4], 2)},
        "tenure": {"tenure_months": whole([3, 60, 24], 5), "income": whole([10, 90, 40], 9)},
        "bank": {"surname": [f"Novak{i}" for i in range(N)], "credit_score": whole([640, 730, 580], 40),
                 "balance": np.where(group == 0, 0, near([0, 148_000, 4000], 900)),
                 "avg_monthly_debit_txn_cnt": whole([42, 12, 3], 6), "num_of_products": whole([1, 3, 1], 2)},
        "telephone": {"customerID": [f"{7000 + i}-ABC" for i in range(N)], "Partner": words("No", "Yes", "Yes"),
                      "InternetService": words("Fiber optic", "DSL", "No"), "tenure": whole([3, 60, 30], 9),
                      "MonthlyCharges": near([72, 88, 25], 4), "TotalCharges": near([300, 5200, 800], 90)},
        "hotel": {"DaysSinceCreation": whole([100, 500, 900], 60), "AverageLeadTime": whole([9, 110, 45], 9),
                  "LodgingRevenue": near([340, 720, 1450], 60), "BookingsCanceled": words(0, 0, 1),
                  "BookingsCheckedIn": whole([6, 1, 1], 2), "RoomNights": whole([2, 5, 7], 2)},
        "gym": {"Avg_session_min": whole([85, 50, 30], 9), "Visits_per_week": near([4.6, 2.2, 0.4], 0.2, 1),
                "Personal trainer (hours/month)": near([0.2, 2, 0.4], 0.1, 1),
                "Membership fee": [f"€ {x:.2f}" for x in near([29.9, 39.9, 59.9], 1)],
                "Lifetime": whole([4, 30, 9], 4)},
        "business": {"Account Name": [f"Weber {i} Ltd" for i in range(N)], "# Employees": whole([20, 150, 1800], 30),
                     "Annual Revenue (M EUR)": near([1.8, 14, 150], 0.3, 1), "ARR": near([3e3, 2e4, 1e5], 400, 0),
                     "Active users (30d)": whole([4, 25, 150], 4), "NPS": whole([30, -10, 45], 9)},
        "survey": {"I compare prices before I buy": words("Strongly agree", "Disagree", "Neutral"),
                   "I am a loyal customer": words("Strongly disagree", "Agree", "Neutral"),
                   "How likely are you to recommend us? (0-10)": whole([2, 8, 5], 3)},
        "donors": {"Number of gifts": np.where(group == 0, 1, whole([1, 28, 9], 4)),
                   "Largest gift": whole([30, 36, 500], 9),
                   "Lifetime giving (USD)": near([30, 650, 2200], 9), "Monthly donor": words("N", "Y", "N")},
        "insurance": {"No claims years": whole([1, 7, 18], 3), "Number of claims": words(2, 1, 0),
                      "Claims paid (CHF)": near([4200, 900, 30], 20), "Vehicle age (years)": whole([9, 3, 6], 2),
                      "Annual premium (CHF)": near([1450, 980, 620], 20)},
        "newsletter": {"Email Address": [f"p{i}@example.net" for i in range(N)],
                       "Emails sent": whole([40, 180, 260], 9),
                       "Open rate": near([0.62, 0.35, 0.03], 0.005, 3),
                       "Click rate": near([0.16, 0.05, 0.003], 0.001, 4),
                       "Last open (days ago)": whole([4, 21, 240], 5), "Orders from mail": words(3, 1, 0)},
        "many baskets": {f"Mnt{thing}": whole(values, 20) for thing, values in {
            "Wines": [20, 500, 100], "Fruits": [3, 90, 30], "MeatProducts": [9, 400, 90], "Fish": [5, 99, 25]}.items()},
        "café": {"Kundennr": np.arange(1001, 1001 + N), "Besuche pro Monat": whole([12, 3, 7], 3),
                 "Umsatz (€)": near([45, 90, 60], 4), "Trinkgeld %": near([2, 9, 15], 0.5, 1),
                 "Stammkunde seit": whole([2024, 2018, 2006], 2)},
        "charity": {"gifts": whole([1, 9, 4], 2), "total_given": near([40, 260, 3000], 9, 0),
                    "first_gift_year": whole([2022, 2017, 2009], 3), "emails_opened_pct": whole([8, 50, 35], 5)},
        "zeros": {"returns": np.where(random.random(N) < 0.6, 0, whole([0, 9, 3], 2)), "spend": whole([80, 20, 40], 9)},
    }  # fmt: skip
