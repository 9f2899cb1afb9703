r"""CSV as everybody's reader takes it: UTF-8 without a byte order mark, RFC 4180, ``\\n``."""

import csv
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from phototagger.files.paths import shown


def write_rows(file: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Write a header and rows; return how many hold U+FFFD for a name that is not UTF-8."""
    out = _Utf8Lines(file)
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(rows)
    return out.replaced


class _Utf8Lines:
    """Takes the rows of ``csv.writer``."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.replaced = 0

    def write(self, row: str) -> None:
        # With \r\n as the end of a row the writer also quotes a field that holds \r alone.
        line = row.removesuffix("\r\n") + "\n"
        try:
            data = line.encode()
        except UnicodeEncodeError:
            data = shown(line).encode()
            self.replaced += 1
        self._file.write(data)
