"""What a column's name, or its values, say about the use it may be put to, in seven languages.

Three questions: is the column about something that the law protects, was it computed from the others before
(an earlier segment, a score, a prediction), and do its whole numbers stand for groups or count something?
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from segmenter.table.infer.header import without_accents, word_set, words_of

# A sign that is no letter with an accent: "Ø Bon" is what a customer spends at a time.
_AVERAGE: Final = {"ø": "avg", "Ø": "avg", "⌀": "avg"}


def plain_words(header: str) -> tuple[str, ...]:
    """Return the words of a column name in lower case, without accents and numbers at their ends: `Région2`: region."""
    words = (_AVERAGE.get(word) or without_accents(word).rstrip("0123456789") or word for word in words_of(header))
    return tuple(word for word in words if word)


def _phrases(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(phrase.split()) for phrase in text.split(","))


def _holds(words: Sequence[str], phrases: Iterable[tuple[str, ...]]) -> bool:
    """Whether one of the phrases is among the words, in one piece; a phrase may also be written as one word."""
    for phrase in phrases:
        length = len(phrase)
        if "".join(phrase) in words or any(
            tuple(words[at : at + length]) == phrase for at in range(len(words) - length + 1)
        ):
            return True
    return False


# What GDPR article 9, the Equality Act 2010 and the US Civil Rights Act protect. Words that mean it wherever they
# stand, and phrases for what a single word would not say: "race" is also a run, "union" also a bank.
_PROTECTED: Final[tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]] = (
    (
        "sex or gender",
        _phrases(
            "sex,gender,is female,is male,female,male,salutation,geschlecht,anrede,sexe,civilite,sexo,genero,sesso,"
            "genere,geslacht,aanhef,transgender,gender identity,maennlich,mannlich,weiblich,homme,femme,"
            "mujer,hombre,masculino,femenino,feminino,maschio,femmina,pronouns"
        ),
    ),
    (
        "ethnic origin",
        _phrases(
            "ethnicity,ethnic,ethnic group,ethnic origin,racial,race ethnicity,race code,race group,race category,"
            "hispanic,latino,nationality,citizenship,skin color,skin colour,ancestry,migration background,"
            "immigrant,caste,tribe,indigenous,national origin,ethnie,ethnizitat,ethnische herkunft,herkunft,"
            "hautfarbe,rasse,staatsangehorigkeit,nationalitat,migrationshintergrund,origine ethnique,nationalite,"
            "couleur de peau,etnia,raza,origen etnico,nacionalidad,origem etnica,raca,cor da pele,nacionalidade,"
            "razza,origine etnica,nazionalita,cittadinanza,etniciteit,etnische,afkomst,ras,huidskleur,nationaliteit"
        ),
    ),
    (
        "religion or belief",
        _phrases(
            "religion,religious,religiosity,faith,denomination,church member,religious affiliation,creed,"
            "konfession,religionszugehorigkeit,glaube,kirchensteuer,confession,culte,croyance,religieux,religion code,"
            "religioso,creencia,religiao,crenca,religione,credo,fede religiosa,religie,geloof,kerk,"
            "kirchenmitglied,geloofsovertuiging,confesion religiosa,church tax"
        ),
    ),
    (
        "health",
        _phrases(
            "health status,health condition,general health,health state,health issue,health issues,health problem,"
            "health problems,self rated health,self reported health,health score,health rating,mental health,"
            "disability,disabled,handicap,diagnosis,diagnoses,disease,illness,chronic,diabetes,diabetic,hypertension,"
            "pregnant,pregnancy,pregnancies,smoker,smoking,smoking status,bmi,body mass index,blood pressure,bloodtype,"
            "blood type,blood group,blood sugar,cholesterol,glucose,hiv,hiv status,allergy,"
            "allergies,medication,depression,"
            "cancer,gesundheit,gesundheitszustand,krankheit,behinderung,schwerbehindert,schwanger,raucher,diagnose,"
            "blutgruppe,blutdruck,sante,etat de sante,maladie,handicape,enceinte,fumeur,groupe sanguin,"
            "estado de salud,salud,enfermedad,discapacidad,embarazada,fumador,grupo sanguineo,salute,stato di salute,"
            "malattia,disabilita,incinta,fumatore,gruppo sanguigno,saude,estado de saude,doenca,deficiencia,gravida,"
            "fumante,gezondheid,ziekte,handicap code,zwanger,roker,bloedgroep,arbeidsongeschikt,beperking"
        ),
    ),
    (
        "political opinion",
        _phrases(
            "politics,political,political party,political view,political views,party affiliation,"
            "party id,voted,voted for,"
            "vote intention,voting intention,voter registration,registered party,partei,politische,"
            "parteizugehorigkeit,wahlabsicht,parteipraferenz,politique,parti,parti politique,opinion politique,"
            "partido,partido politico,ideologia,ideology,voto,politica,partito,partito politico,orientamento politico,"
            "politiek,politieke,politieke voorkeur,politieke partij,stemgedrag"
        ),
    ),
    (
        "trade union membership",
        _phrases(
            "union member,union membership,trade union,labor union,labour union,in union,unionized,gewerkschaft,"
            "gewerkschaftsmitglied,syndicat,syndique,membre syndicat,sindicato,afiliado sindicato,afiliacion sindical,"
            "sindicalizado,sindacato,iscritto sindacato,vakbond,vakbondslid,lid vakbond"
        ),
    ),
    (
        "sexual orientation",
        _phrases(
            "sexual orientation,sexuality,sexual preference,sex life,lgbt,lgbtq,lgbtqia,gay,lesbian,bisexual,"
            "homosexual,sexuelle orientierung,orientation sexuelle,orientacion sexual,orientamento sessuale,"
            "orientacao sexual,seksuele geaardheid,seksuele voorkeur,geaardheid"
        ),
    ),
    (
        "genetic or biometric data",
        _phrases(
            "genetic,genetics,genome,genotype,dna,biometric,biometrics,fingerprint,face id,faceid,iris scan,voiceprint,"
            "retina scan,genetisch,genetische,biometrisch,fingerabdruck,genetique,biometrique,empreinte digitale,"
            "genetico,genetica,biometrico,biometrica,huella dactilar,impronta digitale,impressao digital,"
            "genetische gegevens,biometrische,vingerafdruk"
        ),
    ),
)
# Words that protect only where they are the whole name: next to others they mean something else.
_PROTECTED_ALONE: Final = {
    "race": "ethnic origin", "origin ethnic": "ethnic origin", "health": "health", "healthy": "health",
    "union": "trade union membership", "genre": "", "party": "", "belief": "religion or belief",
    "cor raca": "ethnic origin", "health code": "health", "race white": "ethnic origin", "race black": "ethnic origin",
    "race asian": "ethnic origin", "race other": "ethnic origin", "customer race": "ethnic origin",
    "client race": "ethnic origin", "person race": "ethnic origin", "member race": "ethnic origin",
}  # fmt: skip
# Next to these, a name is about money, goods, services or devices and no longer about a person's own state.
_ABOUT_THINGS: Final = word_set(
    "price prices premium premiums spend spending spent amount amt cost costs revenue sales sale purchases purchase "
    "orders order product products item items category store shop club insurance insurer food foods expense expenses "
    "budget bill bills donation donations subscription clicks visits sessions page pages ads ad email emails mails "
    "books book magazine magazines news department dept fund care service services plan plans app apps mnt num "
    "umsatz ausgaben preis beitrag versicherung depenses achats prix assurance gasto gastos precio seguro compras "
    "spesa spese prezzo assicurazione acquisti gastos preco omzet uitgaven prijs verzekering scanner login device "
    "model sensor supported enabled unlock balance payment payments"
)
_VALUES_OF_PROTECTED: Final[tuple[tuple[str, int, frozenset[str]], ...]] = (
    (
        "sex or gender",
        2,
        word_set(
            "male female m f w man woman men women boy girl mannlich maennlich weiblich mann frau herr homme femme h "
            "masculin feminin hombre mujer masculino femenino feminino homem mulher maschio femmina uomo donna "
            "masculine feminine mr mrs ms miss dhr mevr mevrouw vrouw sr sra divers diverse other nonbinary non-binary "
            "unknown u x d"
        ),
    ),
    (
        "ethnic origin",
        3,
        frozenset(
            {
                "white", "black", "asian", "hispanic", "latino", "caucasian", "african american", "african-american",
                "native american", "pacific islander", "mixed", "asian-pac-islander", "amer-indian-eskimo", "other",
                "asian-pac islander", "multiracial", "black or african american", "white british", "two or more races",
                "american indian or alaska native", "hispanic or latino", "not hispanic or latino", "unknown",
            }
        ),
    ),
    (
        "religion or belief",
        2,
        word_set(
            "christian muslim hindu jewish buddhist sikh atheist catholic protestant orthodox islam christianity "
            "hinduism buddhism judaism katholisch evangelisch muslimisch judisch catholique musulman juif catolico "
            "musulmano cattolico protestante hindoe katholiek protestants moslim agnostic none other jain unknown"
        ),
    ),
)  # fmt: skip
# A set of values that holds none of these may be anything: f and m are letters, "white" and "black" are colours.
_CERTAIN: Final = {
    "sex or gender": word_set(
        "male female man woman mannlich maennlich weiblich homme femme hombre mujer masculino femenino feminino "
        "homem mulher maschio femmina frau vrouw mrs f masculin feminin women girl mevrouw sra miss donna"
    ),
    "ethnic origin": frozenset(
        {"asian", "hispanic", "latino", "caucasian", "african american", "african-american", "native american",
         "asian-pac-islander", "black or african american", "hispanic or latino"}
    ),
    "religion or belief": word_set(
        "christian muslim hindu jewish buddhist sikh catholic protestant islam katholisch evangelisch catholique "
        "musulman catolico cattolico katholiek moslim christianity hinduism"
    ),
}  # fmt: skip


def protected_ground(header: str, values: Sequence[str] = ()) -> str:
    """Return what the column tells that the law protects, such as "religion or belief"; nothing where it does not.

    Parameters
    ----------
    values
        The different values of a column of few words.
    """
    words = plain_words(header)
    if set(words) & _ABOUT_THINGS:
        return ""
    if ground := _PROTECTED_ALONE.get(" ".join(words), ""):
        return ground
    for ground, phrases in _PROTECTED:
        if _holds(words, phrases) and not (ground == "sex or gender" and _counts_people(words)):
            return ground
    plain = {without_accents(value.strip().rstrip(".")) for value in values}
    if not 2 <= len(plain) <= 20:
        return ""
    for ground, fewest, known in _VALUES_OF_PROTECTED:
        if len(plain) >= fewest and plain <= known and plain & _CERTAIN[ground]:
            return ground
    return ""


def _counts_people(words: tuple[str, ...]) -> bool:
    return bool(set(words) & word_set("num n number count share pct percent ratio audience viewers ad target"))


_COMPUTED: Final = _phrases(
    "cluster,clusters,cluster id,clustering,segment,segments,segmentation,kmeans,k means,gmm,dbscan,hdbscan,birch,"
    "agglomerative,hierarchical,spectral,som,pca,umap,tsne,prediction,predictions,predicted,pred,y pred,y hat,"
    "forecast,forecasted,probability,probabilities,prob,proba,propensity,likelihood to buy,likelihood to churn,"
    "classifier,decile,quintile,quantile,percentile,persona,archetype,lookalike,clv,cltv,ltv,"
    "lifetime value,rfm,rfm score,rfm segment,uplift,anomaly,outlier flag,silhouette,segmento,segmentos,segmentacion,"
    "segmentacao,segmentazione,segmenten,segmentatie,segmentierung,kundensegment,klantsegment,prognose,vorhersage,"
    "wahrscheinlichkeit,prevision,probabilite,prediccion,probabilidad,previsione,probabilita,previsao,probabilidade,"
    "voorspelling,waarschijnlijkheid,kans,zielgruppe,doelgroep,valeur vie client"
)
_COMPUTED_ALONE: Final = word_set(
    "label labels group groups grp class classes tier tiers score scores target rank ranking gruppe "
    "groupe grupo gruppo "
    "groep klasse classe clase punteggio puntuacion punktzahl pontuacao"
)
# "Score" alone is a computed number; a satisfaction or spending score was measured or answered.
_SCORE_WORDS: Final = word_set("score scores scoring rating rank ranking punkte puntuacion punteggio pontuacao")
_SCORED: Final = word_set(
    "customer cust client total final model r f m rfm recency frequency monetary churn attrition lead risk fraud "
    "upsell response value ml ai overall customers engagement clv propensity default kunden kunde cliente klant "
    "conversion purchase loyalty health"
)


def names_a_result(header: str) -> bool:
    """Whether the name is that of an earlier segment, score or prediction rather than of something observed."""
    words = plain_words(header)
    if not words:
        return False
    if _holds(words, _COMPUTED) and not set(words) & word_set("recommend market"):
        return True
    who = word_set("customer cust client kunden kunde cliente klant the member user no id number nr my old new true")
    rest = [word for word in words if word not in who]
    if rest and set(rest) <= _COMPUTED_ALONE:
        return True
    return bool(set(rest) & _SCORE_WORDS) and set(rest) - _SCORE_WORDS <= _SCORED


_PLURALS: Final = word_set("classes groups")
# As many groups of customers are rarely formed; as many classes are attended.
_MOST_GROUPS: Final = 8


def counts_things(header: str, n_values: int, least: float) -> bool:
    """Whether numbers under the plural of a word for groups, such as classes, count those.

    They do where there are more values than groups, and where the least is no class at all; groups may be numbered
    from 0.
    """
    named = set(plain_words(header)) & _PLURALS
    return bool(named) and (n_values > _MOST_GROUPS or (least == 0 and "classes" in named))


_OF_GROUPS: Final = word_set(
    "channel region sex gender education educ edu schooling degree marriage marital married occupation profession job "
    "jobs "
    "industry sector branch type kind category cat subcategory class classification status plan tariff product brand "
    "device platform os browser method mode source medium campaign origin housing contract language lang country state "
    "city county province provincia provincie district zone zip area location site warehouse store shop "
    "department dept division team "
    "payment currency carrier vehicle colour color package segment cluster group label code flag month weekday "
    "dayofweek dayofmonth quarter season territory "
    "geschlecht kanal bildung abschluss ausbildung familienstand beruf branche art typ kategorie bundesland "
    "filiale zahlungsart monat wochentag quartal land stadt sprache produkt wohnart vertrag ort "
    "sexe canal education etat civil profession metier secteur categorie statut pays ville langue mois "
    "trimestre produit moyen paiement "
    "sexo region educacion estado civil ocupacion tipo categoria pais ciudad idioma mes sector producto "
    "sesso canale regione istruzione stato professione settore paese citta lingua mese prodotto titolo "
    "regiao educacao escolaridade ocupacao profissao cidade situacao setor produto "
    "geslacht kanaal regio opleiding burgerlijke beroep soort categorie provincie stad taal maand sector "
)
_AREA_UNITS: Final = word_set("sqm sqft m2 m square size")
_COUNTING: Final = word_set(
    "num n no number count counts cnt qty quantity total sum freq frequency times trx txn amount amt avg average mean "
    "median min max ratio rate share percent pct days weeks months years hours minutes age size length duration since "
    "recency tenure score points rating stars distance income spend revenue price balance value lifetime per "
    "limit visits orders purchases children kids dependents members items clicks logins calls returns complaints "
    "anzahl menge summe alter kinder bestellungen besuche kaufe tage jahre umsatz preis haushaltsgrosse personen "
    "nombre nb montant enfants commandes visites jours annees achats personnes "
    "numero cantidad hijos pedidos visitas dias anos compras edad personas "
    "quantita figli ordini visite giorni anni acquisti eta persone "
    "quantidade filhos idade pessoas aantal kinderen bestellingen bezoeken dagen jaren aankopen leeftijd personen "
    "satisfaction likert agree importance nps csat answer "
)
_OF_DAYS: Final[tuple[tuple[tuple[tuple[str, ...], ...], int, int], ...]] = (
    (_phrases("day of month,day,monthday,tag,jour,dia,giorno,dag,billing day,due day"), 1, 31),
    (
        _phrases(
            "month,monat,mois,mes,mese,maand,miesiac,manad,maned,mesic,ay,ayi,kuukausi,месяц,月,월,birthmonth,geburtsmonat"
        ),
        1,
        12,
    ),
    (
        _phrases(
            "weekday,day of week,dow,wochentag,jour semaine,dia semana,giorno settimana,weekdag,veckodag,ugedag,ukedag,"
            "dzien tygodnia,den v tydnu,haftanin gunu,viikonpaiva,день недели,曜日,요일"
        ),
        0,
        7,
    ),
    (_phrases("hour,hour of day,stunde,heure,hora,ora,uur"), 0, 24),
    (_phrases("week,week of year,kw,kalenderwoche,semaine,semana,settimana"), 1, 53),
)
# Classes last month, deliveries this week.
_PERIOD: Final = re.compile(r" (?:last|past|previous|this|per|a|each|every) (?:day|week|month|quarter|year|season)$")
_ANSWER: Final = re.compile(r"^(?:q|question|item|frage|statement|s|v)?_?\d+[a-z]?$", re.IGNORECASE)


def names_groups(header: str) -> bool:
    """Whether whole numbers of that name stand for groups: a channel, a region, an occupation."""
    words = plain_words(header)
    if not set(words) & _OF_GROUPS or names_a_count(header):
        return False
    return not ({"area", "superficie"} & set(words) and set(words) & _AREA_UNITS)


def names_a_count(header: str) -> bool:
    """Whether numbers of that name count or measure something, or are answers on a scale."""
    words = plain_words(header)
    if _ANSWER.match(header.strip()):
        return True
    if (
        len(words) > 2
        and _PERIOD.search(" ".join(words))
        and words[0].endswith("s")
        and not words[0].endswith(("ss", "us", "is"))
    ):
        return True
    return bool(set(words) & _COUNTING) and not (words[-1] in {"no", "number", "code"} and len(words) > 1)


_FRACTIONS: Final = word_set(
    "score rating ratings ratio rate index weight avg average mean median std sd "
    "factor share probability prob lat lon lng latitude "
    "longitude distance height temperature density gpa elasticity loading similarity quote anteil faktor gewicht "
    "mittelwert durchschnitt wahrscheinlichkeit entfernung taux poids moyenne tasa peso media indice tasso gemiddelde"
)


# Nobody has a thousandth of these.
_WHOLE_THINGS: Final = word_set(
    "steps visitors followers subscribers views pageviews impressions sessions downloads installs employees headcount "
    "population inhabitants residents members users customers calories kcal miles salary wage wages sales budget "
    "turnover einwohner mitarbeiter besucher schritte punkte aufrufe sitzungen gehalt lohn abonnenten nutzer visiteurs "
    "vues salaire habitants employes abonnes visitantes vistas salario habitantes empleados pasos visitatori stipendio "
    "abitanti dipendenti passi visualizzazioni seguidores salarios funcionarios passos bezoekers inwoners medewerkers "
    "salaris stappen odwiedziny mieszkancy pracownicy pensja kroki besokare anstallda invanare lon steg"
)


_SINCE: Final = word_set("since years jahre annees anos anni jaren")
_CALENDAR: Final = (1900, 2100)


def are_years(header: str, values: ArrayLike) -> bool:
    """Whether numbers are calendar years: whole, of our time but for a few, under a name that counts nothing.

    Parameters
    ----------
    values
        Shape (n,), those that are known.
    """
    numbers = np.asarray(values, dtype=np.float64)
    if not len(numbers) or set(plain_words(header)) & (_COUNTING - _SINCE) or (numbers != np.round(numbers)).any():
        return False
    low, high = np.quantile(numbers, [0.02, 0.98])
    return bool(_CALENDAR[0] <= low and high <= _CALENDAR[1])


def counts_or_measures(header: str) -> bool | None:
    """Return True where a name counts things or money, False where it measures in fractions, None where neither."""
    if set(plain_words(header)) & _FRACTIONS:
        return False
    counts = names_a_count(header) or bool(set(plain_words(header)) & _WHOLE_THINGS)
    return True if plain_words(header) and counts and not _ANSWER.match(header.strip()) else None


def calendar_range(header: str) -> tuple[int, int] | None:
    """Return the lowest and highest number that a part of a date of that name can be: a month is 1 to 12."""
    words = plain_words(header)
    if set(words) & word_set("per a in num count last since total avg"):
        return None
    for phrases, low, high in _OF_DAYS:
        if any(words == phrase or words[-len(phrase) :] == phrase for phrase in phrases):
            return low, high
    return None
