"""What people type about budgets, requests, events and claims; one module a subject."""

from events.forms.claims import AppealForm, JudgementForm, LineForm, ProofForm
from events.forms.fields import checked_upload
from events.forms.gatherings import (
    CheckInForm,
    EventForm,
    GuestForm,
    JoiningAnswerForm,
    JoiningForm,
    event_values,
)
from events.forms.money import AllocationForm, BudgetForm, PlanForm, RateForm, RatesFileForm
from events.forms.requests import ApprovalForm, QuestionForm, ReasonForm, RequestForm

__all__ = [
    "AllocationForm",
    "AppealForm",
    "ApprovalForm",
    "BudgetForm",
    "CheckInForm",
    "EventForm",
    "GuestForm",
    "JoiningAnswerForm",
    "JoiningForm",
    "JudgementForm",
    "LineForm",
    "PlanForm",
    "ProofForm",
    "QuestionForm",
    "RateForm",
    "RatesFileForm",
    "ReasonForm",
    "RequestForm",
    "checked_upload",
    "event_values",
]
