"""Making partners qualified: courses to learn from, exams that mean something, certificates that can be checked.

A course has versions, a version has lessons and an exam drawn from a bank of questions, and passing brings a
certificate that belongs to the person. What a firm's active members are certified for, routing asks at every lead.
"""

from flask import Flask


def init_app(app: Flask) -> None:
    """Puts this domain on ``app``."""
    from academy import menu, receivers, settings  # noqa: F401
    from academy.views import academy, api, authors, certificates, exams, learners, questions, slots  # noqa: F401

    menu.init_app()
    app.register_blueprint(academy)
    app.extensions["portal_api"].register_blueprint(api.blueprint)
    app.extensions["csrf"].exempt(api.blueprint)
