# SPDX-License-Identifier: Apache-2.0
"""Values and errors that the issuer's and the registry's parts share. Stands on `verifier` alone."""
