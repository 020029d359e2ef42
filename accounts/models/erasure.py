"""Files of somebody's own data, and the one change that the audit trail allows: an erased person's name goes."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models.people import User
from core import clock
from core.activity import Activity
from core.database import Base
from core.triggers import refuse_when

EXPORT_LIFE = timedelta(days=7)


class DataExport(Base):
    """A file of everything held about a person, for whoever asked for it, for seven days."""

    __tablename__ = "accounts_data_export"

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    asked_at: Mapped[datetime]
    #: Whom it is about.
    email: Mapped[str] = mapped_column(index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts_user.id"), index=True)
    #: Empty until the worker has made it.
    storage_key: Mapped[str | None]
    made_at: Mapped[datetime | None] = mapped_column(index=True)
    records: Mapped[int] = mapped_column(default=0)

    asked_by: Mapped[User] = relationship(foreign_keys=[asked_by_id])

    @property
    def is_ready(self) -> bool:
        return self.made_at is not None and clock.now() - self.made_at < EXPORT_LIFE


_ERASED = "EXISTS (SELECT 1 FROM accounts_user WHERE erased_at IS NOT NULL AND id = {whose})"

refuse_when(
    Activity.__table__,  # type: ignore[arg-type]
    "UPDATE",
    "says_what_it_said",
    [
        (
            "the audit trail is append-only",
            "NEW.id <> OLD.id OR NEW.at <> OLD.at OR NEW.verb <> OLD.verb "
            "OR NEW.actor_id IS DISTINCT FROM OLD.actor_id OR NEW.subject_type <> OLD.subject_type "
            "OR NEW.subject_id IS DISTINCT FROM OLD.subject_id OR NEW.partner_id IS DISTINCT FROM OLD.partner_id",
        ),
        (
            "the audit trail keeps who did it until their data is erased",
            "(NEW.actor_name <> OLD.actor_name OR NEW.address IS DISTINCT FROM OLD.address) "
            f"AND NOT {_ERASED.format(whose='OLD.actor_id')}",
        ),
        (
            "the audit trail keeps its details until their person is erased",
            "CAST(NEW.details AS TEXT) <> CAST(OLD.details AS TEXT) "
            f"AND NOT (OLD.subject_type = 'user' AND {_ERASED.format(whose='OLD.subject_id')})",
        ),
    ],
)
