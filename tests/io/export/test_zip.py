"""Files as one zip: as any reader of zips understands it, and the same bytes every time."""

import hashlib
import io
import random
import zipfile

from segmenter.io.writing import zipped

HASHES = b"\n".join(hashlib.sha256(b"%d" % number).hexdigest().encode() for number in range(20_000))
FILES = {
    "lists/Zoë.csv": b"email\r\na@b.org\r\n" * 400,
    "left_out/empty.csv": b"",
    "noise.bin": random.Random(1).randbytes(90_000),
    "hashed.csv": HASHES,
}


def test_every_file_comes_out_as_it_went_in_and_nothing_tells_the_day():
    content = zipped(FILES)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == FILES
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert zipped(FILES) == content


def test_small_files_are_byte_for_byte_what_pythons_own_writer_makes():
    target = io.BytesIO()
    small = {name: content for name, content in FILES.items() if len(content) < 60_000}
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in small.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
            archive.writestr(entry, content, compresslevel=1)
    assert zipped(small) == target.getvalue()


def test_hashes_take_little_more_room_than_their_digits_hold():
    # A hexadecimal digit holds half a byte.
    assert len(zipped({"hashed.csv": HASHES})) < 0.56 * len(HASHES)


def test_no_file_is_a_zip_too():
    with zipfile.ZipFile(io.BytesIO(zipped({}))) as archive:
        assert archive.namelist() == []
