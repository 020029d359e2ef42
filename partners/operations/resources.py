"""Files for partners: added, renewed, retired, taken."""

from collections.abc import Sequence

import filetype

from accounts.models import User
from core import clock, storage, uploads
from core.database import lock, session
from core.errors import InvalidInput, Refusal
from core.i18n import gettext as _
from core.signals import announce
from partners import signals
from partners.models import Partner, Resource, ResourceDownload, ResourceKind

#: Beside PDF and pictures: what offices write, told by content.
OFFICE = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

#: The endings of PDF and pictures.
PLAIN = {ending for endings in uploads.EXTENSIONS.values() for ending in endings}


def save_resource(
    resource: Resource | None = None,
    *,
    kind: ResourceKind | str,
    title: str,
    title_ru: str = "",
    language: str = "",
    tiers: Sequence[str] = (),
    co_branded: bool = False,
    upload: tuple[bytes, str] | None,
    by: User,
) -> Resource:
    """Adds a file, or changes one; with another ``upload`` (content, name) it is its next version.

    Raises InvalidInput at ``upload`` for a missing or refused file, at ``co_branded`` when it is no PDF.
    """
    if resource is None and upload is None:
        raise InvalidInput({"upload": _("Choose a file.")})
    if resource is None:
        resource = Resource(version=0)
    else:
        lock(resource)
    if upload is not None:
        content, content_type, name = _checked(*upload)
        if resource.storage_key:
            uploads.forget_later(resource.storage_key)
        resource.storage_key = storage.keep(content, folder="resources")
        resource.file_name, resource.content_type, resource.size = name, content_type, len(content)
        resource.version += 1
    if co_branded and resource.content_type != "application/pdf":
        raise InvalidInput({"co_branded": _("Only a PDF can carry the partner's logo.")})
    resource.kind, resource.title, resource.title_ru = ResourceKind(kind), title.strip(), title_ru.strip()
    resource.language, resource.tiers, resource.co_branded = language, [*tiers], co_branded
    resource.changed_at, resource.changed_by_name = clock.now(), by.name
    session.add(resource)
    session.flush()
    announce(signals.ResourceSaved(resource, by, version=resource.version))
    return resource


def _checked(content: bytes, name: str) -> tuple[bytes, str, str]:
    """The file as it may be kept: its content, type and name. Raises InvalidInput at ``upload``."""
    extension = name.rpartition(".")[2].lower()
    if extension in OFFICE:
        if len(content) > uploads.MOST_BYTES:
            raise InvalidInput({"upload": _("The file is larger than %(most)s MB.", most=10)})
        found = filetype.guess(content)
        if found is None or found.extension != extension:
            raise InvalidInput(
                {"upload": _("The content is not what its name says. Save it again and upload that.")}
            )
        return content, OFFICE[extension], uploads.tidy_name(name)
    if extension not in PLAIN:
        sentence = _("Choose a PDF, a picture (JPEG, PNG, HEIC) or an Office file (DOCX, PPTX, XLSX).")
        raise InvalidInput({"upload": sentence})
    try:
        file = uploads.check_file(content, name)
    except uploads.RefusedFile as refused:
        raise InvalidInput({"upload": str(refused)}) from None
    return file.content, file.content_type, file.name


def retire_resource(resource: Resource, *, by: User) -> None:
    """Partners no longer see it."""
    lock(resource)
    if resource.retired_at is not None:
        raise Refusal(_("This file is retired already."))
    resource.retired_at = clock.now()
    announce(signals.ResourceRetired(resource, by))


def note_download(resource: Resource, partner: Partner, *, by: User) -> None:
    """Keeps that the firm took this version."""
    session.add(
        ResourceDownload(
            resource_id=resource.id,
            partner_id=partner.id,
            user_id=by.id,
            version=resource.version,
            at=clock.now(),
        )
    )
