"""The knowledge base: what one may read, found by words, product and language, and how useful it was."""

from collections.abc import Sequence

import sqlalchemy as sa

from academy.models import Article, ArticleVote
from accounts.models import User
from accounts.permissions import Permission
from core.database import session


def articles_visible_to(user: User) -> sa.Select[Article]:
    """What is published; authors see drafts as well. Changed last first."""
    rows = sa.select(Article).order_by(Article.changed_at.desc(), Article.id.desc())
    if user.may(Permission.COURSES_WRITE):
        return rows
    if not user.may(Permission.COURSES_LEARN):
        return rows.where(sa.false())
    return rows.where(Article.published_at.is_not(None))


def articles_found(rows: sa.Select[Article], words: Sequence[str]) -> sa.Select[Article]:
    """Those of ``rows`` in which every one of ``words`` begins a word."""
    for word in words[:12]:
        rows = rows.where(Article.words.contains(f" {word}", autoescape=True))
    return rows


def articles_about(rows: sa.Select[Article], product: str) -> sa.Select[Article]:
    """Those of ``rows`` about a product. Codes lie in a JSON list, where each stands in quotation marks."""
    return rows.where(sa.cast(Article.product_codes, sa.Text).contains(f'"{product}"', autoescape=True))


def articles_in(rows: sa.Select[Article], locale: str) -> sa.Select[Article]:
    """Those of ``rows`` with an edition in ``locale``; the original is there for all."""
    return rows.where(sa.cast(Article.editions, sa.Text).contains(f'"{locale}": {{', autoescape=True))


def votes_by_article(ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """(useful, not useful) by article. One query."""
    rows = session.execute(
        sa.select(
            ArticleVote.article_id,
            sa.func.count().filter(ArticleVote.is_useful.is_(True)),
            sa.func.count().filter(ArticleVote.is_useful.is_(False)),
        )
        .where(ArticleVote.article_id.in_(ids))
        .group_by(ArticleVote.article_id)
    ).all()
    return {article_id: (useful, useless) for article_id, useful, useless in rows}


def comments_on(article: Article) -> list[ArticleVote]:
    """What readers missed, latest first."""
    rows = sa.select(ArticleVote).where(ArticleVote.article_id == article.id, ArticleVote.comment != "")
    return list(session.scalars(rows.order_by(ArticleVote.voted_at.desc()).limit(50)))


def vote_of(article: Article, user: User) -> ArticleVote | None:
    """What ``user`` said about an article."""
    return session.scalar(
        sa.select(ArticleVote).where(ArticleVote.article_id == article.id, ArticleVote.user_id == user.id)
    )
