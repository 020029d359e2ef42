"""Images that staff upload: decoded within limits and made anew, so that nothing but pixels is kept."""

import io

from core import storage
from core.errors import InvalidInput
from core.i18n import gettext as _

MOST_BYTES = 2 * 1024 * 1024
MOST_PIXELS = 4_000_000


def logo_from(content: bytes) -> str:
    """Keeps an uploaded PNG, JPEG or WebP as a PNG of at most 512 pixels; answers its storage key.

    Raises InvalidInput at ``logo`` when it is anything else, or too large.
    """
    from PIL import Image

    if len(content) > MOST_BYTES:
        raise InvalidInput({"logo": _("At most 2 MB.")})
    try:
        with Image.open(io.BytesIO(content), formats=["PNG", "JPEG", "WEBP"]) as image:
            if image.width * image.height > MOST_PIXELS:
                raise InvalidInput({"logo": _("At most 4 million pixels.")})
            image.thumbnail((512, 512))
            out = io.BytesIO()
            image.convert("RGBA").save(out, "PNG", optimize=True)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidInput({"logo": _("Choose a PNG, JPEG or WebP image.")}) from error
    return storage.keep(out.getvalue(), folder="brand")
