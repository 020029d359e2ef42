"""Pictures that stand for scans of paper in the demo."""

import io


def a_scan(words: str, shade: int = 0) -> bytes:
    """A PNG of a sheet with ``words`` on it; ``shade`` tells one sheet from another."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (420, 560), (250, 248 - shade, 240))
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 20, 400, 540), outline=(120, 110, 100 + shade))
    draw.multiline_text(
        (40, 40), words.encode("latin-1", "replace").decode("latin-1"), fill=(30, 30, 30), spacing=12
    )
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
