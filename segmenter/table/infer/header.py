"""What a column's name says: identifier, code, person, date; in ten languages and more."""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import Final

from segmenter.config import LONGEST_JUDGED

# Capitals end a word (CustomerID), Latin letters one in other signs (レコードID), as everything does that is neither a
# letter nor a figure.
_SPLIT: Final = re.compile(
    r"[\W_]+|(?<=[a-zà-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[\u3040-\u9fff\uac00-\ud7a3])(?=[A-Za-z])"
)


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text, for long lists of them."""
    return frozenset(text.split())


# All words below are without capitals and accents; in English, German, French, Spanish, Italian, Portuguese, Dutch,
# Polish, the Scandinavian languages, Czech, Turkish and Finnish, and some in other scripts.
_ID_WORDS: Final = word_set(
    "id ids uid uuid guid identifier bbid kundennummer kundennr kdnr ident identifiant identificador lfdn lfdnr caseid"
)
WHO_WORDS: Final = word_set(
    """
customer customers cust client clients member user account acct household loyalty contact person subscriber buyer
shopper guest patient consumer donor supporter patron policyholder cardholder debtor
clnt csr kd knd kunde kunden kundin kundinnen mitglied nutzer benutzer
teilnehmer kaufer abonnent besteller auftraggeber debitor cliente clientes clienti membre adherent utilisateur
acheteur abonne
socio miembro usuario comprador acquirente utente iscritto membro klant klanten lid gebruiker koper klient klienta
klienci klientow uzytkownik czlonek kund medlem anvandare bruger bruker zakaznik zakaznika clen uzivatel musteri uye
kullanici asiakas asiakkaan jasen kupujacy kupujacego kupujaca nabywca nabywcy ostaja alici
клиент клиента покупатель покупателя пользователь пользователя контрагент контрагента заказчик заказчика участник
顧客 客户 會員 会員 会员 客戶 買家 买家 購入者 注文者 고객 회원 구매자 주문자
"""
)
_COMPANIES: Final = frozenset(
    tuple(each.split())
    for each in (
        "company", "firma", "firmenname", "unternehmen", "ragione sociale", "raison sociale", "razon social",
        "razao social", "nombre fiscal", "empresa", "entreprise", "azienda", "societe", "bedrijf", "bedrijfsnaam",
        "nazwa firmy", "foretag", "foretagsnamn", "firmanavn", "virksomhed", "bill to", "sold to", "bill to name",
        "sold to name", "организация", "компания", "公司", "公司名称", "会社名", "회사명",
    )
)  # fmt: skip
# These name who it is only beside a number of theirs; alone they are often answered with yes or no.
_NUMBERED_WHO: Final = word_set(
    "respondent visitor traveller traveler passenger player student pupil resident tenant participant spender borrower"
)
# Words that merely end in these letters.
_NO_IDS: Final = (
    "paid", "valid", "grid", "void", "ybrid", "rapid", "iquid", "fluid", "covid", "droid", "solid", "acid", "eroid",
    "adrid", "andid", "vivid", "david", "ovid", "quid", "placid", "humid", "arid",
)  # fmt: skip
_NO_ID_WORDS: Final = word_set("aid said bid mid lid rid did hid kid laid raid maid oid amid")
_SEVERAL: Final = word_set("customers clients clientes clienti klienci of members users buyers")
_NUMBERED: Final = word_set(
    """
コート 코드 代码 代碼 kodu kody
no nr num number numbers ref reference key code nummer numer numero n codigo codice clave kod cod cislo nro numara
numarasi номер код 番号 编号 編號 号 號 번호 sk fk pk
"""
)
_DOCUMENTS: Final = word_set(
    """
invoice order receipt transaction ticket till store shop branch policy contract product item stock article part serial
voucher promo register terminal flight batch model line supplier vendor manager employee rep agent warehouse location
site region district territory county department dealer merchant campaign category device session event row record
document case claim lead opportunity shipment cart basket segment cluster plan tariff school station facility city
country state
filial filiaal vertreter kundenbetreuer kostenstelle sucursal vendedor vendedora agente agenzia agence agencia agentur
oddzial oddzialu sklepu sprzedawca sprzedawcy butik butiken butiks pobocka pobocky prodejna prodejny magaza magazasi
myymala verkoper venditore posta filiaali
магазин магазина филиал филиала продавец продавца агент агента 店舗 店铺 門店 门店 支店 매장 지점
auftrag bestell bestellung beleg rechnung rechnungs filiale artikel produkt vertrag lieferant mitarbeiter
commande facture magasin produit article contrat vendeur pedido factura tienda producto contrato ordine fattura
negozio
prodotto contratto encomenda fatura loja produto bestelling factuur winkel artikel zamowienie faktura sklep produkt
заказ заказа документ документа накладная чек чека договор договора товар товара 注文 受注 伝票 商品 製品 订单 訂單 产品
產品 주문 상품 제품
"""
)
_CODE_WORDS: Final = word_set(
    """
code zip zipcode postcode postal pincode plz postleitzahl codepostal sku ean isbn upc gtin iban fips naics sic
postnr pocztowy почтовыи 郵便番号 邮编 邮政编码 邮政編碼 우편번호 barcode asin seed leid vin imei
hsn iata icao wkn isin postnummer
"""
)
# Alone, they are prefixes or suffixes of keys of other tables: fkRegion, region_fk, acct_mgr.
_KEY_WORDS: Final = word_set("fk pk sk fkey pkey foreignkey skey rowid rownum guid uuid oid")
_HANDLERS: Final = word_set(
    "mgr manager rep representative agent owner advisor adviser handler betreuer vertreter berater sachbearbeiter"
)
_CODE_NAMES: Final = frozenset(
    {"pin", "store", "shop", "branch", "till", "stockcode", "cap", "cp", "cep", "psc", "leid"}
)
_GROUP_WORDS: Final = word_set("segment cluster segmentation")

# One of these says it alone.
_SURE_PERSON_WORDS: Final = word_set(
    """
firstname lastname surname forename fullname middlename maidenname familyname givenname nickname fname lname mname
username vorname nachname familienname zuname rufname geburtsname ansprechpartner ansprechpartnerin kontaktperson
karteninhaber kontoinhaber prenom prenoms nomfamille apellido apellidos cognome sobrenome apelido voornaam achternaam
familienaam tussenvoegsel contactpersoon imie nazwisko imienazwisko fornamn efternamn fornavn etternavn efternavn
kontaktperson jmeno prijmeni krestni soyad soyadi soyisim etunimi sukunimi cardholder contactperson salesrep
imieinazwisko nazwiskoimie nomdefamille nometprenom prenometnom adsoyad adisoyadi isimsoyisim nomecognome cognomenome
nomeesobrenome nombreyapellido nombreyapellidos primeironome ultimonome primernombre volledigenaam voorenachternaam
vorundnachname nameundvorname fullstandigtnamn forochefternamn fornamnochefternamn fuldtnavn fulltnavn jmenoaprijmeni
celejmeno etujasukunimi kokonimi adivesoyadi
recipient addressee accountholder kontoinhaber kontoinhaberin inhaber inhaberin empfanger titulaire titular
intestatario
beneficiario beneficiaire destinataire destinatario ontvanger odbiorca prijemce mottagare modtager mottaker alici
vastaanottaja
имя фамилия отчество фио получатель 联系人 收件人 收货人 聯絡人 수취인 받는사람 성함
お名前 フリカナ ふりかな 宛名 氏名 姓名 名前 姓 名 氏 이름 성명 会员名 顧客名 お客様名 客户名 客户名称 買家名
买家名 고객명 회원명 구매자명
"""
)
_NAME_WORDS: Final = word_set(
    "name names nm nom nombre nombres nome naam namn navn nimi ad adi adiniz isim isminiz nazwa"
)
# Beside a word for "name", these make it a person's.
_NAME_CONTEXT: Final = word_set(
    """
first fst frst f last lst l middle mid m maiden full complete given family sur fore legal preferred nick short display
holder card recipient billing bill shipping ship delivery to owner employee staff cashier seller salesman salesperson
manager agent rep representative advisor doctor student teacher author parent child spouse partner emergency host
primary secondary main person voller vollstandiger ganzer de du del di da des e do complet completo completa famille
famiglia famille usuario primer primeiro primo segundo usage usual propio pila bautismo kundens gast inhaber
empfanger mitarbeiter verkaufer
"""
)
_CONTACT_WORDS: Final = word_set("contact cntct kontakt contacto contatto contato kontaktperson interlocutor referent")
_NO_CONTACT_NAME: Final = word_set(
    "type count date channel reason method mode month day status preference last time number"
)
_ADDRESS_WORDS: Final = word_set(
    """
address addr address1 addressline adress adresse adr street strasse hausnummer strassenname
anschrift wohnadresse 地址 详细地址 상세주소 주소 番地
rue voie domicile direccion calle domicilio indirizzo via endereco morada rua logradouro adres straat straatnaam
huisnummer ulica adresa gata gatuadress gade vej gateadresse osoite katuosoite adres ulice sokak cadde адрес улица 住所
地址
"""
)
_PHONE_WORDS: Final = word_set(
    """
phone phones phoneno mobile telephone telephones tel telno fax cell cellphone msisdn whatsapp handy mobil
mobilnummer rufnummer telefon telefonnummer telefonnr festnetz telefono telefone movil celular portable cellulare
telemovel telefoon mobiel gsm komorka puhelin matkapuhelin tlf телефон 電話 电话 手机
"""
)
_EMAIL_WORDS: Final = word_set(
    """
email emails mail courriel correo epost eposta sahkoposti mailadresse emailadresse emailid
邮箱 電子郵件 电子邮件 メール メールアトレス 이메일 почта
"""
)
_CARD_PHRASES: Final = (
    "card number", "card no", "card nr", "cc number", "credit card num", "iban", "ssn", "social security", "passport",
    "kreditkarte", "kartennummer", "kontonummer", "carte bancaire", "account iban", "bank account", "national id",
    "national insurance", "nino", "tax id", "taxid", "steuer id", "steuernummer", "sozialversicherung", "svnr",
    "personalausweis", "ausweisnummer", "reisepass", "passeport", "pasaporte", "passaporto", "numero de securite",
    "securite sociale", "secu", "nir", "dni", "nie", "nif", "cpf", "curp", "rut", "codice fiscale", "codicefiscale",
    "cf", "bsn", "burgerservicenummer", "pesel", "personnummer", "cpr", "fodselsnummer", "rodne cislo", "hetu",
    "henkilotunnus", "tckn", "tc kimlik", "aadhaar", "aadhar", "pan number", "driver license", "driver licence",
    "drivers license", "driving licence", "driving license", "fuhrerschein", "permis de conduire", "licencia conducir",
    "licence number", "license number",
)  # fmt: skip
_CARDS: Final = word_set(
    "card karte carte tarjeta tessera carta cartao kaart karta karty kort kart kartta карта карты 카드"
)
_LOYAL: Final = word_set(
    "loyalty fidelite fidelidad fidelidade fedelta fidelity bonus club klub lojalnosciowa sadakat лояльности"
)
# Kundenkarte, klantenkaart, kundkort, asiakaskortti; with a number behind them, too.
_CARD_COMPOUNDS: Final = (
    "kundenkarte", "treuekarte", "bonuskarte", "vorteilskarte", "kartennummer", "kartennr", "klantenkaart",
    "klantkaart", "kaartnummer", "kundkort", "medlemskort", "kundekort", "kortnummer", "asiakaskortti",
)  # fmt: skip
_NO_CARD: Final = word_set(
    "type brand gift present entry method expiry last business report score postcard cardinality"
)
_PLATE_PHRASES: Final = (
    "license plate", "licence plate", "number plate", "plate number", "plate no", "registration plate", "kennzeichen",
    "kfz kennzeichen", "immatriculation", "plaque", "matricula", "targa", "placa", "kenteken", "tablica rejestracyjna",
    "nr rejestracyjny", "registreringsnummer", "regnr", "nummerplade", "spz", "plaka", "rekisterinumero",
    "vehicle registration",
)  # fmt: skip
_DATE_WORDS: Final = word_set(
    """
date dates dt day dob birthday birthdate datetime timestamp ts time on at datum since created updated joined
signup registered fecha data dato tag dag dzien geburtstag jour giorno dia paivays tarih дата 日付 日期
"""
)
_BIRTH_WORDS: Final = word_set(
    """
dob birth birthday birthdate born geburtsdatum geburtstag geboren naissance nacimiento nascita nascimento
geboortedatum urodzenia fodelsedatum fodselsdato fodselsdag narozeni dogum syntymaaika рождения
"""
)
# Only so that names that run together can be taken apart: CUSTOMERNAME, orderlinenumber, totalamount.
_OTHER_WORDS: Final = word_set(
    """
trx trxn tran txn dt per piece licence license seat night
line sales sale total amount amt price unit each quantity qty ordered purchase purchased invoice payment spend revenue
value net gross tax discount type status group segment city state country region zip age gender title company created
last first next previous month year week day hour count score level language source channel description category brand
delivery shipping billing currency status flag net brutto netto summe betrag preis menge umsatz anzahl einzel gesamt
bestell rechnungs lieferdatum bestelldatum rechnungsdatum montant prix quantite achat commande facture importe precio
cantidad compra pedido importo prezzo quantita acquisto ordine valor preco quantidade compra bedrag prijs aantal
aankoop kwota cena ilosc zakup
数量 总数量 個数 件数 単価 单价 單價 価格 价格 金額 金额 小計 小计 合計 合计 总额 总价 日付 日時 日期 时间 時間
创建 支付 实际 付款 购买 購入 状态 状態 名称 名稱 标题 宝贝 商品名 수량 단가 가격 금액 합계 날짜 일자
일시 결제 상태
"""
)
_VOCABULARY: Final = (
    WHO_WORDS | _NUMBERED_WHO | _NUMBERED | _DOCUMENTS | _CODE_WORDS | _SURE_PERSON_WORDS | _NAME_WORDS | _NAME_CONTEXT
    | _CONTACT_WORDS | _ADDRESS_WORDS | _PHONE_WORDS | _EMAIL_WORDS | _DATE_WORDS | _BIRTH_WORDS | _OTHER_WORDS
    | _ID_WORDS
)  # fmt: skip
# Shorter words are found in almost any letters; these are common enough at the ends of names.
_SHORT_PARTS: Final = frozenset({"id", "no", "nr", "dt", "nm"})
# Where every sign is a syllable or a word: 会員番号.
_FIRST_SIGN: Final = "\u3000"
_LONGEST_PART: Final = 20
_LONGEST_JOINED: Final = 45


def words_of(header: str) -> tuple[str, ...]:
    """Split a column name into lower-case words: `CustomerID`, `cust_id` and `Cust. ID` alike."""
    text = unicodedata.normalize("NFC", header[:LONGEST_JUDGED])
    return tuple(word.lower() for word in _SPLIT.split(text) if word)


def without_accents(text: str) -> str:
    """Return a text in lower case and without accents: `Größe` as `grosse`, `Łódź` as `lodz`."""
    plain = text.lower().translate({ord("ß"): "ss", ord("ł"): "l", ord("ø"): "o", ord("æ"): "ae", ord("ı"): "i"})
    decomposed = unicodedata.normalize("NFKD", plain)
    # Korean syllables come apart like letters with accents, and are put together again.
    return unicodedata.normalize("NFC", "".join(letter for letter in decomposed if not unicodedata.combining(letter)))


@lru_cache(maxsize=4096)
def known_words(header: str) -> tuple[str, ...]:
    """Return the words of a name without accents and numbers at their ends, and those run together taken apart.

    `CONTACTLASTNAME` is contact, last, name; `AddressLine1` is address, line. What holds an unknown part stays whole.
    """
    found: list[str] = []
    for word in words_of(header):
        plain = without_accents(word)
        plain = plain.rstrip("0123456789") or plain
        found.extend(_taken_apart(plain) or (plain,))
    return tuple(found)


def is_known(header: str) -> bool:
    """Whether a word beyond ASCII of a name is one that names of columns are made of."""
    words = (without_accents(word) for word in words_of(header) if not word.isascii())
    return any(word in _VOCABULARY or _taken_apart(word) for word in words)


def _taken_apart(word: str) -> tuple[str, ...]:
    """Return the fewest known words that a word is made of; nothing where it is one itself, or holds another part."""
    in_signs = word[:1] > _FIRST_SIGN
    if word in _VOCABULARY or not (3 if in_signs else 5) <= len(word) <= _LONGEST_JOINED:
        return ()
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - _LONGEST_PART), end - 1):
            before, part = best[start], word[start:end]
            if (
                before is None
                or part not in (_VOCABULARY if len(part) > 1 else _NUMBERED)
                or (len(part) < 3 and not in_signs and part not in _SHORT_PARTS)
            ):
                continue
            shortest = best[end]
            if shortest is None or len(before) + 1 < len(shortest):
                best[end] = (*before, part)
    return best[-1] or ()


def names_customers(header: str) -> bool:
    """Whether the name says that the column tells customers apart, even over several rows each."""
    words = known_words(header)
    joined = "".join(words)
    if joined in {"id", "customerid", "custid", "clientid", "userid", "memberid", "kundennummer", "kundennr"}:
        return True
    naming = _ID_WORDS | _NUMBERED
    # Numéro client, id_cliente and N° client as well as customer number; "number customers" counts them.
    in_front = bool(words) and words[0] in naming and len(words) <= 3 and not set(words) & _SEVERAL
    at_an_end = bool(words) and (words[-1] in naming or in_front)
    return (
        at_an_end
        and bool((WHO_WORDS | _NUMBERED_WHO) & set(words))
        and not set(words) & (_DOCUMENTS | _HANDLERS | _PHONE_WORDS)
    )


def names_who(header: str) -> bool:
    """Whether the name is a word for customers, alone or with one for their name: `client`, `Kunde`, `CUSTOMERNAME`."""
    words = set(known_words(header))
    if words & _SEVERAL:
        return False
    return bool(words & WHO_WORDS) and words <= WHO_WORDS | _NAME_WORDS | _SURE_PERSON_WORDS | {"full"}


def names_a_company(header: str) -> bool:
    """Whether the name is that of a column of firms' names: `Ragione sociale`, `Firmenname`, `Company`."""
    words = known_words(header)
    return words in _COMPANIES or words in {(each, "name") for (each, *more) in _COMPANIES if not more}


def names_a_numbered_who(header: str) -> bool:
    """Whether the name is a word for those who are customers in some trades, alone: `pupil`, `tenant`."""
    words = known_words(header)
    return len(words) == 1 and words[0] in _NUMBERED_WHO


def names_an_id(header: str) -> bool:
    """Whether the name ends like that of an identifier."""
    words = known_words(header)
    # Survey tools number their cases.
    return words == ("case",) or (
        bool(words) and (_ends_in_id(words[-1]) or (words[0] in _ID_WORDS and len(words) <= 2))
    )


def _ends_in_id(word: str) -> bool:
    """Whether a word is one for an identifier, also run together with what it is of: `leid`, `hhid`, `respid`."""
    if word in _ID_WORDS:
        return True
    return (
        word.endswith("id")
        and 3 <= len(word) <= 9
        and word.isascii()
        and not word.endswith(_NO_IDS)
        and word not in _NO_ID_WORDS
    )


def names_a_code(header: str) -> bool:
    """Whether the name says that numbers in the column name things and are not amounts."""
    words = known_words(header)
    if " ".join(words) in _CODE_NAMES:
        return True
    if "of" in words or "count" in words:
        return False
    if set(words) & _CODE_WORDS or (words and _ends_in_id(words[-1])) or names_a_key(header):
        return True
    if any(first in _DOCUMENTS and second in _NUMBERED for first, second in pairwise(words)):
        return True
    # Código loja, nr oddziału and id_vendedor; words for a number count what stands behind them in the plural.
    return len(words) == _A_PAIR and words[0] in _NUMBERED | _ID_WORDS and words[1] in _DOCUMENTS


_A_PAIR: Final = 2


def names_a_thing(header: str) -> bool:
    """Whether the name says that the column is about a document, a product, a place or the like."""
    return names_a_code(header) or bool(set(known_words(header)) & (_DOCUMENTS | _CODE_WORDS))


def names_a_key(header: str) -> bool:
    """Whether the name says that the column points to a row of another table: `fkRegion`, `acct_mgr`, `store_key`."""
    words = known_words(header)
    if not words or set(words) & {"count", "num", "of"}:
        return False
    if len(words) > 1 and (words[0] in _KEY_WORDS or words[-1] in _KEY_WORDS or words[-1] == "key"):
        return True
    return len(words) > 1 and words[-1] in _HANDLERS and bool(WHO_WORDS & set(words[:-1]) or "sales" in words)


def names_things(header: str) -> bool:
    """Whether the name says that the column names customers or things, in whatever letters."""
    return names_customers(header) or names_an_id(header) or names_a_code(header)


def names_a_group(header: str) -> bool:
    """Whether the name says that numbers in the column are labels of groups."""
    return bool(set(words_of(header)) & _GROUP_WORDS)


def names_a_person(header: str) -> bool:
    """Whether the column is called like one of people's names."""
    words = known_words(header)
    held = set(words)
    if not words or held & {"type", "count", "length", "year", "origin"}:
        return False
    if held & _SURE_PERSON_WORDS:
        return not held & {"number", "flag", "company", "product", "type", "status", "id"}
    if not held & _NAME_WORDS:
        return "holder" in held and held <= WHO_WORDS | {"holder"}
    return held <= _NAME_WORDS | _NAME_CONTEXT | WHO_WORDS | _CONTACT_WORDS


def names_a_contact(header: str) -> bool:
    """Whether the column is called contact: a person, or a way to reach one."""
    words = set(known_words(header))
    return bool(words & _CONTACT_WORDS) and not words & _NO_CONTACT_NAME


def names_an_address(header: str) -> bool:
    """Whether the column is called like one of street addresses."""
    words = set(known_words(header))
    return bool(words & _ADDRESS_WORDS) and not words & (
        _EMAIL_WORDS | {"ip", "mac", "web", "type", "count", "status", "visit", "visits"}
    )


def names_a_phone(header: str) -> bool:
    """Whether the column is called like one of telephone numbers."""
    words = known_words(header)
    return bool(set(words) & _PHONE_WORDS) and not set(words) & {"calls", "count", "minutes", "type", "model"}


def names_an_email(header: str) -> bool:
    """Whether the column is called like one of e-mail addresses."""
    words = known_words(header)
    return bool({"email", "emails"} & set(words)) or bool(set(words) & (_EMAIL_WORDS - {"mail"})) or "mail" in words


def names_a_card(header: str) -> bool:
    """Whether the column is called like one of card, account or document numbers of a person."""
    phrase = f" {' '.join(known_words(header))} "
    joined = "".join(known_words(header))
    return any(
        f" {marker} " in phrase or (len(marker) > 6 and marker.replace(" ", "") in joined) for marker in _CARD_PHRASES
    )


def names_a_customer_card(header: str) -> bool:
    """Whether the column is called like one of customers' cards: each belongs to somebody, whoever it is."""
    words = known_words(header)
    if set(words) & _NO_CARD:
        return False
    numbered = bool(set(words) & _CARDS) and bool(set(words) & (_ID_WORDS | _NUMBERED | _LOYAL))
    return numbered or any(word.endswith(_CARD_COMPOUNDS) for word in words)


def names_a_plate(header: str) -> bool:
    """Whether the column is called like one of number plates of vehicles."""
    joined = "".join(known_words(header))
    # "Vehicle region" begins like one.
    whole = joined in {"vehiclereg", "carreg", "regplate", "vrm", "vrn"}
    return whole or any(marker.replace(" ", "") in joined for marker in _PLATE_PHRASES)


def names_a_birth(header: str) -> bool:
    """Whether the column is called like one of days of birth."""
    return bool(set(known_words(header)) & _BIRTH_WORDS)


def names_a_date(header: str) -> bool:
    """Whether the column is called like one of dates."""
    return bool(set(known_words(header)) & (_DATE_WORDS | _BIRTH_WORDS))
