# SPDX-License-Identifier: Apache-2.0
"""China's 34 province-level divisions, as coarse as a place is ever known here. GB/T 2260, ISO 3166-2:CN.

Coordinates of the seats of government and reaches are plain geographical facts, rounded: they only answer whether
somebody can have come from one province to another in a given time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import asin, cos, radians, sin, sqrt

from verifier.protocol.fields import Text

EARTH_RADIUS_KM = 6371.0
SPEED_KM_PER_HOUR = 900.0  # an airliner, without the way to the airport
SLACK_KM = 100.0  # for the rounding of what stands in the table


@dataclass(frozen=True, slots=True)
class Province:
    """`code`: the two digits of GB/T 2260. `reach_km`: from the seat to the farthest border, generously."""

    code: int
    letters: str  # ISO 3166-2:CN without "CN-"
    name: Text
    latitude: float
    longitude: float
    reach_km: int


def _row(code: int, letters: str, zh: str, en: str, place: tuple[float, float, int]) -> Province:
    return Province(code, letters, Text(zh, en), *place)


# The order is stored, as bits: only ever append.
PROVINCES: tuple[Province, ...] = (
    _row(11, "BJ", "北京", "Beijing", (39.9, 116.4, 170)),
    _row(12, "TJ", "天津", "Tianjin", (39.1, 117.2, 140)),
    _row(13, "HE", "河北", "Hebei", (38.0, 114.5, 640)),
    _row(14, "SX", "山西", "Shanxi", (37.9, 112.5, 400)),
    _row(15, "NM", "内蒙古", "Inner Mongolia", (40.8, 111.7, 1700)),
    _row(21, "LN", "辽宁", "Liaoning", (41.8, 123.4, 400)),
    _row(22, "JL", "吉林", "Jilin", (43.9, 125.3, 480)),
    _row(23, "HL", "黑龙江", "Heilongjiang", (45.8, 126.5, 900)),
    _row(31, "SH", "上海", "Shanghai", (31.2, 121.5, 90)),
    _row(32, "JS", "江苏", "Jiangsu", (32.1, 118.8, 370)),
    _row(33, "ZJ", "浙江", "Zhejiang", (30.3, 120.2, 370)),
    _row(34, "AH", "安徽", "Anhui", (31.8, 117.2, 380)),
    _row(35, "FJ", "福建", "Fujian", (26.1, 119.3, 400)),
    _row(36, "JX", "江西", "Jiangxi", (28.7, 115.9, 500)),
    _row(37, "SD", "山东", "Shandong", (36.7, 117.0, 520)),
    _row(41, "HA", "河南", "Henan", (34.8, 113.6, 400)),
    _row(42, "HB", "湖北", "Hubei", (30.6, 114.3, 620)),
    _row(43, "HN", "湖南", "Hunan", (28.2, 113.0, 480)),
    _row(44, "GD", "广东", "Guangdong", (23.1, 113.3, 480)),
    _row(45, "GX", "广西", "Guangxi", (22.8, 108.4, 480)),
    _row(46, "HI", "海南", "Hainan", (20.0, 110.3, 300)),
    _row(50, "CQ", "重庆", "Chongqing", (29.6, 106.5, 430)),
    _row(51, "SC", "四川", "Sichuan", (30.6, 104.1, 700)),
    _row(52, "GZ", "贵州", "Guizhou", (26.6, 106.6, 360)),
    _row(53, "YN", "云南", "Yunnan", (25.0, 102.7, 620)),
    _row(54, "XZ", "西藏", "Tibet (Xizang)", (29.7, 91.1, 1350)),
    _row(61, "SN", "陕西", "Shaanxi", (34.3, 108.9, 640)),
    _row(62, "GS", "甘肃", "Gansu", (36.1, 103.8, 1150)),
    _row(63, "QH", "青海", "Qinghai", (36.6, 101.8, 1150)),
    _row(64, "NX", "宁夏", "Ningxia", (38.5, 106.3, 370)),
    _row(65, "XJ", "新疆", "Xinjiang", (43.8, 87.6, 1500)),
    _row(71, "TW", "台湾", "Taiwan", (25.0, 121.5, 400)),
    _row(81, "HK", "香港", "Hong Kong", (22.3, 114.2, 60)),
    _row(82, "MO", "澳门", "Macao", (22.2, 113.5, 20)),
)

_BY_CODE = {province.code: province for province in PROVINCES}
_BITS = {province.code: 1 << bit for bit, province in enumerate(PROVINCES)}
_SPELLINGS = {
    spelling.casefold(): province.code
    for province in PROVINCES
    for spelling in (
        str(province.code),
        province.letters,
        f"CN-{province.letters}",
        province.name.zh,
        province.name.en,
        province.name.en.partition(" (")[0],
    )
} | {"xizang": 54, "macau": 82}


def get_province(code: int) -> Province:
    """The division with this code. Raises KeyError."""
    return _BY_CODE[code]


@lru_cache(maxsize=1024)
def find_province(text: str) -> int | None:
    """The code of what a table, a proxy's header or a form calls a province: two digits, ISO letters, or a name."""
    return _SPELLINGS.get(text.strip().casefold()) if len(text) <= 40 else None


def bit_of(code: int) -> int:
    """The bit that stands for a province in a stored set."""
    return _BITS[code]


@lru_cache(maxsize=4096)
def codes_of(bits: int) -> tuple[int, ...]:
    """The provinces of a stored set, ascending; bits that this version does not know are passed over."""
    return tuple(province.code for bit, province in enumerate(PROVINCES) if bits >> bit & 1)


@lru_cache(maxsize=2048)
def least_distance_km(one: int, other: int) -> float:
    """Kilometres that anybody must have travelled from one province to the other, at least; 0 for neighbours."""
    a, b = _BY_CODE[one], _BY_CODE[other]
    north, east = radians(b.latitude - a.latitude), radians(b.longitude - a.longitude)
    chord = sin(north / 2) ** 2 + cos(radians(a.latitude)) * cos(radians(b.latitude)) * sin(east / 2) ** 2
    seats = 2 * EARTH_RADIUS_KM * asin(sqrt(chord))
    return 0.0 if one == other else max(0.0, seats - a.reach_km - b.reach_km)


def is_impossible_travel(one: int, other: int, seconds: float) -> bool:
    """Whether nobody can have come from one province to the other in this time, wherever in them they were."""
    return least_distance_km(one, other) - SLACK_KM > SPEED_KM_PER_HOUR * max(0.0, seconds) / 3600
