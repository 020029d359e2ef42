"""The key that the programme signs its certificates with."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from core.triggers import refuse_when


class SigningKey(Base):
    """A key pair of the programme. One is in use; those before it stay, so that what they signed can be verified.

    ``name`` is the public key's thumbprint (RFC 7638). The private key lies encrypted under the installation's secret.
    """

    __tablename__ = "academy_signing_key"
    __table_args__ = (
        sa.Index(
            "uq_academy_signing_key_in_use",
            "purpose",
            unique=True,
            postgresql_where=sa.text("retired_at IS NULL"),
            sqlite_where=sa.text("retired_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(default="certificates")
    name: Mapped[str] = mapped_column(unique=True)
    public_key: Mapped[str]
    private_key: Mapped[str]
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


refuse_when(
    SigningKey.__table__,  # type: ignore[arg-type]
    "UPDATE",
    "stays_itself",
    [
        (
            "a signing key does not change",
            "OLD.name <> NEW.name OR OLD.public_key <> NEW.public_key OR OLD.private_key <> NEW.private_key "
            "OR OLD.created_at <> NEW.created_at",
        ),
        ("a retired signing key stays retired", "OLD.retired_at IS NOT NULL AND NEW.retired_at IS NULL"),
    ],
)
refuse_when(SigningKey.__table__, "DELETE", "stays", [("signing keys are kept", "1 = 1")])  # type: ignore[arg-type]
