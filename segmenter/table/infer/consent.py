"""Columns that say who may be contacted: their names, and what their cells mean, in twenty languages."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from segmenter.table.infer.header import words_of


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Danish, Norwegian, Czech, Turkish,
# Finnish, Hungarian, Romanian, Croatian, Greek, Russian and Ukrainian; without capitals, accents, blanks and marks.
# In this file, as a reading process opens no other.
# Parts of names of columns that say who has left; they go before those of agreeing: newsletter_unsubscribed.
_LEAVING: Final = _words("""
unsubscrib optout optedout donotemail donotmail donotcontact donotcall donotsms dnc noemail nonewsletter nomarketing
nomailing nocontact withdrawn revoked objected objection blacklist blocklist suppressed globalsuppression
emailblocked abgemeldet abmeldung abbestellt widerruf widersproch keinewerbung keinnewsletter werbesperre
sperrvermerk kontaktsperre desabonn desinscri refuspub oppositionpub baja cancelosuscripcion nocontactar desuscri
disiscri revocat nocontatt descadastr cancelouinscricao afgemeld uitgeschreven geenmailing wypisan wyrejestr
rezygnacj sprzeciw avregistrer avanmal ingenreklam nixa afmeldt avmeldt reservert odhlas nesouhlas abonelikiptal
aboneliktencik reddetti peruutettu suoramarkkinointikielto robinson widerspruch leiratkoz dezabon
odjavljen отписа відписа διαγραφη unsubtime unsubdate unsubbed
abmeldedatum gesperrt spamcomplaint emailcomplain
""")
# Parts of names of columns that say who has agreed.
_AGREEING: Final = _words("""
consent optin optedin doubleoptin newsletter mailingok permission subscribed subscription subscriber
acceptsmarketing acceptmarketing marketingallowed marketingok emailmarketing smsmarketing emailallowed mayemail
maycontact contactallowed gdpr agreedtomarketing agreestomarketing marketingagree einwilligung eingewilligt
zustimmung zugestimmt dsgvo werbeerlaubnis werbungerlaubt werbeeinwilligung mailerlaubnis darfmail consentement
accordpub rgpd abonnenews jaccepte accepteemail consentimiento aceptamarketing aceptapub suscrito suscripcion
autoriza permiso consenso accettamarketing iscritto autorizz consentimento aceitamarketing lgpd inscritonewsletter
toestemming akkoord nieuwsbrief zgoda zgody rodo biuletyn samtyck nyhetsbrev samtykk nyhedsbrev souhlas
zasilaninovinek izin iletiizni onayli acikriza kvkk bulten suostumus markkinointilupa uutiskirje abonniert hozzajarul
hirlevel feliratkoz consimtamant acordmarketing abonat privola suglasnost pretplacen soglasie согласие рассылка
подписан згода розсилка συγκαταθεση ενημερωτικο infolettre lettredinformation recibepublicidad contactable mailok
canemail cancontact oktoemail oktocontact oktomail allowmarketing allowsmarketing allowemail allowsemail agreemarketing
erlaubnis erlaubt einverstand werbungok autorisation autorizacion permissao permisodecontacto godkann onay izni doi
smsok acceptelesemail acceptelesmail marketingstatus
""")
# Words, whole, of names that hold such a part and count or measure something.
_NOT_CONSENT: Final = _words("""
opens opened clicks clicked sent count number rate revenue price fee cost id type plan tier length months days
amount value score source channel text version ip language url link name
""")
_LONG_PART: Final = 5
_CHANNELS: Final = frozenset(_words("email mail sms tel phone telefon data marketing iletisim eposta"))
# Cells.
_YES: Final = _words("""
yes y true t 1 x ok on v active agreed agree agrees accepted accept granted given allowed confirmed consent
consented optin optedin doubleoptin doi subscribed subscriber subscribe permitted approved checked ja j wahr
eingewilligt zugestimmt erteilt angemeldet bestatigt aktiv oui o vrai accepte accorde inscrit abonne si s verdadero
aceptado suscrito activo vero accettato iscritto concesso sim verdadeiro aceito inscrito ativo waar toegestaan
akkoord ingeschreven actief
tak prawda zgoda zgodzil aktywny sant samtyckt samtycker samtycke sand samtykke tilmeldt pameldt
ano pravda souhlasi souhlas prihlasen evet e dogru onayli izinli abone kylla k tosi suostunut tilaaja да истина 是 はい
abonniert akzeptiert toestemming igen hozzajarult feliratkozott da acord abonat pretplacen ναι συμφωνω так подписан
نعم ✓ ✔ ☑ ✅
allow zulassen
yesplease explicit explicitconsent fullconsent singleoptin enabled willing einverstanden erlaubt gegeben liegtvor
vorhanden zustimmend stimmtzu freigegeben zugelassen genehmigt daccord acceptee autorise autorisee consenti consentie
donne donnee inscrite abonnee accordee deacuerdo acepta aceptada autorizado autorizada suscrita otorgado otorgada
concedido concedida aceite aceita aceitou inscrita accetta accettata autorizzato autorizzata acconsento acconsente
iscritta concessa daccordo toestemminggegeven gegeven geaccepteerd goedgekeurd toegestemd aangemeld wyrazona wyrazono
zgodawyrazona wyrazilzgode zaakceptowano zapisany zapisana zgadzamsie godkand godkant accepterad accepterat jatack
prenumererar accepteret godkendt jatak givet tilladt akseptert godkjent gitt udelen udeleno souhlasudelen souhlasim
prijato prihlasena onaylandi kabul kabuledildi var izinvar verildi izinverildi hyvaksytty sallittu annettu elfogadva
elfogadta megadva acceptat acordat prihvaceno wyrazonozgode zgodewyrazono
""")
# Cells.
_NO: Final = _words("""
no n false f 0 off inactive denied deny refused declined rejected revoked withdrawn unsubscribed unsubscribe optout
optedout neversubscribed notsubscribed nonsubscribed nonsubscriber pending unconfirmed cleaned bounced blocked
suppressed unknown notgiven notgranted nein falsch abgemeldet widerrufen abgelehnt verweigert ausstehend unbekannt
keine non faux refuse desabonne desinscrit falso rechazado baja inactivo rifiutato disiscritto revocato nao recusado
descadastrado nee onwaar geweigerd uitgeschreven afgemeld nie falsz odmowa wypisany nej falskt avregistrerad falsk
afmeldt nei avmeldt ne nepravda nesouhlasi odhlasen hayir yanlis reddetti ei epatosi kieltanyt нет ложь 否 いいえ لا ✗ ✘
nem leiratkozott nu dezabonat odjavljen οχι ні отписан
☐ ❌
donotallow
none disabled never verboten untersagt gesperrt widersprochen entzogen zuruckgezogen kein refusee retire retiree
desinscrite desabonnee aucun aucune rechaza rechazada denegado denegada retirado retirada ninguno ninguna negato negata
rifiuta rifiutata revocata ritirato nessuno nessuna recusa recusada negado negada nenhum nenhuma geen ingetrokken brak
brakzgody cofnieta cofniety odwolana odwolano odmowiono avbojd avbojt nekad nekat aterkallad aterkallat ingen nejtack
afvist nejtak trukkettilbage tilbagekaldt avslatt trukket odvolan odvolano neudelen neudeleno zamitnuto yok izinyok
onaysiz iptal verilmedi kielletty evatty peruttu elutasitva elutasitotta visszavonva refuzat retras hardbounce
softbounce bounce complained complaint spam nan nat null na inconnu desconocido desconhecido sconosciuto onbekend
nieznane okand ukendt ukjent neznamo bilinmiyor tuntematon donotcontact donotemail dnc dadodebaja cancelado cancelada
wycofanozgode zgodewycofano reddedildi
""")
_CELLS: Final = {**dict.fromkeys(_NO, False), **dict.fromkeys(_YES, True)}
# Of these, the ones that say no to the name of their column, whichever it is: unsubscribed, no.
_PLAIN_NO: Final = frozenset(
    _words("""
no n false f 0 off never none nein falsch keine kein nie non faux aucun aucune falso nessuno nao nunca nenhum nenhuma
ninguno ninguna nee onwaar geen falsz nej falskt ingen falsk nei ne nepravda hayir yanlis ei epatosi нет ложь 否 いいえ
لا ✗ ✘ nem nu οχι ні ☐ ❌
""")
)
# Beginnings of those that say of themselves that somebody has agreed: unsubscribed, subscribed.
_STILL_THERE: Final = tuple(
    _words("""
subscri optin optedin doubleoptin singleoptin doi consent eingewilligt einverstanden angemeldet abonn inscri suscri
iscri ingeschreven aangemeld zapisan samtyck prenumer samtykke tilmeldt pameldt prihlas abone tilaaja feliratkoz abonat
pretplacen подписан
""")
)
# Whoever writes them does not know: no answer, and no sign that the column is about something else.
_DOUBTS: Final = frozenset(
    _words("""
? ?? ??? - -- – — . … / maybe perhaps ask tbd tba tbc open unclear unsure notsure vielleicht fraglich offen unklar
fragen peutetre incertain quizas talvez tal forse chissa misschien moze moznabyc kanske maaske kanskje mozna belki ehka
talan poate mozda ίσως ισως может можливо
""")
)
# Words that turn those after them into a no.
_NEGATIONS: Final = frozenset(
    _words("""
no not non never without nicht nein kein keine nie pas jamais nunca nao nem nee niet geen ikke inte ei ne nu hayir
не нет ні οχι
""")
)
_LONGEST: Final = 60
# What stands between a word and its day.
_BEFORE_DAYS: Final = frozenset(
    _words("- – : am on at since seit vom le depuis el desde il dal em op sinds od den fra")
)
_ZERO_STAMP: Final = (
    r"^(?:0000[-/.]00[-/.]00|00[-/.]00[-/.]0000|1970[-/.]01[-/.]01|1900[-/.]01[-/.]0[01]|0001[-/.]01[-/.]01"
    r"|0?[01][-/.]0?1[-/.](?:1970|1900|0001))(?:[T ].*)?$"
)
_STAMP: Final = (
    r"^(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?"
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\s?\d{1,2}[-/.]\s?(?:\d{4}|\d{2})|\d{4}年\d{1,2}月\d{1,2}日"
    r"|\d{1,2}\.?[ -][^\W\d_]{3,12}\.?[ -](?:de )?(?:19|20)?\d{2}|[^\W\d_]{3,12}\.? \d{1,2},? (?:19|20)\d{2}"
    r"|(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?:\d{4,6})?)(?:[T ,].*)?$"
)
# Days as spreadsheets count them, from 1995 on, and seconds or milliseconds as computers do, from 2000 on.
_DAYS, _SECONDS = (34_700, 80_000), (946_684_800, 4_102_444_800)


def folded_name(header: str) -> str:
    """Return a name without capitals, accents, blanks and marks."""
    letters = unicodedata.normalize("NFKD", header.casefold().replace("ß", "ss").replace("ı", "i").replace("ł", "l"))
    return "".join(letter for letter in letters if letter.isalnum() and not unicodedata.combining(letter))


def is_consent_name(name: str) -> bool:
    """Whether a column is called like one that says who may be contacted."""
    if not _holds(name, _LEAVING + _AGREEING):
        return False
    return not set(words_of(name)) & set(_NOT_CONSENT)


def is_inverted(name: str) -> bool:
    """Whether a column says who may not be contacted any more: `unsubscribed_at`, `opt_out`."""
    return _holds(name, _LEAVING)


def _holds(name: str, parts: tuple[str, ...]) -> bool:
    """Whether one of the parts stands in a name; short ones begin a word of it: no "izin" in "bizi nereden"."""
    plain = folded_name(name)
    found = [part for part in parts if part in plain]
    if not found or max(map(len, found)) >= _LONG_PART:
        return bool(found)
    words = [folded_name(word) for word in words_of(name)]
    return any(word.startswith(part) or word.removesuffix(part) in _CHANNELS for word in words for part in found)


def says_consent(different: Iterable[object]) -> bool:
    """Whether nearly all of some different cells say yes, no, or when."""
    cells = [str(cell) for cell in different]
    odd = [cell for cell in cells if meaning(cell) is None and _plain_word(cell.strip()) not in _DOUBTS]
    # Doubts alone say nothing of what the column is about.
    return len(odd) <= 0.1 * len(cells) and any(meaning(cell) is not None for cell in cells)


def permits(cell: str, *, inverted: bool) -> bool | None:
    """Return whether a cell says that its customer may be contacted; None where it says neither.

    In a column of those who have left, "no" says that somebody has not, and so does "subscribed"; but "unsubscribed",
    "bounced" and "unknown" mean there what they mean everywhere.

    Parameters
    ----------
    inverted
        Whether the column says who may not be contacted any more.
    """
    said = meaning(cell)
    if not inverted or said is None:
        return said
    text = cell.strip()
    if re.match(_ZERO_STAMP, text):
        return True
    plain, words = _plain_word(text), text.split()
    if said:
        return plain.startswith(_STILL_THERE)
    if plain in _PLAIN_NO or _number(text) == 0:
        return True
    # Not unsubscribed; but neither "not subscribed" nor "no longer".
    denied = len(words) > 1 and _plain_word(words[0]) in _NEGATIONS
    return denied and _CELLS.get(_plain_word(" ".join(words[1:]))) is False


def meaning(cell: str) -> bool | None:
    """Return whether a cell says yes, a day or time being yes; None where it says neither."""
    text = cell.strip()
    if not text or re.match(_ZERO_STAMP, text):
        return False
    plain = _plain_word(text)
    if plain in _CELLS:
        return _CELLS[plain]
    number = _number(text)
    if number is not None:
        stamp = _DAYS[0] <= number <= _DAYS[1] or any(
            low <= number / unit <= high for unit in (1, 1000) for low, high in (_SECONDS,)
        )
        return True if stamp else {1.0: True, 0.0: False}.get(number, True if re.match(_STAMP, text) else None)
    return True if re.match(_STAMP, text) else _sentence(text)


def _sentence(text: str) -> bool | None:
    """Return what a few words say: a no comes first (not opted in), a day at the end (opted out on 2024-05-01)."""
    words = re.sub(r"[,;()|]", " ", text[:_LONGEST]).split()
    if len(words) < 2 or len(text) > _LONGEST:
        return None
    if _plain_word(words[0]) in _NEGATIONS:
        return False
    # As the whole phrase, else as a phrase and its day.
    for n_words in range(len(words) - 1, 0, -1):
        said, rest = _CELLS.get(_plain_word(" ".join(words[:n_words]))), words[n_words:]
        day = " ".join(word for word in rest if word.casefold() not in _BEFORE_DAYS)
        if said is not None and re.match(_STAMP, day):
            return said
    each = {_CELLS.get(_plain_word(word)) for word in words}
    return each.pop() if len(each) == 1 else None


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?\d{1,15}(?:\.\d{1,10})?", text) else None


def _plain_word(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l").replace("ı", "i"))
    return "".join(letter for letter in letters if letter.isalnum()) or text
