"""How large an archive (XLSX, ODS) really is, before a library unpacks it.

What it declares is a number that anybody can write; what comes out of it is counted here, a piece at a time.
"""

import re
import struct
import zipfile
import zlib
from io import BytesIO

from cycle.errors import WrongInput

MAX_PARTS = 5_000

_MAGIC = b"PK\x03\x04"
_LOCAL_HEADER = 30
_PIECE = 1 << 20
_PROPERTIES = ("docProps/core.xml", "meta.xml")  # of XLSX, of ODS
_SAVED = re.compile(rb"<(?:dcterms:modified|dc:date)\b[^>]*>([0-9T:.Z+-]{10,40})<")
_KNOWN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1


def is_archive(data: bytes) -> bool:
    """Whether it begins as a zip file does."""
    return data.startswith(_MAGIC)


def check(file: str, data: bytes, most: int) -> None:
    """Be sure that an archive is whole and that no more than `most` bytes come out of it.

    Raises:
        WrongInput: `file_not_workbook` for a broken archive, `file_unpacks_too_large`, `file_encrypted`.
    """
    too_large = WrongInput("file_unpacks_too_large", file=file, megabytes=most // 1_000_000)
    try:
        parts = zipfile.ZipFile(BytesIO(data)).infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error):
        raise WrongInput("file_not_workbook", file=file) from None
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > most:
        raise too_large
    left = most
    for part in parts:
        if part.flag_bits & _ENCRYPTED:
            raise WrongInput("file_encrypted", file=file)
        try:
            left -= _unpacked(data, part, left)
        except (zlib.error, struct.error, ValueError):
            raise WrongInput("file_not_workbook", file=file) from None
        if left < 0:
            raise too_large


def saved(data: bytes) -> str:
    """When a workbook that was checked says that it was saved, an ISO instant without its zone; "" if it does not."""
    if not is_archive(data):
        return ""
    with zipfile.ZipFile(BytesIO(data)) as book:
        there = [name for name in _PROPERTIES if name in book.namelist()]
        found = [_SAVED.search(book.read(name)) for name in there]
    return next((each[1].decode("ascii")[:19] for each in found if each), "")


def _unpacked(data: bytes, part: zipfile.ZipInfo, most: int) -> int:
    """How many bytes come out of a part; counting stops when there are more than `most`."""
    if part.compress_type not in _KNOWN:
        raise ValueError
    if data[part.header_offset : part.header_offset + 4] != _MAGIC:
        raise ValueError
    name, extra = struct.unpack_from("<HH", data, part.header_offset + _LOCAL_HEADER - 4)
    begin = part.header_offset + _LOCAL_HEADER + name + extra
    if part.compress_type == zipfile.ZIP_STORED:
        return part.compress_size
    unpack = zlib.decompressobj(-zlib.MAX_WBITS)
    packed = memoryview(data)[begin : begin + part.compress_size]
    counted = len(unpack.decompress(packed, _PIECE))
    while unpack.unconsumed_tail and counted <= most:
        counted += len(unpack.decompress(unpack.unconsumed_tail, _PIECE))
    return counted
