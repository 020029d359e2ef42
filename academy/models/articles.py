"""The knowledge base: short answers by product and language, and whether they were useful."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from academy.models.editions import Edition, edition_of
from core.database import Base


class Article(Base):
    """One answer. ``words`` are the words of all editions, for the search, each once with a space around it."""

    __tablename__ = "academy_article"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    product_codes: Mapped[list[str]] = mapped_column(default=list)
    #: ``{"en": {"title": …, "text": Markdown, "revised_at": …}, …}``
    editions: Mapped[dict[str, Any]]
    words: Mapped[str]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    published_at: Mapped[datetime | None]

    @property
    def edition(self) -> Edition:
        return edition_of(self.editions)

    @property
    def title(self) -> str:
        return str(self.edition["title"])


class ArticleVote(Base):
    """Whether an article was useful to somebody; their last word counts."""

    __tablename__ = "academy_article_vote"
    __table_args__ = (sa.UniqueConstraint("article_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("academy_article.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    is_useful: Mapped[bool]
    comment: Mapped[str] = mapped_column(default="")
    voted_at: Mapped[datetime]
