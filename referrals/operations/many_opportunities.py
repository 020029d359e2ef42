"""Companies that the vendor talks to itself, from a file: all of them or none."""

from datetime import date

from accounts.models import User
from core.activity import Actor
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.sheets import Column, Problem, Problems, Record, RefusedSheet, guessed, open_sheet, records
from referrals.operations.opportunities import OpportunityData, keep_opportunity
from referrals.queries.opportunities import who_may_be_responsible

#: Taken in while somebody waits; a CRM's list of open opportunities is shorter.
MOST_COMPANIES = 1000


class WrongRows(Exception):
    """Some rows cannot be taken in, and so none is; ``found`` says which and why."""

    def __init__(self, found: Problems) -> None:
        super().__init__(found.count)
        self.found = found

    @property
    def first(self) -> list[Problem]:
        """As many as are kept, in the order of the rows."""
        return self.found.kept


def opportunity_columns() -> list[Column]:
    """What a file may say of a company, in the reader's language."""
    return [
        Column(
            "company", _("Company"), ("organisation", "organization", "account", "name", "компания"), True
        ),
        Column("website", _("Website"), ("site", "url", "domain", "сайт")),
        Column("tax_id", _("Tax number"), ("vat", "vat id", "tax id", "инн")),
        Column("country", _("Country"), ("страна",)),
        Column("responsible", _("Who talks to them"), ("owner", "email", "responsible", "ответственный")),
        Column("until", _("Until"), ("close date", "ends", "до"), hint=_("A day, as 2026-03-01.")),
        Column("note", _("Note"), ("comment", "комментарий")),
    ]


def keep_opportunities(content: bytes, *, responsible: User, until: date, by: Actor | None) -> int:
    """Takes in every row and tells how many. ``responsible`` and ``until`` hold for rows that name none.

    Raises InvalidInput at ``file`` for one that cannot be read, :class:`WrongRows` when a row cannot be taken; whoever
    called then undoes the rest.
    """
    try:
        sheet = open_sheet(content)
        count = sheet.count
    except RefusedSheet as refused:
        raise InvalidInput({"file": str(refused)}) from refused
    if not 1 <= count <= MOST_COMPANIES:
        sentence = _(
            "A file can have 1 to %(most)s rows; this one has %(count)s.", most=MOST_COMPANIES, count=count
        )
        raise InvalidInput({"file": sentence})
    places = guessed(sheet.header, opportunity_columns())
    if "company" not in places:
        raise InvalidInput({"file": _("The file has no column “Company”.")})
    people = {person.email: person for person in who_may_be_responsible()}
    found, usual = Problems(), OpportunityData(company="", responsible=responsible, until=until)
    for record in records(sheet, places):
        try:
            keep_opportunity(_read(record, people, usual), by=by)
        except InvalidInput as problem:
            for column, said in problem.problems.items():
                found.add(record.number, column, said)
        except Refusal as refused:
            found.add(record.number, None, str(refused))
    if found:
        raise WrongRows(found)
    return count


def _read(record: Record, people: dict[str, User], usual: OpportunityData) -> OpportunityData:
    """A row. Raises InvalidInput at the columns that cannot be read."""
    problems: dict[str, str] = {}
    responsible: User | None = usual.responsible
    if email := record.get("responsible").lower():
        responsible = people.get(email)
        if responsible is None:
            problems["responsible"] = _(
                "None of the vendor's people who decide about leads has this address."
            )
    until = usual.until
    if record.get("until"):
        try:
            until = date.fromisoformat(record.get("until"))
        except ValueError:
            problems["until"] = _("Type a day, such as 2026-03-01.")
    if problems or responsible is None:
        raise InvalidInput(problems)
    said = {name: record.get(name) for name in ("company", "website", "tax_id", "country", "note")}
    return OpportunityData(responsible=responsible, until=until, **said)
