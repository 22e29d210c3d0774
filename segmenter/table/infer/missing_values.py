"""Words that mean a missing value, in the languages of the largest markets and of the tools that write tables."""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

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
_AMONG_NUMBERS: Final = NOT_KNOWN | _NOTHING | frozenset(word.lower() for word in MISSING_AMONG_NUMBERS)
_LONGEST: Final = max(map(len, _AMONG_NUMBERS))


def is_missing_word(cell: str) -> bool:
    """Whether a cell says that nothing is there, where a number or a date is expected."""
    return len(cell) <= 2 * _LONGEST and cell.strip().lower() in _AMONG_NUMBERS


def is_unknown_word(cell: str) -> bool:
    """Whether a cell says that nothing is known, even among answers: `Unknown`, `k.A.`, `(not set)`."""
    return len(cell) <= 2 * _LONGEST and cell.strip().lower() in NOT_KNOWN


def missing_words(texts: pa.LargeStringArray) -> pa.BooleanArray:
    """Tell which texts say that nothing is there, where numbers or dates are expected."""
    short = pc.less_equal(pc.binary_length(texts), 4 * _LONGEST)
    lowered = pc.utf8_lower(pc.utf8_trim_whitespace(pc.if_else(short, texts, pa.scalar("x", texts.type))))
    return pc.is_in(lowered, value_set=pa.array(sorted(_AMONG_NUMBERS), texts.type))
