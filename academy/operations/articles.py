"""The knowledge base: written and published by authors, found useful or not by readers."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from academy.models import Article, ArticleVote
from academy.models.editions import ORIGINAL, with_edition
from accounts.models import User
from core import clock
from core.database import session, write_once
from core.errors import InvalidInput
from core.i18n import gettext as _


def save_article(
    article: Article | None,
    *,
    slug: str,
    product_codes: Sequence[str],
    texts: Mapping[str, Mapping[str, Any]],
    is_published: bool,
    by: User | None,
) -> Article:
    """Adds an article or changes one. Raises InvalidInput at ``slug``, or at a language."""
    slug = slug.strip().lower()
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug) or len(slug) > 80:
        raise InvalidInput({"slug": _("Use small letters, figures and hyphens, such as claim-a-lead.")})
    other = session.scalar(sa.select(Article).where(Article.slug == slug))
    if other is not None and other is not article:
        raise InvalidInput({"slug": _("Another article has this address.")})
    editions: dict[str, Any] = dict(article.editions) if article is not None else {}
    for locale, said in texts.items():
        editions = with_edition(editions, locale, said)
    if ORIGINAL not in editions:
        raise InvalidInput({"title_en": _("Write the title in English; it is the original.")})
    for locale, said in editions.items():
        if not said.get("title"):
            raise InvalidInput({f"title_{locale}": _("This edition has a text and no title.")})
        if not said.get("text"):
            raise InvalidInput({f"text_{locale}": _("This edition has no text.")})
    if article is None:
        article = Article(created_at=clock.now())
        session.add(article)
    article.slug = slug
    article.product_codes = sorted(set(product_codes))
    article.editions = editions
    article.words = searched_words(editions)
    article.changed_at = clock.now()
    article.published_at = (article.published_at or clock.now()) if is_published else None
    session.flush()
    return article


def searched_words(editions: Mapping[str, Any]) -> str:
    """Every word of every edition once, in small letters, with a space around each."""
    said = " ".join(f"{words.get('title', '')} {words.get('text', '')}" for words in editions.values())
    return f" {' '.join(sorted(set(words_of(said))))} "


def words_of(text: str) -> list[str]:
    """The words of a text as the search compares them."""
    return re.findall(r"\w+", text.casefold().replace("ё", "е"))


def vote(article: Article, *, is_useful: bool, comment: str, by: User) -> None:
    """Whether it helped. A second vote replaces the first."""
    known = session.scalar(
        sa.select(ArticleVote).where(ArticleVote.article_id == article.id, ArticleVote.user_id == by.id)
    )
    if known is None:
        write_once(
            ArticleVote,
            {
                "article_id": article.id,
                "user_id": by.id,
                "is_useful": is_useful,
                "comment": comment.strip()[:500],
                "voted_at": clock.now(),
            },
            unique=["article_id", "user_id"],
        )
        return
    known.is_useful, known.comment, known.voted_at = is_useful, comment.strip()[:500], clock.now()
    session.flush()
