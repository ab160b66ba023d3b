# SPDX-License-Identifier: Apache-2.0
"""`python -m passport` is `passport`."""

from passport.cli import main

main(prog_name="passport")
