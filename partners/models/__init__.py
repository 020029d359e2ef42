"""Firms and what ties them to the programme: application, agreement, tier, members; and what the vendor sells."""

from partners.models.agreements import Agreement, AgreementAcceptance, hash_of_texts
from partners.models.announcements import Announcement, AnnouncementReading
from partners.models.applications import (
    UNDECIDED,
    WITH_THE_VENDOR,
    Application,
    ApplicationNote,
    ApplicationStatus,
    HeardFrom,
    RejectionReason,
)
from partners.models.catalogue import LineKind, Product, Question, Recurrence, Service, Tier, Unit
from partners.models.contacts import Contact, ContactKind
from partners.models.development import DevelopmentGoal, DevelopmentPlan, GoalKind, PlanStatus
from partners.models.documents import Document, DocumentKind
from partners.models.finder import FinderEntry
from partners.models.firms import INDUSTRIES, LANGUAGES, PAID, Member, Partner, PartnerStatus, PartnerType
from partners.models.invitations import INVITATION_LIFE, Invitation
from partners.models.messages import Message, Thread, ThreadPerson, ThreadReading
from partners.models.networks import NetworkExport, NetworkImport
from partners.models.resources import Resource, ResourceDownload, ResourceKind
from partners.models.scores import Score
from partners.models.standing import (
    DecisionKind,
    HoldKind,
    TierDecision,
    TierDryRun,
    TierDryRunRow,
    TierEvaluation,
    TierGrace,
    TierHold,
    TierRun,
)
from partners.models.stories import Story, StoryStatus
from partners.models.tier_rules import RulesStatus, TierRequirement, TierRules

__all__ = [
    "INDUSTRIES",
    "INVITATION_LIFE",
    "LANGUAGES",
    "PAID",
    "UNDECIDED",
    "WITH_THE_VENDOR",
    "Agreement",
    "AgreementAcceptance",
    "Announcement",
    "AnnouncementReading",
    "Application",
    "ApplicationNote",
    "ApplicationStatus",
    "Contact",
    "ContactKind",
    "DecisionKind",
    "DevelopmentGoal",
    "DevelopmentPlan",
    "Document",
    "DocumentKind",
    "FinderEntry",
    "GoalKind",
    "HeardFrom",
    "HoldKind",
    "Invitation",
    "LineKind",
    "Member",
    "Message",
    "NetworkExport",
    "NetworkImport",
    "Partner",
    "PartnerStatus",
    "PartnerType",
    "PlanStatus",
    "Product",
    "Question",
    "Recurrence",
    "RejectionReason",
    "Resource",
    "ResourceDownload",
    "ResourceKind",
    "RulesStatus",
    "Score",
    "Service",
    "Story",
    "StoryStatus",
    "Thread",
    "ThreadPerson",
    "ThreadReading",
    "Tier",
    "TierDecision",
    "TierDryRun",
    "TierDryRunRow",
    "TierEvaluation",
    "TierGrace",
    "TierHold",
    "TierRequirement",
    "TierRules",
    "TierRun",
    "Unit",
    "hash_of_texts",
]
