"""Success stories: firms write them, the vendor publishes them, everybody reads them in the finder."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup

from accounts.access import public, requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import gettext as _
from core.pagination import paginate
from core.slots import fills, rendered
from partners import operations, queries
from partners.forms.stories import ReturnForm, StoryForm
from partners.models import Partner, Story
from partners.queries import stories as asked
from partners.views import partners


def _story(number: int) -> Story:
    rows = asked.stories_visible_to(signed_in_user()).where(Story.id == number)
    return session.scalar(rows) or abort(404)


@partners.get("/stories")
@requires(Permission.FIRM_READ)
def stories() -> Any:
    """Our stories and where each stands."""
    page = paginate(asked.stories_visible_to(signed_in_user()))
    return render_template("partners/stories/stories.html", page=page, by_staff=False)


@partners.route("/stories/new", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
def new_story() -> Any:
    """A draft."""
    return _edited(None)


@partners.route("/stories/<int:story_id>", methods=["GET", "POST"])
@requires(Permission.FIRM_MANAGE)
def story(story_id: int) -> Any:
    """A draft goes on, is kept or sent to the vendor; what was sent is read."""
    return _edited(_story(story_id))


@partners.post("/stories/<int:story_id>/withdrawal")
@requires(Permission.FIRM_MANAGE)
def story_withdrawal(story_id: int) -> Any:
    """Nobody reads it any more."""
    operations.withdraw_story(_story(story_id), by=signed_in_user())
    flash(_("Withdrawn."), "good")
    return redirect(url_for("partners.stories"))


@partners.get("/staff/stories")
@requires(Permission.PARTNERS_READ)
def staff_stories() -> Any:
    """Every story that was sent."""
    page = paginate(asked.stories_visible_to(signed_in_user()))
    return render_template("partners/stories/stories.html", page=page, by_staff=True)


@partners.get("/staff/stories/<int:story_id>")
@requires(Permission.PARTNERS_READ)
def staff_story(story_id: int) -> Any:
    """One of them with the consent it rests on."""
    return render_template("partners/stories/staff_story.html", story=_story(story_id), form=ReturnForm())


@partners.post("/staff/stories/<int:story_id>/publication")
@requires(Permission.PARTNERS_WRITE)
def story_publication(story_id: int) -> Any:
    """It stands in the finder from now on."""
    operations.publish_story(_story(story_id), by=signed_in_user())
    flash(_("Published in the finder."), "good")
    return redirect(url_for("partners.staff_story", story_id=story_id))


@partners.post("/staff/stories/<int:story_id>/return")
@requires(Permission.PARTNERS_WRITE)
def story_return(story_id: int) -> Any:
    """Back to the firm, with a reason."""
    row, form = _story(story_id), ReturnForm()
    if form.was_sent_and_holds():
        try:
            operations.return_story(row, reason=form.reason.data, by=signed_in_user())
            flash(_("Given back to the firm."), "good")
            return redirect(url_for("partners.staff_stories"))
        except InvalidInput as problem:
            form.complain(problem)
    return render_template("partners/stories/staff_story.html", story=row, form=form), form.status


@partners.post("/staff/stories/<int:story_id>/withdrawal")
@requires(Permission.PARTNERS_WRITE)
def staff_story_withdrawal(story_id: int) -> Any:
    """The customer, or we, wish so."""
    operations.withdraw_story(_story(story_id), by=signed_in_user())
    flash(_("Withdrawn: nobody reads it any more."), "good")
    return redirect(url_for("partners.staff_stories"))


@partners.get("/finder/stories/<int:story_id>")
@public
def public_story(story_id: int) -> Any:
    """A story for everybody."""
    row = session.scalar(asked.published_stories().where(Story.id == story_id)) or abort(404)
    return render_template("partners/stories/public_story.html", story=row)


@fills("partners.finder.partner")
def stories_of_the_firm(partner: Partner) -> Markup | None:
    """In the finder: what this firm did for customers."""
    rows = session.scalars(asked.published_stories(partner.id).limit(6)).all()
    return rendered("partners/stories/_of_firm.html", stories=rows) if rows else None


def _edited(row: Story | None) -> Any:
    firm = queries.partner_of(signed_in_user()) or abort(404)
    if row is not None and not row.may_be_edited:
        return render_template("partners/stories/story.html", story=row, form=None)
    form, sends = StoryForm(row), "send" in request.form
    if form.was_sent_and_holds():
        try:
            if sends:
                form.check_consent()
            saved = operations.save_story(firm, row, **form.answers(), by=signed_in_user())
            if sends:
                operations.submit_story(saved, by=signed_in_user())
            flash(
                _("Sent. You get a mail when it is published.") if sends else _("Saved as a draft."), "good"
            )
            return redirect(url_for("partners.story", story_id=saved.id))
        except InvalidInput as problem:
            form.complain(problem)
    return render_template("partners/stories/story.html", story=row, form=form), form.status
