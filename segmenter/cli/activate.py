"""`segmenter activate`: segments as lists that a platform takes; `segmenter platforms`: which there are."""

import argparse
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from segmenter.activate.audience import (
    IN_ALL,
    STEPS,
    Audience,
    AudienceOptions,
    Audiences,
    build_audiences,
    checked_on_note,
)
from segmenter.activate.control import Control
from segmenter.activate.identifiers import NOWHERE, recognise_contacts, region_of
from segmenter.activate.permission import EVERYBODY_AGREED, Consent, SuppressionList, consent_columns, read_suppression
from segmenter.activate.platforms import Field, Platform, platforms
from segmenter.activate.render import read_template
from segmenter.activate.rfm import CELL_COLUMN, score_rfm
from segmenter.activate.selection import (
    Segments,
    everybody,
    found_by,
    most_typical,
    moved,
    narrowed,
    segments_in_file,
    segments_of_result,
    segments_of_rfm,
)
from segmenter.cli.months import add_nearest, placed
from segmenter.cli.output import print_json, read_bytes, say, write_files
from segmenter.cli.purchases import add_row_type, purchase_columns, read_customers
from segmenter.cli.sources import add_engine, add_source, named_pair, on_engine, one_of, read_source
from segmenter.errors.forming import ConsentUnknownError, InvalidSettingError, UnknownPlatformError
from segmenter.io.export.audiences import audiences_zip, list_names
from segmenter.io.model.format import from_bytes
from segmenter.io.read.table import read_table
from segmenter.purchases.recognition import recognise_purchases
from segmenter.segment.result import Result
from segmenter.table.dataset import Dataset, Note

NO_COLUMN = ""


def add_activate(command: argparse.ArgumentParser) -> None:
    """Say what may be asked of audiences."""
    add_source(command)
    add_row_type(command)
    add_engine(command)
    command.add_argument("--platform", required=True, metavar="NAME", help="see: segmenter platforms")
    command.add_argument("--output", type=Path, required=True, metavar="ZIP", help="the file to write")
    who = command.add_argument_group("who is asked for")
    by = who.add_mutually_exclusive_group()
    by.add_argument("--model", type=Path, metavar="MODEL", help="place the customers in this saved model's segments")
    add_nearest(who)
    who.add_argument("--segment-column", default="", metavar="COLUMN", help="the column of labels; segment if left out")
    by.add_argument("--rfm", action="store_true", help="the cells of the RFM grid in place of segments")
    who.add_argument("--segments", default="", metavar="1,3", help="numbers or names; all if left out")
    who.add_argument("--where", action="append", default=[], metavar="RULE", help='such as "spend >= 100"; repeatable')
    who.add_argument("--typical", type=int, metavar="N", help="of each segment the N nearest to its centre")
    since = who.add_mutually_exclusive_group()
    since.add_argument("--joined-since", type=Path, metavar="FILE", help="only who was not there in last time's file")
    since.add_argument(
        "--left-since", type=Path, metavar="FILE", help="who was there in last time's file, and is not now"
    )
    contact = command.add_argument_group("who may be contacted, and how")
    consent = contact.add_mutually_exclusive_group()
    consent.add_argument("--consent", metavar="COLUMN", help="who has agreed; several as A,B: all must say yes")
    consent.add_argument("--all-consented", action="store_true", help="state that everybody in the file has agreed")
    contact.add_argument(
        "--suppress", action="append", type=Path, default=[], metavar="FILE", help="identifiers; repeatable"
    )
    contact.add_argument(
        "--exclude", action="append", type=Path, default=[], metavar="FILE", help="lists of earlier campaigns"
    )
    contact.add_argument(
        "--field", action="append", default=[], metavar="FIELD=COLUMN",
        help=f"where a column is not recognised ({', '.join(Field)}); nothing after = leaves it out",
    )  # fmt: skip
    contact.add_argument("--country", metavar="COLUMN", help="the customers' countries, for telephone numbers")
    contact.add_argument(
        "--region", metavar="AT", help="the country of telephone numbers without country code; none leaves these out"
    )
    control = command.add_argument_group("control group")
    control.add_argument("--hold-out", default="0", metavar="PERCENT", help="of customers, not to be contacted")
    control.add_argument("--salt", default="segmenter", help="another one draws another control group")
    control.add_argument(
        "--campaign", default="", metavar="NAME", help="draw anew for this campaign; global if left out"
    )
    form = command.add_argument_group("the platform's file")
    form.add_argument("--hash", action="store_true", help="SHA-256 in place of plain identifiers")
    form.add_argument("--identifier", metavar="FIELD", help="for platforms whose lists hold one kind")
    form.add_argument("--value", default="", metavar="COLUMN", help="customers' values, for look-alike audiences")
    form.add_argument("--template", type=Path, metavar="FILE", help="fill this empty template, just downloaded")
    form.add_argument(
        "--match-rate", default="40", metavar="PERCENT", help="people whom you expect the platform to find"
    )
    command.add_argument("--json", action="store_true", help="print JSON")


def add_platforms(command: argparse.ArgumentParser) -> None:
    """Say what may be asked of the list."""
    command.add_argument("--json", action="store_true", help="print JSON")


def activate(args: argparse.Namespace) -> None:
    """Write the lists of a file's segments for a platform."""
    platform = _platform(args.platform)
    control = Control(_per_cent("--hold-out", args.hold_out), args.salt, args.campaign)
    match_rate = _per_cent("--match-rate", args.match_rate)
    region = _region(args.region)
    template = read_template(read_bytes(args.template)) if args.template else None
    if on_engine(args):
        customers, known, args = _from_engine(args)
    else:
        customers, known = _customers(args), ()
    audiences, notes = _audiences(args, customers, known)
    options = AudienceOptions(
        _consent(args, customers),
        _fields(args, customers),
        region,
        _lists(args.suppress, region),
        _lists(args.exclude, region),
        control,
        hashes=args.hash,
        identifier=Field(one_of("--identifier", args.identifier, tuple(Field))) if args.identifier else None,
        value=args.value,
        match_rate=match_rate,
        template=template,
    )
    made = build_audiences(customers, audiences, platform, options)
    write_files(args.output.parent, {args.output.name: audiences_zip(customers, made)})
    # How the file was read, lines that could not be, and what became of purchases; what columns mean is no matter here.
    read = (note for note in customers.notes if note.column is None)
    _report(args, made, (*read, *notes, *made.notes))


def _from_engine(
    args: argparse.Namespace,
) -> tuple[Dataset, tuple[tuple[str, str], ...], argparse.Namespace]:
    """Return the customers that are asked for with their segments, all segments that there are, and the arguments.

    The arguments are those for a file of these customers.
    """
    from segmenter.cli.engines import audience_on_engine

    chosen = tuple(word.strip() for word in args.segments.split(",") if word.strip())
    model = from_bytes(read_bytes(args.model)) if args.model else None
    # Who has left a segment is in another one now, or in none.
    customers, known = audience_on_engine(args, model, chosen, everybody=bool(args.left_since))
    # Distances beside labels that somebody has named may be from other centres.
    column = "segment" if args.segment_column else ""
    return customers, known, argparse.Namespace(**{**vars(args), "model": None, "segment_column": column})


def _customers(args: argparse.Namespace) -> Dataset:
    """Return whom lists are made of: lines of purchases added up, and every row of an address book by itself.

    A labelled row is a customer, and a customer in several rows is one person by the rules of lists.
    """
    if args.model or args.rows_are or args.rfm or purchase_columns(args) or args.repeated:
        return read_customers(args)
    rows = read_source(args)
    if segments_in_file(rows, args.segment_column) is not None or recognise_purchases(rows) is None:
        return rows
    return read_customers(args)


def list_platforms(args: argparse.Namespace) -> None:
    """List the platforms, when each format was last looked up, and how sure that makes us."""
    known = platforms()
    if args.json:
        print_json(
            [
                {
                    "id": each.id,
                    "title": each.title,
                    "kind": each.kind,
                    "checked_on": each.checked_on.isoformat(),
                    "certainty": each.certainty,
                    "fields": [field.value for field in each.fields],
                    "hashing": each.hashing,
                }
                for each in known.values()
            ]
        )
        return
    for each in known.values():
        print(f"{each.id}: {each.title}, by {', '.join(each.fields)}; of {each.checked_on:%Y-%m-%d}. {each.certainty}")
    say(Note(text, warning=True) for each in known.values() if (text := each.age_note(date.today())))


def _platform(name: str) -> Platform:
    found = platforms().get(name.casefold())
    if found is None:
        raise UnknownPlatformError(name, tuple(platforms()))
    return found


def _per_cent(option: str, text: str) -> float:
    try:
        share = float(text.strip().removesuffix("%")) / 100
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        message = f"{option} takes per cent from 0 to 100; not {text!r}."
        raise InvalidSettingError(message)
    return share


def _region(text: str | None) -> str:
    if text is None:
        return ""
    found = NOWHERE if text == "none" else region_of(text)
    if not found:
        message = (
            f"--region {text!r} is no country; write its two letters, such as AT or US, or none to leave such out."
        )
        raise InvalidSettingError(message)
    return found


def _audiences(
    args: argparse.Namespace, customers: Dataset, known: Sequence[tuple[str, str]]
) -> tuple[list[Audience], tuple[Note, ...]]:
    segments, notes = _segments(args, customers)
    if known:
        # Also those that hold nobody who came here.
        segments = segments.among(known)
    chosen = tuple(word.strip() for word in args.segments.split(",") if word.strip())
    before = args.joined_since or args.left_since
    if before:
        column = CELL_COLUMN if args.rfm else ""
        moves = moved(customers, segments, chosen, read_table(before), joined=bool(args.joined_since), column=column)
        audiences = moves.audiences
        if moves.n_gone:
            notes = (*notes, Note(f"{moves.n_gone:,} of those who left are not in the file any more, and in no list."))
    else:
        audiences = segments.audiences(chosen)
    if args.where:
        audiences = narrowed(audiences, found_by(customers, args.where))
    if args.typical is not None:
        audiences = most_typical(audiences, segments, args.typical)
    return audiences, notes


def _segments(args: argparse.Namespace, customers: Dataset) -> tuple[Segments, tuple[Note, ...]]:
    if args.model:
        assignment, check = placed(
            customers, from_bytes(read_bytes(args.model)), argparse.Namespace(match=(), nearest=args.nearest)
        )
        notes = (*assignment.questions, *assignment.notes)
        result = Result(customers, assignment.segmentation, assignment)
        if check is not None and (n_out := int(result.fits_none.sum())):
            # As in `assign`: a list of a segment holds nobody whom the segment does not fit.
            said = f"{n_out:,} customers fit no segment and are in no list (--nearest places them). {check.sentence}"
            notes = (*notes, Note(said, warning=True))
        return segments_of_result(result), notes
    if args.rfm:
        rfm = score_rfm(customers)
        return segments_of_rfm(rfm), rfm.notes
    found = segments_in_file(customers, args.segment_column)
    if found is None:
        if args.segments or args.typical is not None:
            message = (
                "The file has no column called segment. Give the labelled file that segment has written, "
                "--segment-column, or --model."
            )
            raise InvalidSettingError(message)
        return everybody(customers), ()
    return found, ()


def _consent(args: argparse.Namespace, customers: Dataset) -> Consent:
    if args.all_consented:
        return Consent(stated=EVERYBODY_AGREED)
    if args.consent:
        names = [column.name for column in customers.columns]
        # A column's name may have a comma in it.
        return Consent(
            (args.consent,) if args.consent in names else tuple(each.strip() for each in args.consent.split(","))
        )
    found = consent_columns(customers)
    if not found:
        raise ConsentUnknownError(())
    return Consent(found)


def _fields(args: argparse.Namespace, customers: Dataset) -> dict[Field, str]:
    found = recognise_contacts(customers)
    if args.country:
        found[Field.COUNTRY] = args.country
    for text in args.field:
        word, _, column = text.partition("=")
        if column:
            named_pair("--field", text)
            found[Field(one_of("--field", word, tuple(Field)))] = column
        else:
            found.pop(Field(one_of("--field", word, tuple(Field))), None)
    return found


def _lists(paths: list[Path], region: str) -> tuple[SuppressionList, ...]:
    return tuple(read_suppression(read_table(path), region) for path in paths)


def _report(args: argparse.Namespace, made: Audiences, notes: tuple[Note, ...]) -> None:
    if args.json:
        counts = made.reconciliation.to_dict("records")
        print_json({"platform": made.platform.id, "reconciliation": counts, "notes": [note.text for note in notes]})
        return
    for name, row in zip([*list_names(made), IN_ALL], made.reconciliation.to_dict("records"), strict=True):
        off = ", ".join(f"{row[step]:,} {step}" for step in STEPS if row[step])
        print(f"{name}: {row['in file']:,} of {row['in segment']:,}" + (f" ({off})" if off else ""))
    consent = made.options.consent
    print(f"Consent: {', '.join(consent.columns) or consent.stated}")
    print(f"Written to {args.output}. Nothing was sent anywhere.")
    old = checked_on_note(made.platform)
    say((*((Note(old, warning=True),) if old else ()), *notes))
