"""Who may do what: every permission, every role, every API scope, and the matrix between them, on one page."""

from enum import StrEnum
from typing import Any

from core.i18n import lazy_gettext


class Permission(StrEnum):
    """``<domain>:<thing>:<verb>``."""

    # accounts
    PEOPLE_MANAGE = "accounts:person:manage"
    KEYS_MANAGE = "accounts:key:manage"
    SETTINGS_CHANGE = "accounts:setting:change"
    ACTIVITY_READ = "accounts:activity:read"
    JOBS_MANAGE = "accounts:job:manage"
    STAFF_PAGES = "accounts:staff-page:read"
    PORTAL_VIEW_AS = "accounts:portal:view-as"
    WEBHOOKS_MANAGE = "accounts:webhook:manage"

    # partners
    APPLICATIONS_WRITE = "partners:application:write"
    APPLICATIONS_REVIEW = "partners:application:review"
    PARTNERS_READ = "partners:partner:read"
    PARTNERS_WRITE = "partners:partner:write"
    AGREEMENTS_PUBLISH = "partners:agreement:publish"
    CATALOGUE_MANAGE = "partners:catalogue:manage"
    FIRM_READ = "partners:firm:read"
    FIRM_MANAGE = "partners:firm:manage"
    AGREEMENT_ACCEPT = "partners:agreement:accept"
    MESSAGES_WRITE = "partners:message:write"
    ANNOUNCEMENTS_WRITE = "partners:announcement:write"
    RESOURCES_WRITE = "partners:resource:write"
    DOCUMENTS_READ = "partners:document:read"
    DOCUMENTS_WRITE = "partners:document:write"
    NETWORK_EXPORT = "partners:network:export"

    # referrals
    LEADS_READ = "referrals:lead:read"
    LEADS_WRITE = "referrals:lead:write"
    LEADS_CLAIM = "referrals:lead:claim"
    LEADS_TRIAGE = "referrals:lead:triage"
    ROUTING_READ = "referrals:routing:read"
    POLICIES_WRITE = "referrals:policy:write"
    DEALS_READ = "referrals:deal:read"
    DEALS_WORK = "referrals:deal:work"
    DEALS_REVIEW = "referrals:deal:review"
    CONFLICTS_READ = "referrals:conflict:read"
    OPPORTUNITIES_READ = "referrals:opportunity:read"
    OPPORTUNITIES_WRITE = "referrals:opportunity:write"
    CUSTOMERS_READ = "referrals:customer:read"
    SALES_READ = "referrals:sale:read"
    SALES_WRITE = "referrals:sale:write"

    # commissions
    PLANS_READ = "commissions:plan:read"
    PLANS_WRITE = "commissions:plan:write"
    EARNINGS_READ = "commissions:earning:read"
    BALANCES_READ = "commissions:balance:read"
    LEDGER_READ = "commissions:ledger:read"
    DISPUTES_OPEN = "commissions:dispute:open"
    DISPUTES_DECIDE = "commissions:dispute:decide"
    PROFILE_MANAGE = "commissions:payout-profile:manage"
    RUNS_READ = "commissions:payout-run:read"
    RUNS_PROPOSE = "commissions:payout-run:propose"
    RUNS_APPROVE = "commissions:payout-run:approve"

    # academy
    COURSES_LEARN = "academy:course:learn"
    COURSES_WRITE = "academy:course:write"
    TEAM_PROGRESS_READ = "academy:team-progress:read"
    TEAM_ENROL = "academy:team:enrol"
    WORK_ASSESS = "academy:work:assess"
    WEBINARS_HOLD = "academy:webinar:hold"
    CERTIFICATES_READ = "academy:certificate:read"
    CERTIFICATES_REVOKE = "academy:certificate:revoke"

    # events
    FUNDING_READ = "events:funding:read"
    FUNDING_REQUEST = "events:funding:request"
    FUNDING_DECIDE = "events:funding:decide"
    BUDGETS_MANAGE = "events:budget:manage"
    RATES_MANAGE = "events:exchange-rate:manage"


P = Permission


class Role(StrEnum):
    """What somebody is in the programme: four roles at a partner, six at the vendor, one for machines."""

    PARTNER_ADMIN = "partner_admin"
    SELLER = "seller"
    ENGINEER = "engineer"
    PARTNER_FINANCE = "partner_finance"

    PARTNER_MANAGER = "partner_manager"
    FINANCE = "finance"
    AUTHOR = "author"
    EXAMINER = "examiner"
    PROGRAMME_ADMIN = "programme_admin"

    MACHINE = "machine"

    @property
    def is_staff(self) -> bool:
        """Works for the vendor."""
        return self in STAFF_ROLES

    @property
    def label(self) -> Any:
        """The role's name for people."""
        return ROLE_LABELS[self]


PARTNER_ROLES = (Role.PARTNER_ADMIN, Role.SELLER, Role.ENGINEER, Role.PARTNER_FINANCE)
STAFF_ROLES = (Role.PARTNER_MANAGER, Role.FINANCE, Role.AUTHOR, Role.EXAMINER, Role.PROGRAMME_ADMIN)

ROLE_LABELS: dict[Role, Any] = {
    Role.PARTNER_ADMIN: lazy_gettext("Partner admin"),
    Role.SELLER: lazy_gettext("Seller"),
    Role.ENGINEER: lazy_gettext("Engineer"),
    Role.PARTNER_FINANCE: lazy_gettext("Partner finance"),
    Role.PARTNER_MANAGER: lazy_gettext("Partner manager"),
    Role.FINANCE: lazy_gettext("Finance"),
    Role.AUTHOR: lazy_gettext("Author"),
    Role.EXAMINER: lazy_gettext("Examiner"),
    Role.PROGRAMME_ADMIN: lazy_gettext("Programme admin"),
    Role.MACHINE: lazy_gettext("Machine"),
}

_MEMBER = {P.FIRM_READ, P.MESSAGES_WRITE, P.COURSES_LEARN, P.CERTIFICATES_READ}
_SELLING = {
    P.LEADS_READ, P.LEADS_CLAIM, P.DEALS_READ, P.DEALS_WORK, P.CUSTOMERS_READ, P.EARNINGS_READ, P.PLANS_READ,
    P.FUNDING_READ, P.FUNDING_REQUEST, P.DISPUTES_OPEN,
}  # fmt: skip
_STAFF = {P.STAFF_PAGES, P.MESSAGES_WRITE, P.PARTNERS_READ, P.COURSES_LEARN, P.CERTIFICATES_READ}
_LOOKING = {
    P.LEADS_READ, P.DEALS_READ, P.CUSTOMERS_READ, P.SALES_READ, P.ROUTING_READ, P.PLANS_READ, P.EARNINGS_READ,
    P.BALANCES_READ, P.LEDGER_READ, P.RUNS_READ, P.FUNDING_READ, P.CONFLICTS_READ, P.ACTIVITY_READ,
    P.OPPORTUNITIES_READ,
}  # fmt: skip

MATRIX: dict[Role, frozenset[Permission]] = {
    Role.PARTNER_ADMIN: frozenset(
        _MEMBER
        | _SELLING
        | {
            P.FIRM_MANAGE,
            P.AGREEMENT_ACCEPT,
            P.DOCUMENTS_READ,
            P.DOCUMENTS_WRITE,
            P.PROFILE_MANAGE,
            P.TEAM_PROGRESS_READ,
            P.TEAM_ENROL,
        }
    ),
    Role.SELLER: frozenset(_MEMBER | _SELLING),
    Role.ENGINEER: frozenset(_MEMBER | {P.LEADS_READ, P.DEALS_READ, P.CUSTOMERS_READ}),
    Role.PARTNER_FINANCE: frozenset(
        _MEMBER
        | {
            P.DOCUMENTS_READ,
            P.EARNINGS_READ,
            P.PLANS_READ,
            P.PROFILE_MANAGE,
            P.FUNDING_READ,
            P.DISPUTES_OPEN,
        }
    ),
    Role.PARTNER_MANAGER: frozenset(
        _STAFF
        | _LOOKING
        | {
            P.APPLICATIONS_REVIEW,
            P.PARTNERS_WRITE,
            P.ANNOUNCEMENTS_WRITE,
            P.RESOURCES_WRITE,
            P.DOCUMENTS_READ,
            P.DOCUMENTS_WRITE,
            P.LEADS_WRITE,
            P.LEADS_TRIAGE,
            P.OPPORTUNITIES_WRITE,
            P.DEALS_REVIEW,
            P.PORTAL_VIEW_AS,
            P.RUNS_APPROVE,
            P.DISPUTES_DECIDE,
            P.FUNDING_DECIDE,
            P.TEAM_PROGRESS_READ,
        }
    ),
    Role.FINANCE: frozenset(
        _STAFF
        | _LOOKING
        | {
            P.DOCUMENTS_READ,
            P.DOCUMENTS_WRITE,
            P.RUNS_PROPOSE,
            P.RATES_MANAGE,
            P.SALES_WRITE,
            P.DISPUTES_DECIDE,
        }
    ),
    Role.AUTHOR: frozenset(_STAFF | {P.COURSES_WRITE, P.WEBINARS_HOLD}),
    Role.EXAMINER: frozenset(_STAFF | {P.TEAM_PROGRESS_READ, P.WORK_ASSESS, P.WEBINARS_HOLD}),
    Role.PROGRAMME_ADMIN: frozenset(
        _STAFF
        | _LOOKING
        | {
            P.PEOPLE_MANAGE,
            P.KEYS_MANAGE,
            P.SETTINGS_CHANGE,
            P.JOBS_MANAGE,
            P.PORTAL_VIEW_AS,
            P.WEBHOOKS_MANAGE,
            P.APPLICATIONS_REVIEW,
            P.PARTNERS_WRITE,
            P.ANNOUNCEMENTS_WRITE,
            P.RESOURCES_WRITE,
            P.DOCUMENTS_READ,
            P.DOCUMENTS_WRITE,
            P.AGREEMENTS_PUBLISH,
            P.NETWORK_EXPORT,
            P.CATALOGUE_MANAGE,
            P.LEADS_WRITE,
            P.LEADS_TRIAGE,
            P.OPPORTUNITIES_WRITE,
            P.POLICIES_WRITE,
            P.DEALS_REVIEW,
            P.SALES_WRITE,
            P.PLANS_WRITE,
            P.DISPUTES_DECIDE,
            P.FUNDING_DECIDE,
            P.BUDGETS_MANAGE,
            P.RATES_MANAGE,
            P.COURSES_WRITE,
            P.WORK_ASSESS,
            P.WEBINARS_HOLD,
            P.TEAM_PROGRESS_READ,
            P.CERTIFICATES_REVOKE,
        }
    ),
    Role.MACHINE: frozenset(),
}

SCOPES: dict[str, frozenset[Permission]] = {
    "leads:write": frozenset({P.LEADS_WRITE, P.LEADS_CLAIM}),
    "leads:read": frozenset({P.LEADS_READ, P.ROUTING_READ}),
    "deals:write": frozenset({P.DEALS_WORK, P.DEALS_READ}),
    "conflicts:read": frozenset({P.CONFLICTS_READ}),
    "opportunities:read": frozenset({P.OPPORTUNITIES_READ}),
    "opportunities:write": frozenset({P.OPPORTUNITIES_READ, P.OPPORTUNITIES_WRITE}),
    "sales:write": frozenset({P.SALES_WRITE}),
    "sales:read": frozenset({P.SALES_READ}),
    "partners:read": frozenset({P.PARTNERS_READ}),
    "partners:write": frozenset({P.PARTNERS_WRITE}),
    "applications:write": frozenset({P.APPLICATIONS_WRITE}),
    "plans:write": frozenset({P.PLANS_WRITE, P.PLANS_READ}),
    "balances:read": frozenset({P.BALANCES_READ}),
    "payouts:read": frozenset({P.RUNS_READ}),
    "disputes:read": frozenset({P.EARNINGS_READ}),
    "disputes:write": frozenset({P.EARNINGS_READ, P.DISPUTES_OPEN}),
    "disputes:decide": frozenset({P.EARNINGS_READ, P.DISPUTES_DECIDE}),
    "certificates:read": frozenset({P.CERTIFICATES_READ}),
}


def scopes_granting(permission: Permission) -> list[str]:
    """The scopes of keys that open a door of ``permission``, by name."""
    return sorted(scope for scope, granted in SCOPES.items() if permission in granted)
