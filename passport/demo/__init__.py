# SPDX-License-Identifier: Apache-2.0
"""`passport demo`: the whole story on one machine, told with the same commands that its users type."""
