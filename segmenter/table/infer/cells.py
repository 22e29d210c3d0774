"""Cells of a column: held as Arrow, counted and sampled; words that mean a missing value."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from segmenter.config import LONGEST_JUDGED

# The first ones are clear in any column.
CLEAR_MISSING: Final = ("", "NA", "N/A", "null", "NaN", "NULL", "nan", "#N/A", "<NA>", "n/a")
# The rest can be an answer ("none" of the offers, "-" as a grade), so they count only where numbers or dates are
# expected.
MISSING_AMONG_NUMBERS: Final = (
    *CLEAR_MISSING,
    "-",
    "--",
    "—",
    "–",
    ".",
    "None",
    "none",
    "NONE",
    "Null",
    "na",
    "N.A.",
    "n.a.",
    "nil",
    "NAT",
    "NaT",
    "NANA",
    "#NULL!",
    "#DIV/0!",
    "#VALUE!",
    "#REF!",
    "#NAME?",
    "#NUM!",
    "missing",
    "?",
)


def _words(text: str) -> frozenset[str]:
    return frozenset(word.strip() for line in text.strip().splitlines() for word in line.split(","))


# In lower case: what says that nothing is known, and is no answer of its own even among answers.
NOT_KNOWN: Final = _words(
    """
unknown,unk,not known,not available,not applicable,not set,not provided,not specified,not stated,not given,undisclosed
not disclosed,unspecified,undefined,unassigned,no data,no value,no answer,no response,missing,blank,empty,tbd,tba,tbc
dk,dk/na
prefer not to say,prefer not to answer,rather not say,declined to answer,refused,withheld,don't know,dont know
do not know,not sure / don't know,not recorded,not reported,not collected,no information
n/a,n.a.,n.a,na,n / a,nan,null,nil,#n/a,n/k,n.k.,n/d,n.d.,n.d,nd,n/s,n/r,n.r.,nr
(not set),(blank),(null),(empty),(unknown),(missing),(other/unknown),(not provided),(n/a),(na),[null],[blank],[unknown]
i don't know,i dont know,don't want to say,i'd rather not say,i prefer not to say,prefer not to disclose
no opinion / don't know,can't say,cannot say,no response given,not answered,does not apply,doesn't apply,declined
refuse to answer,rather not answer,das weiß ich nicht,möchte ich nicht sagen,möchte ich nicht angeben
möchte keine angabe machen,kann ich nicht sagen,kann ich nicht beurteilen,kann ich nicht beantworten
trifft auf mich nicht zu,möchte nicht antworten,will ich nicht sagen,verweigert,nicht beantwortet
weiß nicht / keine angabe,je ne sais pas,ne sais pas,ne souhaite pas répondre,je ne souhaite pas répondre
je préfère ne pas répondre,préfère ne pas répondre,je préfère ne pas le dire,non concerné,non concernée,refus
refuse de répondre,sans avis,no lo sé,no sé,no sabe/no contesta,no sabe / no contesta,prefiero no contestar
prefiero no responder,prefiero no decirlo,no contesta,no quiero contestar,non lo so,preferisco non rispondere
preferisco non dirlo,non sa,non sa/non risponde,nessuna risposta,non voglio rispondere,rifiuta,não sabe
não sei responder,prefiro não responder,prefiro não dizer,não quero responder,não sabe/não responde
não sei / não responde,recusou,weet ik niet,weet het niet,wil ik niet zeggen,wil niet zeggen,zeg ik liever niet
dat wil ik niet zeggen,liever niet,geen idee,geen mening / weet niet,weet niet / geen mening,odmowa odpowiedzi,odmowa
nie chcę odpowiadać,wolę nie odpowiadać,wolę nie mówić,nie chcę podawać,nie wiem / trudno powiedzieć
nie mam zdania / nie wiem,vill ej uppge,vill inte uppge,vill inte svara,vill inte säga,vill ej svara
vet ej / vill ej svara,ingen åsikt,kan inte svara,ønsker ikke at svare,ønsker ikke å svare,vil ikke svare
vil ikke oplyse,vil ikke oppgi,nechci odpovědět,nechci uvést,nevím / bez odpovědi,raději neodpovím,bilmiyorum
fikrim yok,belirtmek istemiyorum,cevap vermek istemiyorum,söylemek istemiyorum,en tiedä,en halua sanoa
en halua vastata,en halua kertoa,не знаю,отказ от ответа,не хочу отвечать,предпочитаю не отвечать,не применимо
отказываюсь отвечать,答えたくない,回答しない,回答したくない,分からない,不清楚,不想回答
拒绝回答,不便透露,잘 모르겠다,모르겠음,응답하지 않음
<null>,<na>,<blank>,<unknown>,\\n,not set (default),#null!,#div/0!,#value!,#ref!,#name?,#num!,#nv,#wert!,#bezug!
?,??,???,*,**,***,-,--,---,–,—,.,..,...,…,_,__,·,•,/,//,x.x,#,##,###,####,#####,######
k.a.,k. a.,k.a,ka,k/a,keine angabe,keine angaben,ohne angabe,o.a.,o. a.,unbekannt,nicht bekannt,fehlt,fehlend,leer
nicht verfügbar,nicht angegeben,n.v.,n. v.,n.b.,n. b.,keine daten,kein wert,entfällt,weiß nicht,weiss nicht
nicht erfasst,non renseigné,non renseignée,non renseigne,non disponible,non communiqué,non communique,non spécifié
n.c.,nc,n/c,inconnu
inconnue,vide,sans réponse,sans objet,s.o.,ne sait pas,nsp,nspp,ne se prononce pas,pas de réponse,non défini,à définir
s/d,sd,s.d.,sin datos,sin dato,s/i,sin información,sin informacion,desconocido,desconocida,no disponible,no aplica
no responde,no sabe,ns/nc,nsnc,ns / nc,no especificado,no informado,vacío,vacio,por definir,sin especificar,no consta
non disponibile,sconosciuto,sconosciuta,ignoto,non pervenuto,n.p.,non specificato,non indicato,non noto,non so,vuoto
non applicabile,non risponde,dato mancante,mancante,da definire
não disponível,nao disponivel,não informado,nao informado,desconhecido,desconhecida,sem dados,sem informação
sem informacao,n/i,não se aplica,nao se aplica,não sei,não respondeu,vazio,ignorado,não especificado,a definir
onbekend,n.v.t.,nvt,niet van toepassing,niet beschikbaar,niet bekend,niet opgegeven,geen antwoord,geen opgave,leeg
weet niet,geen gegevens,n.n.b.,nog niet bekend
brak danych,b.d.,b/d,bd,nieznany,nieznana,nieznane,nie dotyczy,nie podano,nie wiem,puste,brak informacji,nie określono
okänd,okänt,saknas,uppgift saknas,ej angivet,ej tillgänglig,vet ej,vet inte,ingen uppgift,ej svar,ej tillämpligt
ukendt,ukjent,mangler,ikke oplyst,ikke oppgitt,ikke tilgængelig,ikke tilgjengelig,ikke angivet,ved ikke,vet ikke
neznámý,neznámé,neznámá,nezadáno,chybí,není k dispozici,neuvedeno,nevím
bilinmiyor,belirtilmemiş,belirtilmedi,boş,veri yok,yanıt yok,bilgi yok
ei tietoa,tuntematon,puuttuu,ei saatavilla,en osaa sanoa
н/д,нет данных,неизвестно,не указано,не задано,пусто,не известно,н.д.,нет ответа
不明,未回答,未設定,該当なし,データなし,未入力,無回答,わからない,未知,不详,暂无,缺失,未填写,不适用,未填,无数据,不確定,不知道
미상,알수없음,알 수 없음,해당없음,해당 없음,무응답,모름,अज्ञात,उपलब्ध नहीं,غير معروف,غير متوفر,لا يوجد
tidak diketahui,tidak ada data,không rõ,không có dữ liệu,ไม่ทราบ
"""
)
# These are answers, too: none of the offers, no children. Among numbers and dates they say that there is nothing.
_NOTHING: Final = _words(
    """
none,nothing,no,nat,nana,ninguno,ninguna,nessuno,nessuna,nenhum,nenhuma,geen,brak,žádný,žádné,yok,нет,なし,無し,无,無,없음
keine,keiner,kein,aucun,aucune,néant,ingen,inga,ei,ei mitään,never,not applicable yet,pending,open,offen
"""
)
_BRACKETS: Final = "()[]{}<>"
# Days that databases and forms write where there is none.
_NO_DAYS: Final = frozenset(
    day + time
    for mark in "-./"
    for day in (f"0000{mark}00{mark}00", f"00{mark}00{mark}0000", f"00{mark}00{mark}00", f"0{mark}0{mark}0000")
    for time in ("", " 00:00", " 00:00:00", "t00:00:00", "t00:00:00z")
)
_AMONG_NUMBERS: Final = NOT_KNOWN | _NOTHING | _NO_DAYS | frozenset(word.lower() for word in MISSING_AMONG_NUMBERS)
_LONGEST: Final = max(map(len, _AMONG_NUMBERS))


def is_missing_word(cell: str) -> bool:
    """Whether a cell says that nothing is there, where a number or a date is expected."""
    return len(cell) <= 2 * _LONGEST and _is_one_of(cell, _AMONG_NUMBERS)


# Whoever would rather not say, in the wordings of questionnaires.
_UNWILLING: Final = re.compile(
    r"^(?:(?:i(?:'d| would)? |would )?(?:(?:prefer|choose|wish|want|like)(?:red)? not to"
    r"|(?:do not|don't) (?:wish|want) to|rather not|(?:decline|refuse)d? to) "
    r"(?:say|answer|tell|disclose|share|state|specify|respond|reveal)"
    r"|(?:ich |dazu )?(?:möchte|will|kann|mag) (?:ich |dazu |das |dies |hierzu ){0,2}(?:lieber )?nicht? "
    r"(?:sagen|angeben|antworten|beantworten|beurteilen|mitteilen)"
    r"|weiß (?:ich|es) nicht|(?:je )?ne (?:souhaite|veux|désire|peux) pas (?:le |y |me )?"
    r"(?:répondre|dire|prononcer|préciser)"
    r"|prefiero no [a-z]{3,12}|no (?:quiero|deseo) (?:contestar|responder|decirlo)|preferisco non [a-z]{3,12}"
    r"|non (?:voglio|desidero) (?:rispondere|dirlo)|prefiro não [a-zç]{3,12}"
    r"|não (?:quero|desejo) (?:responder|dizer|informar)"
    r"|wolę nie [a-zćęłńóśźż]{3,14}|nie chcę (?:odpowiadać|podawać|mówić)|vill (?:inte|ej) (?:svara|säga|uppge)"
    r"|(?:ønsker|vil) ikke (?:at |å )?(?:svare|oplyse|oppgi|sige|si)"
    r"|(?:не хочу|предпочитаю не) (?:отвечать|говорить|указывать)"
    r"|不愿回答|응답 ?거부)$"
)


def is_unknown_word(cell: str) -> bool:
    """Whether a cell says that nothing is known, even among answers: `Unknown`, `k.A.`, `(not set)`."""
    if len(cell) > 2 * _LONGEST:
        return False
    return _is_one_of(cell, NOT_KNOWN) or _UNWILLING.match(cell.strip().lower().replace("’", "'")) is not None


def _is_one_of(cell: str, words: frozenset[str]) -> bool:
    """Whether a cell is one of some words, or one of them in brackets, as programs write what is not there."""
    word = cell.strip().lower()
    return word in words or (word[:1] in _BRACKETS and word.strip(_BRACKETS) in words)


def missing_words(texts: pa.LargeStringArray) -> pa.BooleanArray:
    """Tell which texts say that nothing is there, where numbers or dates are expected."""
    short = pc.less_equal(pc.binary_length(texts), 4 * _LONGEST)
    lowered = pc.utf8_lower(pc.utf8_trim_whitespace(pc.if_else(short, texts, pa.scalar("x", texts.type))))
    words = pa.array(sorted(_AMONG_NUMBERS), texts.type)
    found = pc.is_in(lowered, value_set=words)
    # Brackets are around few cells, if any.
    begun = pc.match_substring_regex(lowered, r"^[(\[{<]")
    if not pc.any(begun).as_py():
        return found
    return pc.or_(found, pc.and_(begun, pc.is_in(pc.utf8_trim(lowered, _BRACKETS), value_set=words)))


# Cells looked at before a column is read as numbers or dates in full.
SAMPLE_CELLS: Final = 1_000
_RUN: Final = 25
# Under this share of different cells in the sample, a column is rather one of few values.
_FEW_SHARE: Final = 0.5
# Numbers are gone through in pieces that fit a processor's cache.
_PIECE: Final = 1 << 16
_SCALES: Final = (1.0, 10.0, 100.0, 1e4, 1e6)
_MARKS_PER_ROW: Final = 16

_CLEAR: Final = frozenset(CLEAR_MISSING)
TEXT: Final = pd.StringDtype("pyarrow", na_value=np.nan)


def to_series(cells: pa.ChunkedArray) -> pd.Series:
    """Wrap Arrow strings as a pandas text column without copying them."""
    strings = pd.arrays.ArrowStringArray(cells, dtype=TEXT)  # type: ignore[call-arg]
    return pd.Series(strings, copy=False)


def text_array(texts: pd.Series) -> pa.LargeStringArray:
    """Return texts in one piece, as Arrow calculates with them; what is missing is null."""
    found = pa.array(texts, pa.large_string(), from_pandas=True)
    # Tables that were put together hold their columns in pieces.
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def text_scalar(text: str) -> pa.Scalar:
    """Return a text that Arrow joins with those of `text_array`."""
    # More than 2 GB of texts need 64-bit offsets, and Arrow joins only texts of one type.
    return pa.scalar(text, pa.large_string())


def to_arrow(column: pd.Series) -> pa.ChunkedArray:
    """Return the Arrow strings of a pandas text column; other columns of text are converted."""
    if column.dtype != TEXT:
        column = column.astype(TEXT)
    cells = pa.chunked_array(column.array.__arrow_array__())
    return cells if pa.types.is_large_string(cells.type) else cells.cast(pa.large_string())


def leading_texts(cells: pa.ChunkedArray | pa.Array) -> list[str | None]:
    """Return trimmed cells, each cut to 200 letters; one that was cut ends in "…" and is no number, date or code."""
    # One letter more tells what is longer; the cut comes before the texts become Python's, at a copy each.
    short = pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(cells), 0, LONGEST_JUDGED + 1).to_pylist()
    return [cell if cell is None or len(cell) <= LONGEST_JUDGED else f"{cell[:LONGEST_JUDGED]}…" for cell in short]


_Value = TypeVar("_Value")


class _once(Generic[_Value]):  # noqa: N801 - read as the decorator that it is
    """A property that is computed when it is first asked for.

    Python 3.11's `cached_property` holds one lock for all objects while it computes: columns read side by side
    would wait for each other, and for ever where two properties need each other.
    """

    def __init__(self, compute: "Callable[[TextCells], _Value]") -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __get__(self, cells: "TextCells", owner: type | None = None) -> _Value:
        value = self._compute(cells)
        # Found there before this is asked again.
        cells.__dict__[self._compute.__name__] = value
        return value


@dataclass(frozen=True, eq=False)
class TextCells:
    """The cells of one column as text, with what is needed to judge them.

    Attributes
    ----------
    cells
        One string a row; null where the source held nothing at all.
    """

    cells: pa.ChunkedArray

    def at(self, row: int) -> str:
        """Return the cell of one row (from 0)."""
        return str(self.cells[row])

    @_once
    def filled(self) -> pa.ChunkedArray:
        """The cells with clearly missing ones as null; the same object where none is."""
        if self._repeat:
            return self._without() if self.encoded.null_count > self.cells.null_count else self.cells
        trimmed_short = pc.less_equal(pc.binary_length(self.cells), 4)
        return self._without() if pc.any(trimmed_short).as_py() else self.cells

    @_once
    def encoded(self) -> pa.DictionaryArray:
        """The cells as positions in the list of their different values."""
        if not self._repeat:
            return _encode(self.filled)
        # Few different values: missing ones are looked for among these rather than among all cells.
        encoded = _encode(self.cells)
        absent = _is_missing(encoded.dictionary)
        if not pc.any(absent).as_py():
            return encoded
        held = pc.invert(absent)
        places = pc.if_else(held, pc.subtract(pc.cumulative_sum(pc.cast(held, pa.int32())), 1), None)
        return pa.DictionaryArray.from_arrays(
            pc.cast(pc.take(places, encoded.indices), pa.int32()), encoded.dictionary.filter(held)
        )

    @property
    def values(self) -> pa.LargeStringArray:
        """The different values, in order of appearance, without missing ones."""
        return self.encoded.dictionary

    @_once
    def counts(self) -> np.ndarray:
        """(n_values,) how many rows hold each value."""
        positions = self.encoded.indices
        held = (positions.drop_null() if positions.null_count else positions).to_numpy(zero_copy_only=False)
        return np.bincount(held, minlength=len(self.values))

    @_once
    def sample(self) -> list[str]:
        """Up to 1,000 trimmed cells from all over the rows, missing ones left out and long ones cut."""
        n_rows = len(self.cells)
        if n_rows <= SAMPLE_CELLS:
            taken = leading_texts(self.cells)
        else:
            # Runs of neighbours: taking single rows would join the chunks first, at a copy of the column.
            starts = np.linspace(0, n_rows - _RUN, SAMPLE_CELLS // _RUN).astype(np.int64)
            taken = [cell for at in starts for cell in leading_texts(self.cells.slice(int(at), _RUN))]
        return [text for cell in taken if cell is not None and (text := cell.strip()) not in _CLEAR]

    @_once
    def known(self) -> list[str]:
        """The sample without words that say that nothing is there, where numbers or dates are expected."""
        absent = {cell for cell in set(self.sample) if is_missing_word(cell)}
        return [cell for cell in self.sample if cell not in absent] if absent else self.sample

    @_once
    def _repeat(self) -> bool:
        """Whether the same few values seem to come back."""
        return len(set(self.sample)) <= _FEW_SHARE * len(self.sample)

    def _without(self) -> pa.ChunkedArray:
        absent = _is_missing(self.cells)
        if not pc.any(absent).as_py():
            return self.cells
        return pc.if_else(absent, pa.scalar(None, pa.large_string()), self.cells)


def _encode(cells: pa.ChunkedArray) -> pa.DictionaryArray:
    # Encoded before the chunks are joined, so that positions are copied and not the texts.
    encoded = pc.dictionary_encode(cells)
    return encoded.combine_chunks() if encoded.num_chunks != 1 else encoded.chunk(0)


def _is_missing(cells: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Tell which cells are blank or one of the words that clearly mean that nothing is there."""
    words = pa.array(CLEAR_MISSING, pa.large_string())
    return pc.or_(pc.is_in(cells, value_set=words), pc.fill_null(pc.utf8_is_space(cells), False))


@dataclass(frozen=True)
class Range:
    """How many numbers a column holds, how many different ones, and between which limits."""

    missing: int = 0
    distinct: int = 0
    low: float = math.nan
    high: float = math.nan

    @property
    def largest(self) -> float:
        """The largest distance from zero; 0 when there is no number."""
        return max(abs(self.low), abs(self.high)) if self.distinct else 0.0


def range_of(numbers: np.ndarray) -> Range:
    """Return count, number of different values and limits of an array; NaN is missing."""
    pieces = [numbers[at : at + _PIECE] for at in range(0, len(numbers), _PIECE)]
    n_missing = sum(int(np.count_nonzero(np.isnan(piece))) for piece in pieces)
    if n_missing == len(numbers):
        return Range(n_missing)
    low = float(min(np.fmin.reduce(piece) for piece in pieces))
    high = float(max(np.fmax.reduce(piece) for piece in pieces))
    distinct = _distinct_by_marks(pieces, low, high, len(numbers))
    return Range(n_missing, distinct or _distinct_by_order(numbers), low, high)


def _distinct_by_marks(pieces: list[np.ndarray], low: float, high: float, n_rows: int) -> int | None:
    """Count different values by ticking them off in a list of all possible ones; None when that is too long.

    Most columns hold whole numbers or decimals of a few places, so that there are few possible values;
    ticking them off is ten times as quick as sorting or hashing.
    """
    scale = next((scale for scale in _SCALES if _fits_scale(pieces[0][:_RUN], scale)), None)
    if scale is None or high / 2 - low / 2 > max(_MARKS_PER_ROW * n_rows, _PIECE) / scale / 2:
        return None
    first = np.rint(low * scale)
    marks = np.zeros(int(np.rint(high * scale) - first) + 1, np.bool_)
    for piece in pieces:
        held = piece[~np.isnan(piece)]
        if not _fits_scale(held, scale):
            return None
        marks[(np.rint(held * scale) - first).astype(np.int64)] = True
    return int(np.count_nonzero(marks))


def _fits_scale(numbers: np.ndarray, scale: float) -> bool:
    """Whether all numbers are whole multiples of 1 / scale, to the last bit."""
    held = numbers[~np.isnan(numbers)]
    with np.errstate(over="ignore"):
        return bool((np.rint(held * scale) / scale == held).all())


def _distinct_by_order(numbers: np.ndarray) -> int:
    ordered = np.sort(numbers)
    # NaN comes last in order, and equals nothing.
    held = ordered[: np.searchsorted(ordered, np.inf, side="right")]
    return 1 + int(np.count_nonzero(held[1:] != held[:-1]))
