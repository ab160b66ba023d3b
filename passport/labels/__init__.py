# SPDX-License-Identifier: Apache-2.0
"""Labels for product codes: QR symbols made by the batch, as SVG or PNG files or as one print-ready PDF sheet."""
