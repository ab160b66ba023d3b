# SPDX-License-Identifier: Apache-2.0
"""The business database: accounts first. Apart from the ledger's, so that neither holds up the other. ADR 0019."""

from passport.storage.business.unit import SqlBooks, SqlBusiness, business_url, open_business

__all__ = ["SqlBooks", "SqlBusiness", "business_url", "open_business"]
