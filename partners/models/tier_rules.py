"""What each tier asks for, in versions: a published one never changes."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.database import Base
from core.errors import Refusal
from core.i18n import gettext as _
from core.triggers import refuse_when
from partners.models.catalogue import Tier
from partners.tiers.windows import Comparison, Per, Span, Window


class RulesStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class TierRules(Base):
    """A version of what the tiers ask for. At most one is a draft, and at most one is in force.

    A tier above the lowest that asks for nothing is given by hand only.
    """

    __tablename__ = "partners_tier_rules"
    __table_args__ = tuple(
        sa.Index(
            f"uq_partners_tier_rules_{status}",
            "status",
            unique=True,
            sqlite_where=sa.text(f"status = '{status}'"),
            postgresql_where=sa.text(f"status = '{status}'"),
        )
        for status in ("draft", "published")
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    status: Mapped[RulesStatus]
    note: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_by_name: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime | None]
    published_by_name: Mapped[str] = mapped_column(default="")

    requirements: Mapped[list["TierRequirement"]] = relationship(
        order_by="TierRequirement.position", back_populates="rules", cascade="all, delete-orphan"
    )

    @property
    def is_draft(self) -> bool:
        return self.status is RulesStatus.DRAFT

    def check_is_draft(self) -> None:
        """Raises Refusal for a version that was published."""
        if not self.is_draft:
            raise Refusal(_("A published version does not change. Make a new one."))


class TierRequirement(Base):
    """One thing a tier asks for: a measure over a window, compared with a value.

    ``value`` is in the measure's own unit: minor units of the programme's currency, a count, hundredths of a per cent,
    minutes, or hundredths of a star. *Per person* multiplies it by the firm's people.
    """

    __tablename__ = "partners_tier_requirement"
    __table_args__ = (
        sa.CheckConstraint("value >= 0", name="value_not_below_zero"),
        sa.CheckConstraint("(\"window\" = 'rolling') = (days IS NOT NULL)", name="days_of_a_rolling_window"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    rules_id: Mapped[int] = mapped_column(sa.ForeignKey("partners_tier_rules.id"), index=True)
    tier: Mapped[str] = mapped_column(sa.ForeignKey("partners_tier.code"), index=True)
    position: Mapped[int]
    measure: Mapped[str]
    #: For certified people: of which course; empty: of any.
    course: Mapped[str] = mapped_column(default="")
    window: Mapped[Window]
    days: Mapped[int | None]
    comparison: Mapped[Comparison]
    value: Mapped[int]
    per: Mapped[Per]

    rules: Mapped[TierRules] = relationship(back_populates="requirements")
    tier_row: Mapped[Tier] = relationship()

    @property
    def span(self) -> Span:
        """The window it looks at."""
        return Span(self.window, self.days)

    @property
    def subject(self) -> tuple[str, str, Span]:
        """What is to be measured for it: requirements that share it are measured once."""
        return self.measure, self.course, self.span


_RULES: sa.Table = TierRules.__table__  # type: ignore[assignment]
_REQUIREMENT: sa.Table = TierRequirement.__table__  # type: ignore[assignment]
refuse_when(
    _RULES,
    "UPDATE",
    "stays_as_published",
    [
        (
            "published tier rules are only superseded",
            "OLD.status <> 'draft' AND (NEW.number <> OLD.number OR NEW.note <> OLD.note "
            "OR NEW.status = 'draft' OR (OLD.status = 'superseded' AND NEW.status <> 'superseded'))",
        )
    ],
)
refuse_when(_RULES, "DELETE", "stays", [("published tier rules stay", "OLD.status <> 'draft'")])
_OF_A_DRAFT = "NOT EXISTS (SELECT 1 FROM partners_tier_rules WHERE id = {0}.rules_id AND status = 'draft')"
for _deed, _row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
    refuse_when(
        _REQUIREMENT,
        _deed,
        f"{_deed.lower()}_in_a_draft",
        [("requirements change in a draft only", _OF_A_DRAFT.format(_row))],
    )
