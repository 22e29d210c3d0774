"""E-mail addresses, telephone numbers and countries: what people wrote, in the one form that can be compared.

Clean cells are checked column by column; only what is unusual goes to the libraries one at a time, and both ways give
the same: a million telephone numbers take `phonenumbers` a minute, and a second here.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import email_validator
import numpy as np
import pandas as pd
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

from segmenter.table.infer.missing_values import MISSING_AMONG_NUMBERS
from segmenter.typing import BoolArray

DESTROYED: Final = "a spreadsheet has destroyed it: its last digits are lost; export the column as text"
NO_COUNTRY: Final = "it has no country code, and the customer's country is not known"
TWO_IN_ONE: Final = "there are two in one cell"
TOO_LONG: Final = "it is too long"
# The code of no country, for those who know that they don't know: numbers without country code are left out then.
NOWHERE: Final = "ZZ"
UNKNOWN_COUNTRY: Final = "the country is not known"
# Longer cells hold something else, and looking at them takes time that grows with their length.
_LONGEST: Final = 320
# Blanks of all kinds and marks that nobody sees, as both Python's and Arrow's patterns understand them.
_BLANKS: Final = "[\\s\u00a0\u2000-\u200f\u2028-\u202f\u2060\u3000\ufeff]"
# 4.36641E+11, and what a cell shows that could not show its number.
_SCIENTIFIC: Final = r"^[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+$"
_ERRORS: Final = r"^#+$|^#(?:NUM|NAME|REF|VALUE|DIV/0|N/A|ERROR|CALC|SPILL|ZAHL|WERT|BEZUG)[!?]?$"
_AS_DATE: Final = r"^(?:\d{4}-\d{2}-\d{2}(?:[T ].*)?|\d{1,2}[./-](?:\d{1,2}|[A-Za-z]{3})[./-](?:19|20)\d{2})$"
_NOTHING: Final = pa.scalar(None, pa.large_string())
MISSING_WORDS: Final = frozenset(word.casefold() for word in MISSING_AMONG_NUMBERS if not word.startswith("#"))


@dataclass(frozen=True, eq=False)
class Checked:
    """Cells in comparable form.

    Attributes
    ----------
    values
        (n,) text: the comparable form, missing where there is none.
    reasons
        (n,) text: why a cell that holds something has no such form; empty for the others.
    """

    values: pd.Series
    reasons: pd.Series

    @property
    def given(self) -> BoolArray:
        """Which cells hold something, be it good or not, shape (n,)."""
        return (self.values.notna() | (self.reasons != "")).to_numpy()


@dataclass(frozen=True, eq=False)
class CheckedPhones(Checked):
    """Telephone numbers as +E.164.

    Attributes
    ----------
    mobile
        (n,) which of them can be a mobile one.
    """

    mobile: BoolArray


def tidy(cells: pd.Series) -> pd.Series:
    """Return cells as text without blanks, invisible marks and a spreadsheet's apostrophe around; missing where empty.

    A whole number that was stored as one with a fraction loses it again: 6641234567.0 is a telephone number.
    """
    if pd.api.types.is_numeric_dtype(cells) and not pd.api.types.is_bool_dtype(cells):
        numbers = pd.to_numeric(cells, errors="coerce").astype("float64")
        whole = np.isfinite(numbers) & (numbers == np.floor(numbers)) & (numbers.abs() < 2**53)
        texts = cells.astype("str").astype(object)
        texts[whole] = numbers[whole].astype("int64").astype("str")
        cells = texts.where(cells.notna())
    texts = pa.array(cells.astype("str"), pa.large_string(), from_pandas=True)
    texts = pc.replace_substring_regex(texts, rf"^(?:{_BLANKS}|')+|{_BLANKS}+$", "")
    texts = pc.replace_substring_regex(texts, r"^(\+?\d{5,})\.0$", r"\1")
    empty = pc.is_in(pc.utf8_lower(texts), pa.array(sorted(MISSING_WORDS), pa.large_string()))
    return _series(pc.if_else(empty, _NOTHING, texts), cells.index)


def is_destroyed(texts: pd.Series) -> BoolArray:
    """Return which tidy cells hold what a spreadsheet has left of a long number, shape (n,)."""
    found = texts.str.match(_SCIENTIFIC, na=False) | texts.str.match(_ERRORS, na=False)
    return found.to_numpy(dtype=bool)


pass

_LOCAL: Final = r"[a-z0-9!#$%&'*+/=?^_{|}~`-]+(?:\.[a-z0-9!#$%&'*+/=?^_{|}~`-]+)*"
_USUAL_EMAIL: Final = rf"^{_LOCAL}@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]+$"
_LOCAL_LENGTH, _EMAIL_LENGTH = 64, 254
_GMAIL: Final = r"@(?:gmail|googlemail)\.com$"


def canonical_emails(cells: pd.Series, *, drop_inner_blanks: bool = False) -> Checked:
    """Return e-mail addresses in small letters, or why there is none.

    Whether a mailbox is there is not asked: that needs a network.

    Parameters
    ----------
    drop_inner_blanks
        Whether blanks within an address are dropped, as some platforms do, or make it none.
    """
    texts = tidy(cells)
    arrow = pa.array(texts, pa.large_string(), from_pandas=True)
    arrow = pc.replace_substring_regex(arrow, r"^(?i:mailto:)|^<|[>,;.]+$", "")
    if drop_inner_blanks:
        arrow = pc.replace_substring_regex(arrow, rf"{_BLANKS}+", "")
    lower = pc.utf8_lower(arrow)
    usual = pc.match_substring_regex(lower, _USUAL_EMAIL)
    at = pc.find_substring(lower, "@")
    usual = pc.and_(usual, pc.less_equal(at, _LOCAL_LENGTH))
    usual = pc.and_(usual, pc.less_equal(pc.utf8_length(lower), _EMAIL_LENGTH))
    domains = pc.replace_substring_regex(lower, r"^[^@]*@", "")
    known = pc.unique(domains.filter(usual)).to_pylist()
    good = [domain for domain in known if not _email_fault(f"a@{domain}")]
    usual = pc.and_(usual, pc.is_in(domains, pa.array(good, pa.large_string())))
    accepted = pc.if_else(usual, lower, _NOTHING)
    return _with_the_rest(accepted, lower, cells.index, _email_of)


def gmail_canonical(emails: pd.Series) -> pd.Series:
    """Return addresses by Google's rule: at gmail.com and googlemail.com neither dots nor +tags make a difference."""
    arrow = pa.array(emails, pa.large_string(), from_pandas=True)
    there = pc.match_substring_regex(arrow, _GMAIL)
    local = pc.replace_substring_regex(pc.replace_substring_regex(arrow, r"@.*$", ""), r"\+.*$", "")
    bare = pc.replace_substring(local, ".", "")
    domain = pc.replace_substring_regex(arrow, r"^.*@", "")
    joined = pc.binary_join_element_wise(bare, domain, _large("@"))
    return _series(pc.if_else(there, joined, arrow), emails.index)


def _email_of(text: str) -> tuple[str | None, str]:
    if len(text) > _LONGEST:
        return None, TOO_LONG
    if re.match(_SCIENTIFIC, text) or re.match(_ERRORS, text):
        return None, DESTROYED
    if text.count("@") > 1 and re.search(r"[\s,;/|]", text):
        return None, TWO_IN_ONE
    fault = _email_fault(text)
    return (None, fault) if fault else (_normalised_email(text), "")


def _normalised_email(text: str) -> str:
    return email_validator.validate_email(text, check_deliverability=False).normalized.lower()


def _email_fault(text: str) -> str:
    try:
        email_validator.validate_email(text, check_deliverability=False)
    except email_validator.EmailNotValidError as error:
        return (
            str(error).rstrip(".").replace("The email address", "it").replace("An email address", "an e-mail address")
        )
    return ""


pass

_USUAL_PHONE: Final = r"^\+?[0-9(][0-9 ()./\-]*$"
_TYPES: Final = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan",
    "voicemail",
)  # fmt: skip
_MOBILE: Final = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
_PHONE_FAULTS: Final = {
    phonenumbers.NumberParseException.NOT_A_NUMBER: "it is no telephone number",
    phonenumbers.NumberParseException.TOO_SHORT_NSN: "it is too short",
    phonenumbers.NumberParseException.TOO_SHORT_AFTER_IDD: "it is too short",
    phonenumbers.NumberParseException.TOO_LONG: "it is too long",
}


def canonical_phones(cells: pd.Series, regions: pd.Series) -> CheckedPhones:
    """Return telephone numbers as +E.164, or why there is none.

    Parameters
    ----------
    cells
        (n,) as they were written; only what is valid in its country is taken.
    regions
        (n,) ISO codes of the countries in which numbers without country code are; empty text where that is not known.
        It is never guessed.
    """
    texts = tidy(cells)
    arrow = pa.array(texts, pa.large_string(), from_pandas=True)
    usual = pc.fill_null(pc.match_substring_regex(arrow, _USUAL_PHONE), fill_value=False)
    usual = pc.and_not(usual, pc.match_substring_regex(arrow, _AS_DATE))
    bare = pc.replace_substring_regex(arrow, r"[ ()./\-]", "")
    chosen = usual.to_numpy(zero_copy_only=False).astype(bool)
    accepted = np.full(len(texts), None, dtype=object)
    mobile = np.zeros(len(texts), dtype=bool)
    national = chosen & ~pc.fill_null(pc.starts_with(bare, "+"), fill_value=False).to_numpy(zero_copy_only=False)
    codes = np.array(regions.fillna("").astype(object), dtype=object)
    places = np.where(national, codes, "")
    for region in pd.unique(places[chosen]):
        rows = np.flatnonzero(chosen & (places == region) & ((region != "") | ~national))
        found, is_mobile = _usual_numbers(bare.take(pa.array(rows)), str(region))
        accepted[rows], mobile[rows] = found, is_mobile
    pairs = _series(pc.binary_join_element_wise(arrow, pa.array(codes, pa.large_string()), _large("\0")), cells.index)
    taken = pa.array(accepted, pa.large_string(), from_pandas=True)
    checked = _with_the_rest(taken, pa.array(pairs, pa.large_string(), from_pandas=True), cells.index, _phone_of)
    rest = checked.values.notna().to_numpy() & pd.isna(accepted)
    mobile[rest] = [_can_be_mobile(number) for number in checked.values[rest]]
    return CheckedPhones(checked.values, checked.reasons, mobile)


def _phone_of(pair: str) -> tuple[str | None, str]:
    text, region = pair.split("\0", 1)
    if len(text) > _LONGEST:
        return None, TOO_LONG
    if re.match(_SCIENTIFIC, text) or re.match(_ERRORS, text):
        return None, DESTROYED
    if re.match(_AS_DATE, text):
        return None, "a spreadsheet has made a date of it; export the column as text"
    if sum(len(re.findall(r"\d", part)) > 5 for part in re.split(r"[,;/|]|\s(?:or|oder|ou|and|und|et)\s", text)) > 1:
        return None, TWO_IN_ONE
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException as error:
        if error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE:
            return None, "there is no such country code" if text.startswith("+") else NO_COUNTRY
        return None, _PHONE_FAULTS[error.error_type]
    if not phonenumbers.is_valid_number(number):
        return None, f"no number in use with +{number.country_code} looks like it"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), ""


def _can_be_mobile(number: str) -> bool:
    return phonenumbers.number_type(phonenumbers.parse(number)) in _MOBILE


@dataclass(frozen=True)
class _Plan:
    """How the numbers of one country are built, for the usual ones among them."""

    code: str
    trunk: tuple[str, ...]
    abroad: str
    general: str
    valid: str
    mobile: str


@cache
def _plan(region: str) -> _Plan | None:
    """Return a country's plan; None where only the library can tell its numbers."""
    plan = phonenumbers.PhoneMetadata.metadata_for_region(region)
    if plan is None or plan.country_code is None or plan.national_prefix_transform_rule or plan.general_desc is None:
        return None
    trunk = tuple((plan.national_prefix_for_parsing or "").split("|"))
    if not all(prefix.isdecimal() or not prefix for prefix in trunk):
        return None
    shared = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[plan.country_code]
    if len(shared) > 1 and (shared[0] != region or plan.leading_digits):
        return None
    kinds = {name: getattr(plan, name) for name in _TYPES}
    patterns = {name: kind.national_number_pattern for name, kind in kinds.items() if kind is not None}
    used = {name: pattern for name, pattern in patterns.items() if pattern and pattern != "NA"}
    # As the library counts: where fixed and mobile numbers share a pattern, each can be mobile.
    mobile = used.get("mobile", "")
    return _Plan(
        str(plan.country_code),
        tuple(prefix for prefix in trunk if prefix),
        plan.international_prefix or "",
        plan.general_desc.national_number_pattern or "",
        f"^(?:{'|'.join(used.values())})$",
        f"^(?:{mobile})$" if mobile else "",
    )


def _usual_numbers(bare: pa.Array, region: str) -> tuple[np.ndarray, BoolArray]:
    """Return +E.164 for the numbers of a region that need no library, None for the others, and which are mobile.

    Parameters
    ----------
    bare
        Digits, with a + in front where they begin with a country code.
    region
        Empty where all do.
    """
    found = np.full(len(bare), None, dtype=object)
    mobile = np.zeros(len(bare), dtype=bool)
    if not len(bare):
        return found, mobile
    if not region:
        heads = pd.Series(pc.utf8_slice_codeunits(bare, 1, 4).to_pylist())
        main = heads.map({head: _main_region(head) for head in heads.unique()})
        for each in main[main != ""].unique():
            rows = np.flatnonzero((main == each).to_numpy())
            plan = _plan(each)
            if plan is not None:
                rest = pc.utf8_slice_codeunits(bare.take(pa.array(rows)), 1 + len(plan.code))
                found[rows], mobile[rows] = _accepted(rest, plan)
        return found, mobile
    plan = _plan(region)
    if plan is None or not re.fullmatch(r"\d+", plan.abroad):
        return found, mobile
    abroad = pc.starts_with(bare, plan.abroad)
    coded = pc.starts_with(bare, plan.code)
    at_home = pc.and_not(pc.invert(abroad), coded)
    for rows, cut in (
        (at_home, 0),
        # The country code without its +, where the whole could be no number of the country.
        (
            pc.and_not(pc.and_not(coded, abroad), pc.match_substring_regex(bare, f"^(?:{plan.general})$")),
            len(plan.code),
        ),
    ):
        where = np.flatnonzero(rows.to_numpy(zero_copy_only=False))
        found[where], mobile[where] = _accepted(pc.utf8_slice_codeunits(bare.take(pa.array(where)), cut), plan)
    where = np.flatnonzero(abroad.to_numpy(zero_copy_only=False))
    rest = pc.utf8_slice_codeunits(bare.take(pa.array(where)), len(plan.abroad))
    found[where], mobile[where] = _usual_numbers(pc.binary_join_element_wise(_large("+"), rest, _large("")), "")
    return found, mobile


def _accepted(national: pa.Array, plan: _Plan) -> tuple[np.ndarray, BoolArray]:
    """Return +E.164 for valid numbers after the country code, None for what is not clear, and which are mobile."""
    trunk = pa.array(np.zeros(len(national), dtype=bool))
    for prefix in plan.trunk:
        trunk = pc.or_(trunk, pc.starts_with(national, prefix))
    stripped = national
    if plan.trunk and len(plan.trunk[0]) == 1:
        one = pc.starts_with(national, plan.trunk[0])
        stripped = pc.if_else(one, pc.utf8_slice_codeunits(national, 1), national)
        trunk = pc.and_not(trunk, one)
    clear = pc.and_(pc.match_substring_regex(stripped, plan.valid), pc.invert(trunk))
    clear = pc.and_(clear, pc.match_substring_regex(stripped, f"^(?:{plan.general})$"))
    numbers = pc.binary_join_element_wise(_large(f"+{plan.code}"), stripped, _large(""))
    mobile = pc.and_(clear, pc.match_substring_regex(stripped, plan.mobile)) if plan.mobile else pc.and_(clear, False)
    accepted = pc.if_else(clear, numbers, _NOTHING)
    return accepted.to_numpy(zero_copy_only=False), mobile.to_numpy(zero_copy_only=False).astype(bool)


@cache
def _main_region(head: str) -> str:
    """Return the country whose numbers begin with these digits; empty where none does."""
    for length in (1, 2, 3):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(head[:length] or 0))
        if regions:
            return "" if regions[0] == "001" else regions[0]
    return ""


pass


def _with_the_rest(
    accepted: pa.Array, texts: pa.Array, index: pd.Index, one: Callable[[str], tuple[str | None, str]]
) -> Checked:
    """Put what was accepted at once together with what is looked at one by one."""
    rest = pc.and_(pc.is_null(accepted), pc.is_valid(texts))
    values, reasons = _series(accepted, index), pd.Series("", index=index, dtype="str")
    if pc.any(rest).as_py():
        where = np.flatnonzero(rest.to_numpy(zero_copy_only=False))
        codes, unusual = pd.factorize(np.asarray(texts.take(pa.array(where)).to_pylist(), dtype=object))
        looked_at = [one(text) for text in unusual]
        found = np.array([value for value, _ in looked_at] + [None], dtype=object)[:-1]
        why = np.array([reason for _, reason in looked_at] + [""], dtype=object)[:-1]
        values.iloc[where] = pd.Series(found[codes], dtype="str")
        reasons.iloc[where] = pd.Series(why[codes], dtype="str")
    return Checked(values, reasons)


def _large(text: str) -> pa.Scalar:
    # Arrow joins only texts of one type, and more than 2 GB of them need 64-bit offsets.
    return pa.scalar(text, pa.large_string())


def _series(texts: pa.Array, index: pd.Index) -> pd.Series:
    return pd.Series(pd.array(texts.to_numpy(zero_copy_only=False), dtype="str"), index=index)


pass


# ISO 3166: two letters and three. Both are written in files; names come from the library's tables.
_THREE_LETTERS: Final = (
    "ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE BABIH BBBRB BDBGD "
    "BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS BTBTN BVBVT BWBWA BYBLR BZBLZ CACAN "
    "CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN COCOL CRCRI CUCUB CVCPV CWCUW CXCXR CYCYP CZCZE DEDEU "
    "DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA GAGAB "
    "GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG "
    "HMHMD HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA JEJEY JMJAM JOJOR JPJPN "
    "KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO LBLBN LCLCA LILIE LKLKA LRLBR LSLSO LTLTU "
    "LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR "
    "MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL "
    "OMOMN PAPAN PEPER PFPYF PGPNG PHPHL PKPAK PLPOL PMSPM PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB "
    "RURUS RWRWA SASAU SBSLB SCSYC SDSDN SESWE SGSGP SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD STSTP "
    "SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON TRTUR TTTTO TVTUV TWTWN "
    "TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR VNVNM VUVUT WFWLF WSWSM YEYEM YTMYT ZAZAF "
    "ZMZMB ZWZWE"
)  # fmt: skip
_ALSO_CALLED: Final = {
    "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northernireland": "GB", "greatbritain": "GB",
    "grossbritannien": "GB", "britain": "GB", "usa": "US", "us": "US", "america": "US", "unitedstatesofamerica": "US",
    "vereinigtestaatenvonamerika": "US", "eeuu": "US", "etatsunisdamerique": "US", "holland": "NL", "holanda": "NL",
    "thenetherlands": "NL", "nederland": "NL", "czechrepublic": "CZ", "tschechischerepublik": "CZ",
    "tschechien": "CZ", "ceskarepublika": "CZ", "korea": "KR", "southkorea": "KR", "russianfederation": "RU",
    "uae": "AE", "vae": "AE", "turkey": "TR", "macedonia": "MK", "swaziland": "SZ", "ivorycoast": "CI",
    "bundesrepublikdeutschland": "DE", "brd": "DE", "schweiz": "CH", "suisse": "CH", "svizzera": "CH",
    "peoplesrepublicofchina": "CN", "prchina": "CN", "republicofireland": "IE", "slovakrepublic": "SK",
    "tschechei": "CZ", "usamerika": "US", "verenigdestatenvanamerika": "US", "statiunitidamerica": "US",
    "estadosunidosdamerica": "US", "estadosunidosdeamerica": "US", "stanyzjednoczone": "US", "usaamerika": "US",
    "czechy": "CZ", "tjeckien": "CZ", "cechia": "CZ", "tchequie": "CZ", "chequia": "CZ", "slowakei": "SK",
}  # fmt: skip
# Czech, Turkish, Danish and Norwegian are not in the library's table: the countries that their files name most.
_MORE_NAMES: Final = {
    "DE": "Německo Almanya", "AT": "Rakousko Avusturya Østrig Østerrike", "CH": "Švýcarsko İsviçre Svejts Sveits",
    "CZ": "Česko Çekya Tjekkiet Tsjekkia", "SK": "Slovensko Slovakya Slovakiet", "PL": "Polsko Polonya",
    "GB": "Velká-Británie Spojené-království Birleşik-Krallık İngiltere Storbritannien Storbritannia",
    "IE": "Irsko İrlanda Irland", "FR": "Francie Fransa Frankrig Frankrike", "IT": "Itálie İtalya Italien Italia",
    "ES": "Španělsko İspanya Spanien Spania", "PT": "Portugalsko Portekiz",
    "NL": "Nizozemsko Nizozemí Hollanda Nederlandene",
    "BE": "Belgie Belçika Belgien", "LU": "Lucembursko Lüksemburg", "DK": "Dánsko Danimarka Danmark",
    "SE": "Švédsko İsveç Sverige", "NO": "Norsko Norveç Norge", "FI": "Finsko Finlandiya", "IS": "Island İzlanda",
    "HU": "Maďarsko Macaristan Ungarn", "RO": "Rumunsko Romanya Rumænien", "BG": "Bulharsko Bulgaristan Bulgarien",
    "GR": "Řecko Yunanistan Grækenland Hellas", "TR": "Turecko Türkiye Tyrkiet Tyrkia",
    "HR": "Chorvatsko Hırvatistan Kroatien",
    "SI": "Slovinsko Slovenya Slovenien", "RS": "Srbsko Sırbistan Serbien", "UA": "Ukrajina Ukrayna",
    "RU": "Rusko Rusya Rusland Russland",
    "US": "Spojené-státy Spojené-státy-americké Amerika-Birleşik-Devletleri ABD Forenede-Stater",
    "CA": "Kanada", "AU": "Austrálie Avustralya Australien", "CN": "Čína Çin Kina", "JP": "Japonsko Japonya",
    "IN": "Indie Hindistan Indien", "BR": "Brazílie Brezilya Brasilien", "MX": "Mexiko Meksika Mexico",
    "EE": "Estonsko Estonya Estland",
    "LV": "Lotyšsko Letonya Letland", "LT": "Litva Litvanya Litauen",
}  # fmt: skip
_LANGUAGES: Final = (
    "en", "de", "fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "fi", "cs", "sk", "hu", "ro", "tr", "ru", "uk",
    "el", "bg", "hr", "sl", "ja", "zh", "ar", "ko",
)  # fmt: skip


def canonical_countries(cells: pd.Series) -> Checked:
    """Return the ISO codes (two letters) of countries by code, calling code or name in many languages."""
    texts = tidy(cells)
    words = texts.dropna().unique()
    codes = {word: region_of(word) for word in words}
    values = texts.map({word: code for word, code in codes.items() if code}).astype("str")
    reasons = pd.Series("", index=texts.index, dtype="str")
    reasons[(texts.notna() & values.isna()).to_numpy()] = UNKNOWN_COUNTRY
    return Checked(values, reasons)


def region_of(word: str) -> str:
    """Return the ISO code (two letters) of a country; empty text where the word names none, or more than one."""
    word = word.strip()
    if re.fullmatch(r"(?:\+|00)\d{1,3}", word):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(word.lstrip("+").removeprefix("00")), ())
        return (
            regions[0] if len(regions) == 1 or (regions and regions[0] in ("US", "GB", "IT", "NO", "FI", "AU")) else ""
        )
    return _region_names().get(_plain(word), "")


def region_names() -> dict[str, str]:
    """Return the countries that have telephone numbers by ISO code, under their English names, in their order."""
    from phonenumbers.geodata.locale import LOCALE_DATA

    names = {code: _spoken(LOCALE_DATA[code], "en") for code in phonenumbers.SUPPORTED_REGIONS if code in LOCALE_DATA}
    return dict(sorted(names.items(), key=lambda item: _plain(item[1])))


@cache
def _region_names() -> dict[str, str]:
    # 0.4 s to import: only for those who have a country column.
    from phonenumbers.geodata.locale import LOCALE_DATA

    names: dict[str, set[str]] = {}
    for code, spoken in LOCALE_DATA.items():
        for name in (_spoken(spoken, language) for language in _LANGUAGES):
            names.setdefault(_plain(name), set()).add(code)
    for code, more in _MORE_NAMES.items():
        for name in more.split():
            names.setdefault(_plain(name), set()).add(code)
    found = {name: next(iter(codes)) for name, codes in names.items() if name and len(codes) == 1}
    codes = {pair[:2]: pair[2:] for pair in _THREE_LETTERS.split()}
    # Codes and common names win over a name in some language that reads like one.
    return {
        **found,
        **{three.lower(): two for two, three in codes.items()},
        **{two.lower(): two for two in codes},
        **_ALSO_CALLED,
    }


def _spoken(names: dict[str, str], language: str) -> str:
    name = names.get(language, "")
    # The table says "as in that language" by a star and its letters.
    return names.get(name[1:], "") if name.startswith("*") else name


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.casefold().replace("ß", "ss"))
    return "".join(letter for letter in letters if letter.isalnum())
