"""Users, what proves that somebody is one, and what they are told."""

from accounts.models.erasure import EXPORT_LIFE, DataExport
from accounts.models.factors import AuthenticatorApp, Ceremony, Passkey, PasskeyChallenge, RecoveryCode
from accounts.models.notices import Notice, StoppedMail
from accounts.models.people import (
    FRESH_FOR,
    HALFWAY_FOR,
    KEY_PREFIX,
    SESSION_LENGTH,
    TOKEN_LIVES,
    ApiKey,
    OneTimeToken,
    SignIn,
    TokenPurpose,
    User,
    digest,
    new_secret,
)
from accounts.models.waiting import WaitingForm

__all__ = [
    "EXPORT_LIFE",
    "FRESH_FOR",
    "HALFWAY_FOR",
    "KEY_PREFIX",
    "SESSION_LENGTH",
    "TOKEN_LIVES",
    "ApiKey",
    "AuthenticatorApp",
    "Ceremony",
    "DataExport",
    "Notice",
    "OneTimeToken",
    "Passkey",
    "PasskeyChallenge",
    "RecoveryCode",
    "SignIn",
    "StoppedMail",
    "TokenPurpose",
    "User",
    "WaitingForm",
    "digest",
    "new_secret",
]
