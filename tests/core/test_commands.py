"""What an operator types."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from accounts.operations import make_first_admin
from core import clock
from core.config import Misconfigured, read_environment
from core.database import transaction
from core.jobs import Recurring, enqueue
from core.mail import send
from tests.browser import PASSWORD
from tests.conftest import an_empty_database, make_app


def test_the_clock_of_the_demo_moves_for_everybody(own_app: Flask) -> None:
    runner = own_app.test_cli_runner()
    before = clock.real_now()
    answer = runner.invoke(args=["clock", "advance", "31d"])
    assert answer.exit_code == 0, answer.output
    with own_app.app_context():
        assert clock.now() - before > timedelta(days=30, hours=23)
    assert runner.invoke(args=["clock", "advance", "soon"]).exit_code != 0


def test_production_refuses_to_move_the_clock(own_app: Flask) -> None:
    own_app.config["CLOCK_MOVES"] = False
    assert own_app.test_cli_runner().invoke(args=["clock", "advance", "1d"]).exit_code != 0


@pytest.mark.pure
def test_production_wants_a_secret_and_lives_in_the_present(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="SECRET_KEY"):
        read_environment({"GUILDHALL_ENV": "production"})
    with pytest.raises(Misconfigured, match="CLOCK_OFFSET"):
        read_environment({"GUILDHALL_ENV": "production", "SECRET_KEY": "x", "CLOCK_OFFSET": "60"})
    with pytest.raises(Misconfigured, match="GUILDHALL_ENV"):
        read_environment({"GUILDHALL_ENV": "staging"})
    secure = read_environment(
        {"GUILDHALL_ENV": "production", "SECRET_KEY": "x", "BASE_URL": "https://partners.example.com/"}
    )
    assert secure["SESSION_COOKIE_NAME"].startswith("__Host-") and secure["SESSION_COOKIE_SECURE"]
    assert secure["DATABASE_URL"].startswith("sqlite:///")


@pytest.mark.pure
def test_a_demo_keeps_the_secret_it_made(tmp_path: Path) -> None:
    environment = {"GUILDHALL_ENV": "demo", "GUILDHALL_VAR": str(tmp_path)}
    assert read_environment(environment)["SECRET_KEY"] == read_environment(environment)["SECRET_KEY"]


def test_every_route_is_told_to_machines(own_app: Flask) -> None:
    answer = own_app.test_cli_runner().invoke(args=["routes", "--json"])
    rows = {row["rule"]: row for row in json.loads(answer.output)}
    assert rows["/staff/people"]["door"] == "accounts:person:manage"
    assert rows["/staff/people"]["roles"] == ["programme_admin"]
    assert rows["/healthz"]["door"] == "public"


def test_a_key_made_by_command_opens_the_api(own_app: Flask) -> None:
    answer = own_app.test_cli_runner().invoke(
        args=["accounts", "api-key", "--name", "Shop", "--scope", "partners:read", "--scope", "sales:read"]
    )
    key = answer.output.strip()
    assert key.startswith("ghk_")
    client = own_app.test_client()
    assert client.get("/api/v1/partners", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    assert client.get("/api/v1/partners", headers={"Authorization": f"Bearer {key}x"}).status_code == 401
    assert client.get("/api/v1/leads", headers={"Authorization": f"Bearer {key}"}).status_code == 403


def test_the_first_admin_is_invited_by_command(own_app: Flask) -> None:
    answer = own_app.test_cli_runner().invoke(args=["accounts", "invite-admin", "gina@globex.example"])
    path = answer.output.strip().removeprefix("http://localhost")
    assert b"gina@globex.example" in own_app.test_client().get(path).data


@pytest.mark.pure
@pytest.mark.timeout(600)
def test_the_demo_wants_nothing_but_an_address_for_its_database(tmp_path: Path) -> None:
    with an_empty_database(tmp_path) as url:
        app = make_app(url, tmp_path)
        sizes = ["--partners", "3", "--leads", "0", "--sales", "0"]
        answer = app.test_cli_runner().invoke(args=["demo", *sizes])
        app.extensions["database"].engine.dispose()
    assert answer.exit_code == 0, answer.output
    assert "pia@meridian.example" in answer.output


def test_the_books_are_audited_by_command(own_app: Flask) -> None:
    assert own_app.test_cli_runner().invoke(args=["commissions", "audit"]).exit_code == 0


def test_jobs_run_until_idle_and_mail_is_written_where_it_should(own_app: Flask, tmp_path: Path) -> None:
    with own_app.app_context(), transaction():
        user = make_first_admin(email="gina@globex.example", name="Gina", password=PASSWORD, locale="ru")
        send(
            "accounts/emails/password_changed",
            to=user.email,
            locale="ru",
            name="Gina",
            url="http://localhost/",
        )
        enqueue("core.forget-finished-jobs", key="once")
    answer = own_app.test_cli_runner().invoke(args=["jobs", "run", "--until-idle"])
    assert answer.exit_code == 0 and "jobs done" in answer.output
    (mail,) = (tmp_path / "mail").glob("*.eml")
    assert b"To: gina@globex.example" in mail.read_bytes()


def test_recurring_work_has_slots_in_the_programmes_time(app: Flask) -> None:
    daily = Recurring("test", at="04:20")
    noon = datetime(2026, 3, 30, 12, 0, tzinfo=UTC)
    assert daily.latest_slot(noon).astimezone(UTC) == datetime(2026, 3, 30, 2, 20, tzinfo=UTC)
    early = datetime(2026, 3, 30, 1, 0, tzinfo=UTC)
    assert daily.latest_slot(early).date().day == 29
    assert Recurring("test", every=timedelta(hours=1)).latest_slot(noon) == noon
