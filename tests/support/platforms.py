# SPDX-License-Identifier: Apache-2.0
"""A platform with a key in the ledger of a real registry: what signs badge tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from passport.signing import Signer, load_key_file
from tests.support.makers import make_uscc
from tests.support.registry_process import RegistryProcess
from verifier.listing_types import ListingInfo
from verifier.protocol.badge_token import BadgeClaims, join_badge_token, signing_input

PLATFORM = "shop-b"


def admit_platform(process: RegistryProcess) -> Path:
    """Its key file; made once for each registry."""
    key = process.directory / f"{PLATFORM}.key"
    if key.exists():
        return key
    described = process.directory / "platform.toml"
    described.write_text(
        'name = { zh = "某某商城", en = "Some Mall" }\n'
        f'uscc = "{make_uscc(77)}"\nroles = ["platform"]\nprefixes = []\n'
        'contact = { phone = "400-000-0077", url = "https://shop.example.cn/help" }\n',
        encoding="utf-8",
    )
    return process.admit(PLATFORM, described)


def load_signer(process: RegistryProcess, key: Path) -> Signer:
    return load_key_file(key, (process.directory / "passphrase").read_text().strip(), "issuer")


def sign_badge(signer: Signer, ledger: str, listing: ListingInfo, *, seconds: int = 900) -> str:
    """A token for a listing, for its own origin and its first lot."""
    now = datetime.now(UTC).replace(microsecond=0)
    origin = "/".join(listing.url.split("/")[:3])
    seller, lot = listing.seller, listing.lots[0] if listing.lots else ""
    until = now + timedelta(seconds=seconds)
    claims = BadgeClaims(PLATFORM, listing.id, ledger, now, until, listing.gtin, lot, seller.id, seller.name, origin)
    signed = signing_input(claims, signer.public_key.key_id)
    return join_badge_token(signed, signer.sign(signed))
