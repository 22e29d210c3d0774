"""Which columns of purchase lines say what a line came to: an amount, or a number of pieces and the price of one.

Names settle most files and the values settle others: an amount that is pieces times price proves all three, and a price
that stays the same for a product however many are bought is that of one piece. What neither settles is said.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import pandas as pd

from segmenter.table.dataset import Column, Dataset
from segmenter.table.infer.header import known_words, without_accents, word_set, words_of

# All words are without capitals and accents, as `known_words` returns them.
QUANTITY: Final = word_set(
    """
quantity qty quantities units items pieces pcs menge anzahl stuck stueck quantite qte cantidad cant unidades quantita
quantidade qtd qtde aantal stuks ilosc sztuk antal antall mnozstvi pocet kusu miktar adet maara kpl
количество колво кол штук 数量 总数量 個数 件数 本数 枚数 瓶数 수량 병수
лицензий licences licenses seats билетов бутылок бутылки упаковок
"""
)
PRICE: Final = word_set(
    """
price unitprice preis einzelpreis stuckpreis prix precio prezzo preco prijs cena cennik pris fiyat fiyati hinta tarif
tarifa tariffa tarief ep fare цена 単価 单价 單價 価格 价格 단가 가격
"""
)
AMOUNT: Final = word_set(
    """
amount amt total spend spent sale sales revenue value paid payment turnover betrag umsatz summe gesamt gesamtpreis
gesamtbetrag rechnungsbetrag montant importe monetary subtotal gmv ca ventas venta total valor monto importo totale
fatturato vendas receita bedrag omzet totaal kwota wartosc suma belopp summa belob belop castka tutar toplam summa gp
imponibile imponible imposable сумма стоимость итого выручка 金額 金额 小計 小计 合計 合计 总额 总价 금액 합계
"""
)
_SURE_AMOUNT: Final = word_set(
    "amount total spend revenue betrag umsatz montant importe importo bedrag kwota belopp tutar сумма 金額 金额 금액"
)
_NAMING: Final = word_set(
    "id ids no nr num number code ref reference key nummer numero n codigo codice kod numer cislo numara sku"
)
# What somebody else keeps of an amount is none of the customer's.
_KEPT: Final = word_set(
    """
commission commissions kommission provision comision comisiones commissione comissao commissie provisie prowizja
provize komisyon комиссия 手数料 佣金 수수료 fee fees gebuhr gebuhren
"""
)
_NO_AMOUNT: Final = _NAMING | _KEPT | {"discount", "tax", "shipping", "method", "type", "status", "doc", "document"}
# Of a year, a life or a firm: these describe a customer, and no purchase.
_OF_A_PERIOD: Final = word_set(
    "annual yearly lifetime jahresumsatz jahresertrag annuel annuelle anual annuale jaaromzet roczny roczna arlig"
)
# What went back, and when names say so in money.
REFUNDS: Final = word_set(
    """
refund refunds refunded reimbursed ruckerstattung ruckerstattet erstattet erstattung remboursement rembourse reembolso
reembolsado rimborso rimborsato terugbetaald terugbetaling zwrot zwrocono aterbetalning refusjon refusion iade palautus
возврат возвращено 返金 退款 환불
"""
)
_ALONE: Final = word_set("gross net brutto netto brut bruto lordo bruttobetrag nettobetrag")
# Beside a word for a price, these say that it is the one of the whole line; "sale" or "paid" don't: a sale price is
# that of a piece.
_WHOLE: Final = word_set(
    """
total line extended ext sum subtotal gesamt summe zeilen zeile positions position ges g end totale totaal totaux totales
totais celkova celkem laczna calkowita toplam yhteensa samlet rad linje linea ligne riga linha regel wiersz satir rivi
"""
)
_ITEM: Final = frozenset({"item", "items"})
# These say that a price is the one of a piece, an hour, a night, …
_EACH: Final = word_set(
    """
unit each per apiece ea einzel einzelpreis stuckpreis stuck pro je unitaire unitario unitaria unitari unit. piece
jednostkowa jednostki sztuke jednotkova kus birim enhets enhet enhed stykpris stuk stuks eenheids yksikko kpl unitprice
ht.unitaire ep 単価 单价 單價 단가
"""
)
# Compounds: Flaschenpreis, stukprijs, styckpris, yksikköhinta; and those that are of the whole, or say nothing of it.
_COMPOUND_OF: Final = ("preis", "prijs", "pris", "hinta")
_ANY_COMPOUND: Final = re.compile(r"^(?:verkauf|verkoop|kauf|aankoop|salj|salg|myynti|brutto|netto|listen|laden)")
# Spendenbetrag, Nettoumsatz, orderbelopp; the least, the tax or what was taken off is no amount of a line.
_AMOUNT_COMPOUND: Final = re.compile(
    r"^(?!mindest|steuer|mwst|rabatt|versand|hochst|minimum|skatte|moms|btw)\w{2,}"
    r"(?:betrag|umsatz|summe|bedrag|belopp|belob|belop|summa)$"
    r"|^(?:netto|brutto|auftrags|bestell|waren|positions|rechnungs|zeilen)wert$"
)
_WHOLE_COMPOUND: Final = re.compile(r"^(?:gesamt|end|total|summen?|zeilen|positions|regel|rad|linje|kokonais|rivi)")
# € / kg, EUR per night, $/h
_MONEY_PER: Final = re.compile(
    r"(?:[€$£¥₺₹]|\b(?:eur|usd|gbp|chf|pln|czk|sek|nok|dkk|try|brl|cad|aud|inr|euros?|dollars?|zl|kc|kr|tl))\s*"
    r"(?:/|\bper\b|\bpro\b|\bpar\b|\bpor\b|\ba\b)\s*\w"
)
# "P.U." and "PU" are French, Spanish and Italian for it, "á-pris" Swedish.
_SHORT_EACH: Final = re.compile(r"^p\W?\s?(?:u|unit|unitario|unitaire)\W*(?:h\W?t|t\W?t\W?c|net|eur|€)?\W*$|^a\W?pris")
# A rate of exchange, tax or interest is no price.
_RATES: Final = word_set("rate rates")
_OF_RATES: Final = word_set(
    "rate rates hourly daily nightly weekly monthly room night hour day per unit base price eur usd gbp net gross list"
)
# What is sold by number, weight, time or seat; these alone say nothing, but beside the price of one they do.
_UNITS: Final = word_set(
    """
bottles flaschen bouteilles botellas bottiglie garrafas flessen butelki flaskor flasker lahve sise siseler pullot
cases crates cartons kisten kartons caisses cartones cajas casse cartoni caixas dozen kratten dozen skrzynki kartony
lador kasser boxes packs packages packets pakete packungen paquets paquetes pacchi pacotes pakken paczki paket
seats places plazas posti lugares plaatsen miejsca platser tickets karten eintrittskarten billets entradas boletos
biglietti bilhetes ingressos kaartjes bilety biljetter billetter listky vstupenky biletler liput
nights nachte naechte ubernachtungen uebernachtungen nuits nuitees noches notti noites nachten noce noclegi natter
netter noci gece yot hours hrs stunden std heures horas ore uren godziny godzin timmar timer hodiny saat tunnit
days tage jours dias giorni dagen dni dagar dage gun persons pax guests licences licenses users sessions lessons visits
kg kilo kilos kilograms kilogramm m2 m3 m² m³ grams gramm
grammes gramos liter litre litres liters litros litri metres meters meter
metros metri sqm tonnes tons tonnen copies exemplare exemplaires rolls sheets portions cups trays pallets sacks bags
pairs sets bunches stems loaves pints barrels jars cans plates covers rides trips shares tokens credits miles km
kappale koli colis bultos colli stk szt sztuk ks tane pz pzas pza ud uds und unid vnt
"""
)
# Whole numbers that are small and count no pieces.
_NO_PIECES: Final = word_set(
    """
year month day week weekday hour minute quarter jahr monat woche tag stunde annee mois jour heure ano mes dia anno mese
giorno age alter edad eta idade leeftijd wiek discount rabatt remise descuento sconto desconto korting rabat indirim
tax vat mwst ust tva iva btw moms kdv rating score stars review bewertung note line pos position row level priority zip
plz postcode id code nr no num number installments instalments raten cuotas parcelas points punkte priority rank
children kinder enfants hijos figli filhos household satisfaction nps kanal channel delivery shipping liefertage age
class grade group gruppe segment cluster tier zone region floor table terminal till store shop filiale distance lag
margin profit cost weight gewicht poids peso size grosse taille return returned returns delay late
"""
)
_COST: Final = word_set("cost costs")
_DISCOUNT: Final = word_set(
    "discount rabatt remise descuento sconto desconto korting rabat indirim alennus sleva nachlass"
)

# So many lines show what is what.
_LOOKED_AT: Final = 20_000
_FEWEST: Final = 5
_NEARLY_ALL: Final = 0.95
# Half a coin for each piece, and one for the line: prices are rounded before they are multiplied.
_ROUNDING: Final = 0.0051
_LARGEST_ERROR: Final = 0.02
# A price that follows the number of pieces so closely, by their ranks, holds it.
_LEAST_ALIKE: Final = 0.3
# What remains after discounts, and what comes on top as tax.
_LEAST_LEFT, _MOST_TAXED = 0.4, 1.3
_MOST_PIECES: Final = 60
_MOST_OF_A_UNIT: Final = 10_000
# Prices of a product change now and then.
_STEADY: Final = 0.8


# Auftragsmenge, Stückzahl, beställningsantal.
_QUANTITY_COMPOUND: Final = re.compile(
    r"^(?!mindest|hochst|fehl|rest|lager)\w{3,}(?:menge|stuckzahl|antal|maara)$|^stuckzahl$"
)


def fit_quantity(header: str) -> int:
    """Return how well a name fits the number of pieces."""
    words = set(known_words(header))
    named = words & QUANTITY or any(_QUANTITY_COMPOUND.match(word) for word in words)
    return int(bool(named) and not words & (PRICE | AMOUNT) and not is_per_unit(header))


def fit_price(header: str) -> int:
    """Return how well a name fits the price of a piece: most where it says so, least where it is what the shop paid."""
    if is_per_unit(header):
        return 1 if set(known_words(header)) & _COST else 3
    return 2 if _names_a_price(header) and not _is_of_the_whole(header) else 0


def fit_amount(header: str) -> int:
    """Return how well a name fits what a line came to."""
    words = set(known_words(header))
    if words & (_NO_AMOUNT | _OF_A_PERIOD | REFUNDS) or is_per_unit(header):
        return 0
    if _names_a_price(header):
        return 2 if _is_of_the_whole(header) else 0
    if words & _SURE_AMOUNT or any(_AMOUNT_COMPOUND.match(word) for word in words):
        return 2
    if {"net", "sales"} <= words:
        # What was paid, where discounts have been taken off "gross sales".
        return 2
    return int(bool(words & AMOUNT or {"sold", "for"} <= words or (words and words <= _ALONE)))


def is_per_unit(header: str) -> bool:
    """Whether a name says that the column holds what one piece, hour, night, … costs."""
    words = set(known_words(header))
    if words & _NAMING:
        return False
    plain = without_accents(header).strip()
    if _MONEY_PER.search(plain) or _SHORT_EACH.match(plain):
        return True
    if words & _RATES:
        return words <= _OF_RATES
    if _is_of_the_whole(header) and not words & {"unit", "each"}:
        return False
    if any(_is_compound(word) and not _ANY_COMPOUND.match(word) for word in words):
        return True
    if _names_a_price(header):
        return bool(words & (_EACH | _UNITS | {"night", "hour", "day", "bottle", "ticket", "seat"}))
    if words & _ITEM and words & _COST:
        return True
    return bool(words & {"unit", "each"} and words & (AMOUNT | _COST) and not words & {"units"})


def _names_a_price(header: str) -> bool:
    words = set(known_words(header))
    return bool(words & PRICE) or any(_is_compound(word) for word in words)


def _is_compound(word: str) -> bool:
    return any(word.endswith(end) and len(word) >= len(end) + 2 for end in _COMPOUND_OF)


def _is_of_the_whole(header: str) -> bool:
    words = set(known_words(header))
    if words & _ITEM:
        # A line item is what was bought: "Lineitem price" in the exports of shops is the price of one.
        words -= {"line"}
    return bool(words & _WHOLE) or any(_WHOLE_COMPOUND.match(word) for word in words if word not in PRICE)


class Worth:
    """What tells amounts, pieces and prices apart in one table.

    Parameters
    ----------
    dataset
        The file's own rows.
    customer, order, product
        The columns of these, empty where there is none.
    """

    def __init__(self, dataset: Dataset, customer: str, order: str, product: str) -> None:
        self._frame = dataset.frame.iloc[:_LOOKED_AT]
        keys = dataset.original.iloc[:_LOOKED_AT]
        self._keys: dict[str, pd.Series] = {
            role: keys[name] for role, name in (("customer", customer), ("order", order), ("product", product)) if name
        }

        customers, _ = pd.factorize(self._keys["customer"].to_numpy())
        self._by_customer = np.flatnonzero(customers >= 0)[np.argsort(customers[customers >= 0], kind="stable")]
        ordered = customers[self._by_customer]
        self._starts = np.flatnonzero(np.diff(ordered, prepend=-1))

    def pieces(self, columns: Iterable[Column]) -> list[Column]:
        """Return which numeric columns may say how many were bought, those first whose name is that of a unit."""
        found = [column for column in columns if self._may_be_pieces(column)]
        return sorted(found, key=lambda column: not names_a_unit(column))

    def proves(self, amount: str, quantity: str, price: str, discounts: Sequence[str] = ()) -> bool:
        """Whether an amount is pieces times price on nearly all lines, as it stands or less a discount of its own."""
        worth, pieces, each = (self._numbers(name) for name in (amount, quantity, price))
        # One piece proves nothing, and an amount of nothing neither.
        telling = (np.abs(pieces) != 1) & (pieces != 0) & (each != 0) & ~np.isnan(worth * pieces * each)
        if np.count_nonzero(telling) < _FEWEST:
            return False
        worth, pieces, each = np.abs(worth[telling]), np.abs(pieces[telling]), np.abs(each[telling])
        less = [np.nan_to_num(np.abs(self._numbers(name)[telling])) for name in discounts]
        products = [pieces * each]
        for cut in less:
            products += [pieces * each * (1 - cut), pieces * each * (1 - cut / 100), pieces * each - cut]
            products.append(pieces * (each - cut))
        allowed = np.minimum(_ROUNDING * (pieces + 1), _LARGEST_ERROR * worth + _ROUNDING)
        return any(float(np.mean(np.abs(worth - one) <= allowed)) >= _NEARLY_ALL for one in products)

    def is_near(self, amount: str, quantity: str, price: str, *, taxed: bool = True) -> bool:
        """Whether an amount stays near pieces times price, as the line's own does with discounts and taxes.

        Where it is not `taxed`, it is never above.
        """
        worth, pieces, each = (np.abs(self._numbers(name)) for name in (amount, quantity, price))
        telling = (pieces != 1) & (pieces * each > 0) & (worth > 0)
        if np.count_nonzero(telling) < _FEWEST or len(np.unique(pieces[telling])) < 2:
            return False
        ratio = worth[telling] / (pieces[telling] * each[telling])
        most = _MOST_TAXED if taxed else 1 + _LARGEST_ERROR
        return float(np.mean((ratio >= _LEAST_LEFT) & (ratio <= most))) >= _NEARLY_ALL

    def is_weighed(self, quantity: str) -> bool:
        """Whether what was bought is measured, and not counted."""
        numbers = self._numbers(quantity)
        return bool((numbers[~np.isnan(numbers)] % 1 != 0).any())

    def is_of_a_piece(self, price: str, quantity: str) -> bool | None:
        """Whether a price stays the same for a product however many are bought; None where that can't be told."""
        if "product" not in self._keys:
            return None
        each, pieces = np.abs(self._numbers(price)), np.abs(self._numbers(quantity))
        table = pd.DataFrame({"product": self._keys["product"].to_numpy(), "each": each, "pieces": pieces})
        table = table[(table["pieces"] > 0) & (table["each"] > 0)].dropna()
        table["of one"] = table["each"] / table["pieces"]
        groups = table.groupby("product", observed=True)
        several = table[groups["pieces"].transform("nunique") > 1]
        if several["product"].nunique() < 1 or len(several) < _FEWEST:
            return None
        steady = {name: self._is_steady(several, name) for name in ("each", "of one")}
        return None if steady["each"] == steady["of one"] else steady["each"]

    def grows_with(self, price: str, quantity: str) -> bool:
        """Whether a price is the higher the more was bought, as that of the whole is; that of one piece isn't."""
        each, pieces = np.abs(self._numbers(price)), np.abs(self._numbers(quantity))
        telling = (each > 0) & (pieces > 0)
        each, pieces = each[telling], pieces[telling]
        if len(np.unique(pieces)) < 2 or len(np.unique(each)) < _FEWEST:
            return False
        alike = float(np.corrcoef(pd.Series(each).rank(), pd.Series(pieces).rank())[0, 1])
        # Of unrelated columns, one in a thousand is beyond three times the spread of chance.
        return bool(alike > max(_LEAST_ALIKE, 3 / np.sqrt(len(each))))

    def is_of_the_order(self, amount: str) -> bool:
        """Whether an amount is the same on all lines of an order, and differs between orders."""
        if "order" not in self._keys:
            return False
        table = pd.DataFrame({"order": self._keys["order"].to_numpy(), "amount": self._numbers(amount)}).dropna()
        found = table.groupby("order", observed=True)["amount"].agg(["size", "nunique", "first"])
        several = found[found["size"] > 1]
        if len(several) < _FEWEST or several["first"].nunique() < _FEWEST:
            return False
        return float((several["nunique"] == 1).mean()) >= _NEARLY_ALL

    @staticmethod
    def _is_steady(lines: pd.DataFrame, name: str) -> bool:
        middle = lines.groupby("product", observed=True)[name].transform("median")
        return float((np.abs(lines[name] - middle) <= _LARGEST_ERROR * middle).mean()) >= _STEADY

    def _may_be_pieces(self, column: Column) -> bool:
        header = column.header or column.name
        known = names_a_unit(column)
        if not known and set(known_words(header)) & _NO_PIECES:
            return False
        if fit_price(header) or fit_amount(header):
            return False
        numbers = self._numbers(column.name)
        held = np.abs(numbers[~np.isnan(numbers)])
        if not len(held) or held.max() < 2 or not len(held[held > 0]):
            return False
        middle = float(np.median(held[held > 0]))
        if known:
            return middle <= _MOST_OF_A_UNIT
        whole = bool((held % 1 == 0).all())
        return (
            whole and 1 <= middle <= _MOST_PIECES and not self._describes(column.name) and not self._counts_up(numbers)
        )

    def _describes(self, name: str) -> bool:
        """Whether customers with several lines have one value each, as with an age."""
        values = self._numbers(name)[self._by_customer]
        # Sorted once for all columns: grouping 200 of them one by one took as long as half of the reading.
        least, most = (extreme.reduceat(values, self._starts) for extreme in (np.fmin, np.fmax))
        several = np.add.reduceat((~np.isnan(values)).astype(np.int64), self._starts) > 1
        return int(several.sum()) >= 2 and float(np.mean((least == most)[several])) >= _NEARLY_ALL

    def _counts_up(self, numbers: np.ndarray) -> bool:
        """Whether numbers are those of the lines of an order: 1, 2, 3, …."""
        if "order" not in self._keys:
            return False
        orders = self._keys["order"].reset_index(drop=True)
        places = orders.groupby(orders, observed=True).cumcount().to_numpy() + 1
        several = orders.duplicated(keep=False).to_numpy()
        same = numbers == places
        return bool(several.any()) and float(np.mean(same[several])) >= _NEARLY_ALL

    def _numbers(self, name: str) -> np.ndarray:
        return self._frame[name].to_numpy(dtype=np.float64, na_value=np.nan)


def names_a_unit(column: Column) -> bool:
    """Whether a column is called by what is sold: bottles, nights, kg."""
    header = column.header or column.name
    # The known words have lost their numbers.
    return bool({*known_words(header), *words_of(header)} & (_UNITS | QUANTITY))


def is_discount(header: str) -> bool:
    """Whether a name is that of a discount."""
    return bool(set(known_words(header)) & _DISCOUNT)
