# SPDX-License-Identifier: Apache-2.0
"""Tests of `passport.labels`; the reference for symbols is `qrcode`, the reader is zxing-cpp."""
