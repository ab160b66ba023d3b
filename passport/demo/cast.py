# SPDX-License-Identifier: Apache-2.0
"""Who plays in the demonstration: four makers with one product each, an authority, and what their shop says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from passport.demo.shop import Listing
from passport.domain.errors import PassportError


class NoExamples(PassportError):
    """The example files are part of the source tree, and this is an installation without it."""

    exit_code = 8


@dataclass(frozen=True, slots=True)
class Lot:
    """One batch that a maker issues."""

    lot: str
    production_date: str
    count: int


@dataclass(frozen=True, slots=True)
class DemoMaker:
    """A maker: its id, the files in examples/ that describe it and its product, its lots, its listing."""

    id: str
    files: str
    gtin: str
    lots: tuple[Lot, ...]
    listing: Listing


AUTHORITY_ID = "example-authority"
LABORATORY_ID = "example-laboratory"
RECALL_FILE = "recall-power-bank.toml"
CERTIFICATE_FILE = "certificate-power-bank.toml"
CCC = ("3C 认证证书 2026010914000001", "带电量显示，双向快充")


def _listing(slug: str, names: tuple[str, str], price: str, gtin: str, lot: str) -> Listing:
    points = {
        "power-bank": (CCC, ("CCC certificate 2026010914000001", "Charge display, fast charging both ways")),
        "down-jacket": (("90% 白鹅绒", "GB/T 14272-2021"), ("90 % white goose down", "GB/T 14272-2021")),
        "board": (("ENF 级，甲醛释放量 0.02 mg/m³", "GB 18580-2017"), ("Grade ENF, 0.02 mg/m³", "GB 18580-2017")),
        "rice": (("富硒大米，5 kg 装", "GB/T 22499-2008"), ("Selenium-rich rice, 5 kg", "GB/T 22499-2008")),
    }[slug]
    return Listing(
        slug=slug,
        name_zh=names[0],
        name_en=names[1],
        price=price,
        seller_zh="卖家：演示旗舰店",
        seller_en="Sold by: demonstration store",
        gtin=gtin,
        lot=lot,
        points_zh=points[0],
        points_en=points[1],
    )


MAKERS = (
    DemoMaker(
        "example-power",
        "power-bank",
        "06901234567892",
        (Lot("L20260301", "2026-03-01", 1250), Lot("L20260315", "2026-03-15", 1250)),
        _listing(
            "power-bank",
            ("移动电源 20000 mAh 22.5 W", "Power bank 20,000 mAh 22.5 W"),
            "¥129.00",
            "06901234567892",
            "L20260301",
        ),
    ),
    DemoMaker(
        "example-down",
        "down-jacket",
        "06972345000127",
        (Lot("D20260820", "2026-08-20", 2500),),
        _listing("down-jacket", ("鹅绒羽绒服", "Goose down jacket"), "¥899.00", "06972345000127", "D20260820"),
    ),
    DemoMaker(
        "example-board",
        "decoration-board",
        "06930456000238",
        (Lot("B20260510", "2026-05-10", 2500),),
        _listing("board", ("家装板材", "Decoration board"), "¥238.00", "06930456000238", "B20260510"),
    ),
    DemoMaker(
        "example-rice",
        "selenium-rice",
        "06945678000348",
        (Lot("R20261008", "2026-10-08", 2500),),
        _listing("rice", ("富硒大米 5 kg", "Selenium-rich rice 5 kg"), "¥86.00", "06945678000348", "R20261008"),
    ),
)


def find_examples() -> Path:
    """The folder examples/ of the source tree. Raises NoExamples."""
    folder = Path(__file__).resolve().parents[2] / "examples"
    if not (folder / RECALL_FILE).is_file():
        raise NoExamples("no_examples", "The demonstration needs the source tree with examples/: run it in a checkout.")
    return folder
