# SPDX-License-Identifier: Apache-2.0
"""The first question of every use case that signs:

is this key one that may speak for this issuer, by the ledger as it stands?
"""

from __future__ import annotations

from passport.domain.maker_errors import RegistryRefused
from passport.domain.registry_values import IssuerInfo
from passport.services.maker_ports import Registry
from verifier.protocol.keys import PublicKey


def get_issuer(registry: Registry, issuer_id: str) -> IssuerInfo:
    """The issuer; raises RegistryRefused("unknown_issuer")."""
    issuer = registry.find_issuer(issuer_id)
    if issuer is None:
        raise RegistryRefused("unknown_issuer", f"The registry knows no issuer {issuer_id}; it must be admitted first.")
    return issuer


def get_speaker(registry: Registry, issuer_id: str, key: PublicKey) -> IssuerInfo:
    """The issuer whose good key this is; raises RegistryRefused: "unknown_issuer", "unknown_key", "key_revoked".

    Asked before the work is done rather than after. The registry asks again when the statement arrives.
    """
    issuer = get_issuer(registry, issuer_id)
    known = issuer.find_key(key.key_id)
    if known is None:
        raise RegistryRefused("unknown_key", f"The key {key.key_id[:16]}… is not registered for {issuer_id}.")
    if known.is_revoked:
        raise RegistryRefused("key_revoked", f"The key {key.key_id[:16]}… of {issuer_id} is revoked.")
    return issuer


def get_maker(registry: Registry, issuer_id: str, key: PublicKey, gtin: str) -> IssuerInfo:
    """The manufacturer who may speak for this GTIN; raises RegistryRefused as above, "role_missing",
    "prefix_not_yours"."""
    issuer = get_speaker(registry, issuer_id, key)
    if "manufacturer" not in issuer.roles:
        raise RegistryRefused("role_missing", f"{issuer_id} is not admitted as a manufacturer.")
    if not issuer.may_speak_for(gtin):
        prefixes = ", ".join(issuer.prefixes)
        raise RegistryRefused(
            "prefix_not_yours", f"GTIN {gtin} is not under a company prefix of {issuer_id} ({prefixes})."
        )
    return issuer
