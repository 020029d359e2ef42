"""What commissions hold about people: what they asked about earnings. The books themselves know firms, not people."""

from typing import Any

import sqlalchemy as sa

from commissions.models import Dispute, DisputeMessage, SaleImport
from core.i18n import lazy_gettext as _l
from core.imports import keep_files_for_a_time
from core.personal_data import Holding, Person, holds


def _disputes(person: Person) -> sa.Select[*tuple[Any, ...]] | None:
    if person.user_id is None:
        return None
    return (
        sa.select(Dispute.id.label("dispute"), DisputeMessage.at, DisputeMessage.text)
        .join(DisputeMessage, DisputeMessage.dispute_id == Dispute.id)
        .where(DisputeMessage.author_id == person.user_id)
        .order_by(DisputeMessage.id)
    )


holds(
    Holding(
        "disputes", _l("Questions about earnings"), _disputes,
        kept=_l("They belong to the books, which stay as they are: amounts, and who by number."),
    )
)  # fmt: skip

keep_files_for_a_time("sale_files", SaleImport, _l("Files of sales that were brought in"))
