# SPDX-License-Identifier: Apache-2.0
"""The CSV of codes: a spreadsheet that opens it runs nothing, and a program reads back what was written. RFC 4180."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.domain.code_files import CodeLines, csv_cell
from tests.issuing.kit import GTIN, Workshop, read_codes
from verifier.protocol.gs1 import CSET82

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "＝1", "＋1", "－1", "＠A1", "=", "-"]


@pytest.mark.parametrize("value", FORMULAS)
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(value: str) -> None:
    (row,) = csv.reader(io.StringIO(csv_cell(value), newline=""))
    assert row == ["'" + value]


@given(st.text(CSET82 + " '\u4e2d", max_size=20))
def test_a_cell_reads_back_as_it_was_but_for_the_apostrophe(value: str) -> None:
    (row,) = csv.reader(io.StringIO(f"{csv_cell(value)},end\r\n", newline=""), strict=True)
    assert row == [value if value[:1] not in ("=", "+", "-") else f"'{value}", "end"]


def test_serials_and_lots_that_look_like_formulas_are_disarmed_and_stay_exact_elsewhere(workshop: Workshop) -> None:
    serials = workshop.write_serials('=1+1\n-2\n"=HYPERLINK(""x"")"\n')
    issued = workshop.issue(serials=serials, lot="=LOT")
    codes = read_codes(issued.out)
    assert [code.serial for code in codes] == ["=1+1", "-2", '=HYPERLINK("x")']
    with (issued.out / "codes.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["serial"] for row in rows] == ["'=1+1", "'-2", '\'=HYPERLINK("x")']
    assert {row["lot"] for row in rows} == {"'=LOT"}
    for row in rows:
        assert not any(str(cell).startswith(("=", "+", "-", "@")) for cell in row.values())


def test_the_host_is_in_lower_case_in_links_and_in_upper_case_in_symbols() -> None:
    csv_line, json_line = CodeLines(gtin=GTIN, lot="L", host="Id.Example.CN:8443").lines(3, "ABC", "ABC?S=XYZ")
    assert f",https://id.example.cn:8443/01/{GTIN}/21/ABC?S=XYZ,HTTPS://ID.EXAMPLE.CN:8443/01/" in csv_line
    assert csv_line.endswith("\r\n")
    assert json_line.endswith("}\n")
