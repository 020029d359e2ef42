"""Making partners qualified: courses to learn from, exams that mean something, certificates that can be checked.

A course has versions, a version has lessons and an exam drawn from a bank of questions, and passing brings a
certificate that belongs to the person. What a firm's active members are certified for, routing asks at every lead.
"""

from flask import Flask


def init_app(app: Flask) -> None:
    """Puts this domain on ``app``."""
    from academy import cli, menu, personal_data, publications, receivers, search, settings  # noqa: F401
    from academy.lesson_text import inline_html
    from academy.views import (  # noqa: F401
        academy,
        api,
        articles,
        authors,
        certificates,
        credentials,
        exams,
        files,
        learners,
        paths,
        practicals,
        questions,
        slots,
        webinars,
    )
    from academy.views.texts import spoken_moment

    app.jinja_env.filters["inline"] = inline_html
    app.jinja_env.globals["spoken_moment"] = spoken_moment
    menu.init_app()
    cli.init_app(app)
    app.register_blueprint(academy)
    app.extensions["portal_api"].register_blueprint(api.blueprint)
    app.extensions["csrf"].exempt(api.blueprint)
