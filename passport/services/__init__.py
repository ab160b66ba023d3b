# SPDX-License-Identifier: Apache-2.0
"""Use cases: what makers, authorities and the registry do. They declare the ports that they need."""
