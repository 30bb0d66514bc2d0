"""The fiscal unit (TSE): what it signs, and what of it stands on a receipt.

BSI TR-03151-1 (the signed messages), TR-03153-1 (what a TSE is), DSFinV-K 2.4 annex I (the QR code).
"""
