"""The same paper photographed twice looks nearly the same; another one does not; a blank page says nothing."""

import io
import random

import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from core.likeness import NEAR, difference, likeness_of

pytestmark = pytest.mark.pure


def a_receipt(number: int) -> Image.Image:
    """A page of lines of text; another ``number`` has other text in the same layout."""
    chance = random.Random(number)
    paper = Image.new("RGB", (600, 900), (250, 248, 240))
    pen = ImageDraw.Draw(paper)
    for line in range(30):
        words = (
            "".join(chance.choices("abcdefghij0123456789", k=chance.randint(2, 9))) for _word in range(7)
        )
        text = " ".join(list(words)[: chance.randint(1, 7)])
        pen.text((40, 40 + line * 27), text, fill=(20, 20, 20), font_size=20)
    return paper


def photographed_again(paper: Image.Image, number: int) -> Image.Image:
    """A little turned, smaller, in other light, not quite sharp, and compressed."""
    chance = random.Random(number)
    photo = paper.rotate(chance.uniform(-2, 2), fillcolor=(235, 230, 225)).resize((420, 640))
    photo = ImageEnhance.Brightness(photo).enhance(chance.uniform(0.8, 1.15))
    out = io.BytesIO()
    photo.filter(ImageFilter.GaussianBlur(0.8)).save(out, "JPEG", quality=60)
    return Image.open(out)


@pytest.mark.parametrize("number", range(12))
def test_the_same_paper_is_known_again(number):
    paper = a_receipt(number)
    first, again = likeness_of(paper), likeness_of(photographed_again(paper, number + 99))
    assert difference(str(first), str(again)) <= NEAR


def test_other_papers_of_the_same_layout_are_mostly_told_apart():
    likenesses = [str(likeness_of(a_receipt(number))) for number in range(16)]
    pairs = [(one, other) for place, one in enumerate(likenesses) for other in likenesses[:place]]
    alike = [pair for pair in pairs if difference(*pair) <= NEAR]
    assert len(alike) <= len(pairs) // 50


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_blank_page_says_nothing(shade):
    assert likeness_of(Image.new("L", (300, 400), shade)) is None
