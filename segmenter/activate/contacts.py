"""Which column of a customer file holds what identifies a customer, by its name and by what stands in it."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

import pandas as pd

from segmenter.activate.identifiers import tidy
from segmenter.activate.platforms import Field
from segmenter.sampling import systematic_sample
from segmenter.table.dataset import ColumnKind, Dataset
from segmenter.table.infer.header import names_an_id, names_customers

_LOOKED_AT: Final = 2_000
_MOSTLY: Final = 0.5

# Names in English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Danish, Norwegian, Czech,
# Turkish and Finnish, without marks and capitals; a name that is one of them, whole.
_NAMES: Final[Mapping[Field, str]] = {
    Field.EMAIL: "email emailaddress mail mailaddress emailid primaryemail useremail customeremail contactemail eml emailadresse "
    "mailadresse epost epostadresse epostadress adressemail adresseemail courriel adressecourriel mel correo correoelectronico "
    "direccioncorreo postaelettronica indirizzoemail endereçoemail correioeletronico enderecodeemail emailadres adresemail "
    "eposta epostaadresi sahkoposti sahkopostiosoite emailova mailova elektronickaposta",
    Field.PHONE: "phone phonenumber telephone telephonenumber tel telno mobile mobilephone mobilenumber mobileno cell cellphone "
    "cellnumber sms smsnumber whatsapp msisdn customerphone contactphone telefon telefonnummer telefonnr telnr handy handynummer "
    "mobil mobilnummer mobiltelefon mobilnr rufnummer telefono telefonono telefonomovil movil celular numerodetelefono numerotelefono "
    "portable telephoneportable numerodetelephone tel1 numtel gsm cellulare telefonocellulare telefone telemovel telefonenumero "
    "telefoonnummer telefoon mobielnummer mobiel numertelefonu nrtelefonu komorka telefonkomorkowy mobilni telefonnicislo telefoncislo "
    "ceptelefonu telefonnumarasi cep puhelin puhelinnumero matkapuhelin mobiltelefonnummer tlf tlfnr",
    Field.FIRST_NAME: "firstname givenname forename fname vorname rufname prenom nombre nombres primernombre nome primeironome "
    "voornaam imie fornamn fornavn jmeno krestnijmeno isim etunimi",
    Field.LAST_NAME: "lastname surname familyname lname nachname familienname zuname nom nomdefamille apellido apellidos cognome "
    "sobrenome apelido ultimonome achternaam familienaam nazwisko efternamn etternavn efternavn prijmeni soyad soyadi soyisim sukunimi",
    Field.COUNTRY: "country countrycode countryiso countryofresidence nation land landcode landkurz laenderkennung lander landerkennung "
    "staat pays codepays pais codigopais paese nazione landekode landkode kraj kodkraju zeme ulke ulkekodu maa residencecountry "
    "billingcountry shippingcountry",
    Field.ZIP: "zip zipcode postcode postalcode postal pincode plz postleitzahl codepostal cp codigopostal cap codicepostale codicediavviamentopostale "
    "cep codigodepostal kodpocztowy postnummer postnr psc postakodu postinumero billingzip shippingzip",
    Field.CITY: "city town locality ort stadt wohnort ville commune ciudad poblacion localidad citta comune cidade localidade "
    "stad plaats woonplaats miasto miejscowosc poststed mesto sehir kaupunki postort",
    Field.DEVICE_ID: "madid maid idfa gaid aaid googleaid appleidfa deviceid advertisingid mobileadvertiserid mobileadid adid",
    Field.COMPANY: "company companyname employer employeecompany organisation organization firma unternehmen arbeitgeber societe entreprise "
    "empresa azienda bedrijf foretag foretagsnamn spolecnost sirket yritys",
    Field.JOB_TITLE: "jobtitle job position role occupation beruf funktion poste fonction cargo puesto funzione functie stanowisko yrke pozice",
    Field.CUSTOMER_ID: "customerid custid customer customerno customernumber customernr clientid clientno userid memberid contactid externalid "
    "subscriberkey extid id kundennummer kundennr kundenid kundeid kundnummer kundenummer numeroclient idclient numclient idcliente numerocliente "
    "clienteid klantnummer klantid numerklienta idklienta cislozakaznika musterino asiakasnumero",
}  # fmt: skip
# Of two columns of telephone numbers, the mobile one reaches more people.
_MOBILE: Final = re.compile("mobi|cell|handy|gsm|portable|movil|celular|komor|cep|matka|sms|whatsapp|msisdn")


def plain_name(header: str) -> str:
    """Return a name without capitals, accents, blanks and marks."""
    letters = unicodedata.normalize("NFKD", header.casefold().replace("ß", "ss").replace("ı", "i").replace("ł", "l"))
    return "".join(letter for letter in letters if letter.isalnum() and not unicodedata.combining(letter))


_FIELD_OF: Final = {plain_name(name): field for field, names in _NAMES.items() for name in names.split()}


def field_of_name(header: str) -> Field | None:
    """Return what a column of this name holds; None where the name does not say."""
    return _FIELD_OF.get(plain_name(header))


def recognise_contacts(customers: Dataset) -> dict[Field, str]:
    """Return the columns that hold what identifies customers, as far as they are recognised."""
    found: dict[Field, str] = {}
    rows = systematic_sample(customers.n_customers, _LOOKED_AT)
    samples = {column.name: tidy(customers.original[column.name].iloc[rows]).dropna() for column in customers.columns}
    names = [column.name for column in customers.columns if len(samples[column.name])]
    for name in names:
        field = field_of_name(name)
        if field is None or not _may_hold(field, samples[name]):
            continue
        better = field is Field.PHONE and field in found and _MOBILE.search(plain_name(name)) is not None
        if field not in found or (better and not _MOBILE.search(plain_name(found[field]))):
            found[field] = name
    taken = set(found.values())
    for field, pattern in ((Field.EMAIL, r"^[^@\s]+@[^@\s]+\.[^@\s]+$"), (Field.PHONE, r"^\+\d[\d ()./-]{6,}$")):
        if field not in found:
            fitting = (each for each in names if each not in taken and samples[each].str.match(pattern).mean() >= 0.8)
            first = next(fitting, None)
            if first is not None:
                found[field] = first
    if Field.CUSTOMER_ID not in found:
        ids = [each.name for each in customers.columns if each.kind is ColumnKind.IDENTIFIER and each.name not in taken]
        named = [name for name in ids if names_customers(name)] or [name for name in ids if names_an_id(name)] or ids
        if named:
            found[Field.CUSTOMER_ID] = named[0]
    return found


def _may_hold(field: Field, cells: pd.Series) -> bool:
    if field is Field.EMAIL:
        return bool(cells.str.contains("@", regex=False).mean() >= _MOSTLY)
    if field is Field.PHONE:
        return bool(
            (cells.str.count(r"\d") >= 5).mean() >= _MOSTLY or cells.str.match(r"^\d.*[eE]\+\d+$").mean() >= _MOSTLY
        )
    if field in (Field.FIRST_NAME, Field.LAST_NAME, Field.CITY):
        return bool((cells.str.count(r"[^\W\d_]") > 0).mean() >= _MOSTLY)
    return True
