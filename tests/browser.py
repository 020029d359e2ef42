"""A browser for tests: uses only what a page really offers, and refuses pages that a real one would have to repair."""

import re
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from sqlalchemy import event

from core.database import session

PASSWORD = "correct horse battery staple"


class BadPage(AssertionError):
    """The page is not as a page should be."""


class Browser:
    """Opens addresses, follows links by their words, fills in forms by their labels, presses buttons by theirs."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()
        self.url = "/"
        self.status = 0
        self.html = ""
        self.response: Any = None
        self.page: Element = Element("html")
        self.queries = 0
        self.typed: dict[str, list[Any]] = {}

    # Going somewhere

    def open(self, url: str, *, expect: int | None = 200) -> "Browser":
        """Opens ``url`` and follows redirects; ``expect`` is the status it must end with."""
        return self._go("GET", url, None, expect)

    def sign_in(self, user: Any) -> "Browser":
        """Signs ``user`` in through the page; their password is :data:`PASSWORD`."""
        self.open("/sign-in").fill("E-mail", user.email).fill("Password", PASSWORD).press("Sign in")
        assert self.response.status_code < 400, self.text
        return self

    def click(self, words: str, *, expect: int | None = 200) -> "Browser":
        """Follows the link that says ``words``."""
        for link in self.page.iter("a"):
            if link.get("href") and words in (_text(link), link.get("aria-label")):
                return self.open(urljoin(self.url, str(link.get("href"))), expect=expect)
        raise AssertionError(f"No link says {words!r} on {self.url}; there are {self.links}")

    @property
    def links(self) -> list[str]:
        return [_text(link) for link in self.page.iter("a")]

    # Filling in and sending

    def fill(self, label: str, value: Any) -> "Browser":
        """Types into the field labelled ``label``: text, a choice's words, a list of them, True, or a file."""
        field = self._field(label)
        name = str(field.get("name"))
        if field.tag == "select":
            self.typed[name] = [_choice(field, str(value))]
        elif field.tag == "fieldset":
            wanted = value if isinstance(value, list | tuple) else [value]
            boxes = [self._field(str(words), within=field) for words in wanted]
            self.typed[str(boxes[0].get("name"))] = [box.get("value") for box in boxes]
        elif field.get("type") in {"checkbox", "radio"}:
            self.typed[name] = [field.get("value", "on")] if value else []
        else:
            self.typed[name] = [value]
        return self

    def press(self, words: str, *, expect: int | None = None) -> "Browser":
        """Presses the button that says ``words`` and sends its form with everything in it."""
        for form in self.page.iter("form"):
            for button in form.iter("button"):
                if words in (_text(button), button.get("aria-label")) and button.get("type") != "button":
                    return self._send(form, button, expect)
        raise AssertionError(f"No button says {words!r} on {self.url}; there are {self.buttons}")

    @property
    def buttons(self) -> list[str]:
        return [_text(button) for button in self.page.iter("button")]

    def _send(self, form: Element, button: Element, expect: int | None) -> "Browser":
        data: dict[str, list[Any]] = {}
        for field in form.iter():
            name = field.get("name")
            if not name or field.tag not in {"input", "select", "textarea"}:
                continue
            if field.get("type") in {"checkbox", "radio"}:
                if field.get("checked") is not None:
                    data.setdefault(name, []).append(field.get("value", "on"))
            elif field.tag == "select":
                chosen = [option for option in field.iter("option") if option.get("selected") is not None]
                first = [] if field.get("multiple") is not None else list(field.iter("option"))[:1]
                data[name] = [option.get("value", _text(option)) for option in chosen or first]
            elif field.tag == "textarea":
                data.setdefault(name, []).append((field.text or "").removeprefix("\n"))
            elif field.get("type") != "file":
                data.setdefault(name, []).append(field.get("value", ""))
        names = {field.get("name") for field in form.iter()}
        data |= {name: values for name, values in self.typed.items() if name in names}
        if button.get("name"):
            data[str(button.get("name"))] = [button.get("value", "")]
        method = str(form.get("method", "get")).upper()
        action = urljoin(self.url, button.get("formaction") or form.get("action") or self.url)
        if method == "GET":
            from urllib.parse import urlencode

            return self._go(
                "GET", f"{urlsplit(action).path}?{urlencode(data, doseq=True)}", None, expect or 200
            )
        return self._go("POST", action, data, expect)

    # What is there

    @property
    def text(self) -> str:
        """All the page says, in one line, without its menu."""
        main = next((part for part in self.page.iter("main")), self.page)
        return _text(main)

    @property
    def heading(self) -> str:
        return _text(next(self.page.iter("h1")))

    def sees(self, words: str) -> bool:
        return words in self.text

    # Inside

    def _go(self, method: str, url: str, data: Any, expect: int | None) -> "Browser":
        session.commit()
        session.expire_all()
        self.typed = {}
        self.queries = 0
        engine = self.app.extensions["database"].engine

        def count(*_: Any) -> None:
            self.queries += 1

        event.listen(engine, "after_cursor_execute", count)
        try:
            headers = {"Referer": f"http://localhost{self.url}"}
            self.response = self._ask(url, method=method, data=data, headers=headers)
            for _hop in range(5):
                if self.response.status_code not in {301, 302, 303, 307, 308}:
                    break
                url = urljoin(url, self.response.headers["Location"])
                self.queries = 0
                self.response = self._ask(url, method="GET")
        finally:
            event.remove(engine, "after_cursor_execute", count)
            session.expire_all()
        parts = urlsplit(url)
        self.url = parts.path + (f"?{parts.query}" if parts.query else "")
        self.status = self.response.status_code
        self.html = self.response.get_data(as_text=True) if self.response.mimetype.startswith("text/") else ""
        if expect is not None:
            assert self.status == expect, f"{self.url} answered {self.status}: {_plain(self.html)[:600]}"
        elif self.status >= 500:
            raise AssertionError(f"{self.url} answered {self.status}")
        self.page = (
            check_page(self.html, self.url) if self.response.mimetype == "text/html" else Element("html")
        )
        return self

    def _ask(self, url: str, **how: Any) -> Any:
        """One request in an application context of its own, as a server gives it."""
        with self.app.app_context():
            return self.client.open(url, **how)

    def _field(self, label: str, within: Element | None = None) -> Element:
        root = within if within is not None else self.page
        for one in root.iter("label"):
            if _label(one) == label:
                found = [field for field in self.page.iter() if field.get("id") == one.get("for")]
                if found:
                    return found[0]
        for group in root.iter("fieldset"):
            legend = next(group.iter("legend"), None)
            if legend is not None and _label(legend) == label:
                return group
        for field in root.iter():
            if field.get("aria-label") == label and field.tag in {"input", "select", "textarea"}:
                return field
        raise AssertionError(f"No field is labelled {label!r} on {self.url}; there are {self.labels}")

    @property
    def labels(self) -> list[str]:
        return [_label(one) for one in self.page.iter("label")]


def _choice(select: Element, words: str) -> str:
    for option in select.iter("option"):
        if words in (_text(option), option.get("value")):
            return str(option.get("value", _text(option)))
    raise AssertionError(f"{words!r} is not among {[_text(option) for option in select.iter('option')]}")


def _text(element: Element) -> str:
    hidden = {"script", "style"}
    parts = []

    def walk(node: Element) -> None:
        if node.tag in hidden:
            return
        if node.text:
            parts.append(node.text)
        for child in node:
            walk(child)
            if child.tag in {
                "br",
                "p",
                "div",
                "li",
                "td",
                "th",
                "dt",
                "dd",
                "span",
                "h1",
                "h2",
                "h3",
                "label",
            }:
                parts.append(" ")
            if child.tail:
                parts.append(child.tail)

    walk(element)
    return re.sub(r"[ \t\r\n]+", " ", "".join(parts)).strip()


def _label(element: Element) -> str:
    """A label's words without "optional"."""
    own = (element.text or "").strip()
    return own or _text(element)


def _plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


_NOT_TYPED = {"hidden", "submit", "button", "image", "reset"}


def check_page(html: str, url: str) -> Element:
    """The parsed page. Raises BadPage for invalid HTML, two h1, doubled ids, unlabelled fields, forms without token."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    page: Element = parser.parse(html)
    if parser.errors:
        raise BadPage(f"{url}: {[(where, what) for where, what, _more in parser.errors[:3]]}")
    if len(list(page.iter("h1"))) != 1:
        raise BadPage(f"{url} has {len(list(page.iter('h1')))} h1")
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    doubled = {one for one in ids if ids.count(one) > 1}
    if doubled:
        raise BadPage(f"{url} has the ids {doubled} twice")
    labelled = {label.get("for") for label in page.iter("label")}
    for form in page.iter("form"):
        names = [str(field.get("name")) for field in form.iter("input")]
        has_token = any(name.endswith(("csrf_token", "form_token")) for name in names)
        if str(form.get("method", "get")).lower() == "post" and not has_token:
            raise BadPage(f"{url} has a form without a token: {form.get('action')}")
    for field in page.iter():
        if field.tag not in {"input", "select", "textarea"} or field.get("type") in _NOT_TYPED:
            continue
        if not (field.get("id") in labelled or field.get("aria-label") or field.get("aria-labelledby")):
            raise BadPage(f"{url} has a field without a label: {field.get('name')}")
    if re.search(r"\sstyle=|<style|\son[a-z]+=\"", html):
        raise BadPage(f"{url} has inline style or script, which its own policy refuses")
    return page
