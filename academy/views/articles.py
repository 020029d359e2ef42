"""The knowledge base: found, read, found useful or not, written."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from academy import operations, queries
from academy.forms import ArticleForm, VoteForm, gathered
from academy.models import Article
from academy.views import academy
from academy.views.learners import product_names
from academy.views.texts import as_html
from accounts.access import requires, signed_in_user
from accounts.permissions import Permission
from core.database import session
from core.errors import InvalidInput
from core.i18n import LOCALES
from core.i18n import gettext as _
from core.pagination import paginate
from partners.queries import products


def _article_or_404(slug: str) -> Article:
    found: Article = session.scalar(
        queries.articles_visible_to(signed_in_user()).where(Article.slug == slug)
    ) or abort(404)
    return found


@academy.get("/academy/answers")
@requires(Permission.COURSES_LEARN)
def articles() -> Any:
    """Every answer, by words, product and language, all in the address."""
    rows = queries.articles_found(
        queries.articles_visible_to(signed_in_user()), operations.words_of(request.args.get("q", ""))
    )
    product, locale = request.args.get("product", ""), request.args.get("language", "")
    if product:
        rows = queries.articles_about(rows, product)
    if locale in LOCALES:
        rows = queries.articles_in(rows, locale)
    page = paginate(rows)
    return render_template(
        "academy/articles.html",
        page=page,
        votes=queries.votes_by_article([row.id for row in page.items]),
        product_names=product_names,
        products=products(),
    )


@academy.get("/academy/answers/<slug>")
@requires(Permission.COURSES_LEARN)
def article(slug: str) -> Any:
    """An answer, and whether it was useful."""
    row = _article_or_404(slug)
    person = signed_in_user()
    return render_template(
        "academy/article.html",
        article=row,
        body=as_html(row.edition["text"], None),
        vote=queries.vote_of(row, person),
        votes=queries.votes_by_article([row.id]).get(row.id, (0, 0)),
        comments=queries.comments_on(row) if person.may(Permission.COURSES_WRITE) else [],
        form=VoteForm(formdata=None),
        product_names=product_names,
    )


@academy.post("/academy/answers/<slug>/vote/<word>")
@requires(Permission.COURSES_LEARN)
def article_vote(slug: str, word: str) -> Any:
    """Useful, or not and why."""
    row = _article_or_404(slug)
    if word not in {"yes", "no"}:
        abort(404)
    operations.vote(
        row, is_useful=word == "yes", comment=request.form.get("comment", ""), by=signed_in_user()
    )
    flash(_("Thank you. The authors see it."), "good")
    return redirect(url_for("academy.article", slug=slug))


@academy.route("/staff/answers/new", methods=["GET", "POST"])
@requires(Permission.COURSES_WRITE)
def new_article() -> Any:
    """Writes an answer."""
    return _article_form(None)


@academy.route("/staff/answers/<slug>", methods=["GET", "POST"])
@requires(Permission.COURSES_WRITE)
def article_change(slug: str) -> Any:
    """Changes an answer."""
    return _article_form(_article_or_404(slug))


def _article_form(row: Article | None) -> Any:
    form = ArticleForm.of(row, products())
    if form.was_sent_and_holds():
        try:
            saved = operations.save_article(
                row,
                slug=form.slug.data,
                product_codes=form.products.data,
                texts=gathered(form, ("title", "text")),
                is_published=form.is_published.data,
                by=signed_in_user(),
            )
        except InvalidInput as problem:
            form.complain(problem)
        else:
            flash(_("Saved."), "good")
            return redirect(url_for("academy.article", slug=saved.slug))
    return render_template("academy/staff/article.html", form=form, article=row), form.status
