"""Forms that wait while their sender is elsewhere."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base


class WaitingForm(Base):
    """A form whose sender is at the identity provider to show once more who they are; one for a session.

    A page cannot carry it there and back. It is sealed (:mod:`accounts.held`) and gone as soon as they are back.
    """

    __tablename__ = "accounts_waiting_form"

    sign_in_id: Mapped[int] = mapped_column(
        sa.ForeignKey("accounts_sign_in.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    sealed: Mapped[str]
    kept_at: Mapped[datetime] = mapped_column(index=True)
