"""A believable network for people who look around: each domain makes its own part, through its operations."""

import random
from importlib import import_module

PASSWORD = "demo demo demo 1"  # noqa: S105 - said on the screen of every demo

# From the ground up: who, what they learn, where they meet, the plan, the leads, the deals and sales, what came
# in today, the payouts.
CHAPTERS = (
    "accounts_legal",
    "partners",
    "academy",
    "events",
    "commissions_plans",
    "referrals_leads",
    "referrals_deals",
    "referrals_routing",
    "referrals_today",
    "referrals_ratings",
    "commissions_payouts",
    "commissions_disputes",
    "commissions_sale_reports",
    "partners_talk",
    "partners_resources",
    "partners_standing",
    "partners_people",
    "accounts_webhooks",
)


def make(*, partners: int, leads: int, sales: int, seed: int) -> None:
    """Tells the whole story; each chapter in a transaction of its own."""
    from core.database import transaction
    from referrals.operations.routing.seeds import seeds_from

    with seeds_from(random.Random(seed)):  # noqa: S311 - a story, not a secret
        for chapter in CHAPTERS:
            with transaction():
                import_module(f"demonstration.{chapter}").make_demo(
                    partners=partners, leads=leads, sales=sales, seed=seed
                )


def sign_ins() -> list[tuple[str, str]]:
    """Who of the partners' people can sign in: what they are, and their e-mail."""
    from demonstration import partners as firms

    return firms.sign_ins()
