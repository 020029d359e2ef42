"""Templates become Python by core/compiling.py; what they mean is Jinja's, to the letter."""

from types import FunctionType
from typing import Any

import pytest
from flask import Flask, render_template_string
from jinja2 import UndefinedError
from markupsafe import Markup

from core.i18n import gettext_in_html, speaking
from core.templating import Environment


class Firm:
    name = "Fisch & <b>Söhne</b>"
    items = ("a", "b")

    def greets(self, word: str, *, whom: str = "you", **others: Any) -> str:
        return " ".join([word, whom, *others])


def drawn(source: str, **values: Any) -> str:
    return render_template_string(source, **values)


@pytest.mark.usefixtures("app")
def test_what_people_typed_is_escaped_and_markup_is_not() -> None:
    assert drawn("{{ firm.name }}", firm=Firm()) == "Fisch &amp; &lt;b&gt;Söhne&lt;/b&gt;"
    assert drawn("{{ text }}", text=Markup("<i>our own</i>")) == "<i>our own</i>"
    assert drawn("{{ 3 }}{{ number }}{{ none }}{{ 1.5 }}", number=7) == "37None1.5"
    assert drawn('<a title="{{ text }}">', text="\"'><script>") == (
        '<a title="&#34;&#39;&gt;&lt;script&gt;">'
    )


@pytest.mark.usefixtures("app")
def test_what_says_how_it_is_drawn_is_asked() -> None:
    class Drawn:
        def __html__(self) -> str:
            return "<hr>"

    assert drawn("{{ one }}", one=Drawn()) == "<hr>"


@pytest.mark.usefixtures("app")
def test_an_attribute_comes_before_an_item_and_an_item_before_nothing() -> None:
    assert drawn("{{ one.items()|list|length }}{{ one.there }}", one={"items": 1, "there": "x"}) == "2x"
    assert drawn("{{ firm.items[0] }}", firm=Firm()) == "a"
    assert drawn("{{ firm.nothing|default('none') }}", firm=Firm()) == "none"
    with pytest.raises(UndefinedError):
        drawn("{{ firm.nothing }}", firm=Firm())
    with pytest.raises(UndefinedError):
        drawn("{{ nobody.name }}")
    with pytest.raises(UndefinedError):
        drawn("{{ nobody() }}")


@pytest.mark.usefixtures("app")
def test_a_call_takes_every_kind_of_argument() -> None:
    source = "{{ firm.greets(*words, whom='us', **{'class': 1}) }} {{ firm.greets('Hi', for=2) }}"
    assert drawn(source, firm=Firm(), words=["Hello"]) == "Hello us class Hi you for"


@pytest.mark.usefixtures("app")
def test_a_macro_takes_its_parameters_as_jinja_says() -> None:
    source = (
        "{% macro say(word, to='all', mark=word ~ '!') %}{{ word }} {{ to }} {{ mark }}{% endmacro %}"
        "{{ say('<a>') }}|{{ say(to='b', word='c') }}|{{ say('d', 'e', 'f') }}"
    )
    assert drawn(source) == "&lt;a&gt; all &lt;a&gt;!|c b c!|d e f"
    with pytest.raises(TypeError):
        drawn(source + "{{ say('a', 'b', 'c', 'd') }}")
    with pytest.raises(TypeError):
        drawn(source + "{{ say('a', unknown=1) }}")
    with pytest.raises(UndefinedError):
        drawn(source + "{{ say() }}")


@pytest.mark.usefixtures("app")
def test_a_macro_that_takes_anything_takes_anything() -> None:
    source = "{% macro all() %}{{ varargs|join }}{{ kwargs.x }}{% endmacro %}{{ all(1, 2, x=3) }}"
    assert drawn(source) == "123"


@pytest.mark.usefixtures("app")
def test_a_macro_knows_whether_something_stands_within_it() -> None:
    source = (
        "{% macro box(title) %}[{{ title }}{% if caller is defined %}: {{ caller() }}{% endif %}]{% endmacro %}"
        "{{ box('a') }}{% call box('b') %}<b>{{ text }}</b>{% endcall %}"
        "{% for n in [1, 2] %}{% call box(n) %}{{ n }}{% endcall %}{% endfor %}"
    )
    assert drawn(source, text="<") == "[a][b: <b>&lt;</b>][1: 1][2: 2]"


@pytest.mark.usefixtures("app")
def test_what_a_macro_draws_is_markup_for_whoever_goes_on_with_it() -> None:
    source = "{% macro bold(x) %}<b>{{ x }}</b>{% endmacro %}{% set y = bold('<') %}{{ y }}{{ y ~ '<' }}"
    assert drawn(source) == "<b>&lt;</b><b>&lt;</b>&lt;"


def test_a_translation_holds_markup_and_what_is_filled_in_does_not(app: Flask) -> None:
    with app.app_context(), speaking("en"):
        assert gettext_in_html("<b>%(name)s</b> 5 %%", name="<i>") == "<b>&lt;i&gt;</b> 5 %"
        assert gettext_in_html("<b>plain</b>") == Markup("<b>plain</b>")


def test_words_are_kept_for_each_language_by_itself(app: Flask) -> None:
    with app.app_context():
        said = []
        for locale in ("en", "ru", "en"):
            with speaking(locale):
                said.append((str(gettext_in_html("Cancel")), drawn("{{ _('Cancel') }}")))
    assert said[0] == said[2] == ("Cancel", "Cancel")
    assert said[1][0] == said[1][1] != "Cancel"


def test_a_mail_in_plain_text_is_not_escaped(app: Flask) -> None:
    with app.app_context():
        page = app.jinja_env.from_string("{{ text }} {{ _('Hello %(name)s', name=text) }}")
        assert page.render(text="R&D") == "R&amp;D Hello R&amp;D"
        environment = app.jinja_env.overlay(autoescape=False)
        assert environment.from_string("{{ text }} {{ _('Hello %(name)s', name=text) }}").render(
            text="R&D"
        ) == ("R&D Hello R&D")


def test_nothing_that_pages_call_wants_the_context_unseen(app: Flask) -> None:
    """A callable that wants the context must be a global by its own name, or it would miss it."""
    assert isinstance(app.jinja_env, Environment)
    functions = {name: one for name, one in app.jinja_env.globals.items() if type(one) is FunctionType}
    wants = {name for name, one in functions.items() if hasattr(one, "jinja_pass_arg")}
    assert wants <= {"ngettext", "pgettext", "npgettext"}
