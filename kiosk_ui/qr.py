"""A square code as inline SVG: always dark on white, whatever the theme, because scanners read it so."""

from __future__ import annotations

import segno
from markupsafe import Markup

QR_TEXT_MAX = 1_200


def qr_svg(text: str, *, exactly: bool = False) -> Markup:
    """`text` as a QR code of error level M with its quiet zone of four modules (ISO/IEC 18004, 6.3.8).

    A better level is taken where that makes it no larger; a payment's code must be `exactly` M, in UTF-8.
    Raises ValueError when the text is empty or longer than QR_TEXT_MAX characters.
    """
    if not 0 < len(text) <= QR_TEXT_MAX:
        raise ValueError(f"a QR code holds 1 to {QR_TEXT_MAX} characters")
    encoding = "utf-8" if exactly else None
    code = segno.make(text, error="m", micro=False, boost_error=not exactly, encoding=encoding)
    return Markup(
        code.svg_inline(
            border=4,
            dark="#000000",
            light="#ffffff",
            omitsize=True,
            svgclass="qr__code",
            lineclass="qr__dark",
        )
    )
