# SPDX-License-Identifier: Apache-2.0
"""The console of a real server over HTTP, on SQLite and PostgreSQL; and kill -9 in the middle of joining."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pyotp
import pytest

from tests.support.postgres import new_postgres_url
from tests.support.registry_process import RegistryProcess

PASSWORD = "three calm otters swim"
NAMES = ("--kind", "maker", "--name-zh", "某厂", "--name-en", "Some maker")


@dataclass
class Visit:
    """A browser without scripts: cookies, and the form token of the page."""

    base: str
    jar: CookieJar = field(default_factory=CookieJar)

    def ask(self, address: str, fields: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Status, final address, text. Redirects are followed."""
        url = address if address.startswith("http") else self.base + address
        body = None if fields is None else urlencode(fields).encode()
        request = Request(url, body, {"Origin": self.base, "Accept": "text/html"} if body else {"Accept": "text/html"})
        try:
            with build_opener(HTTPCookieProcessor(self.jar)).open(request, timeout=30) as answer:
                return answer.status, answer.url, answer.read().decode()
        except HTTPError as error:
            return error.code, error.url, error.read().decode()

    def send(self, address: str, **fields: str) -> tuple[int, str, str]:
        """Fills in the form of a page and posts it to the page's own address."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.ask(address)[2])
        assert token is not None
        return self.ask(address, {"csrf_token": token[1], **fields})


@pytest.fixture(params=["sqlite", "postgresql"])
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RegistryProcess]:
    url = new_postgres_url() if request.param == "postgresql" else ""
    with RegistryProcess(tmp_path, database_url=url) as registry:
        yield registry


def invite(registry: RegistryProcess) -> str:
    """On SQLite the command is refused while the server has the directory; on PostgreSQL they work side by side."""
    place = str(registry.directory / "registry")
    if not registry.database_url:
        refused = registry.run("organisation", "list", place)
        assert (refused.returncode, "directory_locked" in refused.stderr) == (82, True)
        registry.stop()
    registry.must("organisation", "add", place, "maker-a", *NAMES)
    assert registry.run("organisation", "add", place, "maker-a", *NAMES).returncode == 4
    said = registry.must("member", "invite", place, "maker-a", "--name", "Li Wei")
    if not registry.database_url:
        registry.serve()
    link = re.search(r"http://\S+", said)
    assert link is not None
    return link[0]


def set_password(visit: Visit, link: str) -> str:
    """The first step; returns the TOTP secret of the page that follows."""
    names = {"login_name": "li.wei", "display_name": "李伟"}
    status, url, text = visit.send(link, **names, new_password=PASSWORD, repeat_password=PASSWORD)
    assert (status, url) == (200, f"{link}/second-factor")
    secret = re.search(r'id="secret"[^>]* value="([A-Z2-7]{32})"', text)
    assert secret is not None
    return secret[1]


@pytest.mark.timeout(240)
def test_kill_9_between_the_steps_leaves_no_account_and_the_link_goes_on(registry: RegistryProcess) -> None:
    link = invite(registry)
    secret = set_password(Visit(registry.url), link)
    assert registry._server is not None
    for signal_ in (signal.SIGKILL, signal.SIGTERM):
        children = Path(f"/proc/{registry._server.pid}/task/{registry._server.pid}/children").read_text().split()
        registry._server.send_signal(signal_)
        registry._server.wait(30)
        for child in children:
            wait_for_end(int(child))
        registry.serve()
    visit = Visit(registry.url)
    assert visit.send("/console/sign-in", login_name="li.wei", password=PASSWORD)[0] == 422, "no half-made account"
    status, _, text = visit.send(f"{link}/second-factor", code=pyotp.TOTP(secret).now())
    assert status == 200
    codes = re.findall(r"<li>([A-Z2-7-]{19})</li>", text)
    assert len(codes) == 10
    assert visit.ask("/console/tokens")[1] == f"{registry.url}/console/tokens"
    token = {"display_name": "line 1", "scopes": "verify", "days": "30"}
    status, _, text = visit.send("/console/tokens", **token)
    found = re.search(r"pp_[a-z2-7]{8}_[A-Za-z0-9_-]{43}", text)
    assert status == 200 and found is not None
    assert visit.ask(link)[0] == 404, "the link was used"
    other = Visit(registry.url)
    assert other.send("/console/sign-in", login_name="Li.Wei", password=PASSWORD)[1].endswith("/console/second-factor")
    assert other.send("/console/second-factor", code=codes[0])[1] == f"{registry.url}/console"
    secrets = [PASSWORD, found[0][-43:], link.rpartition(".")[2], codes[0], codes[0].replace("-", "")]
    secrets += [cookie.value or "" for cookie in [*visit.jar, *other.jar] if cookie.name in ("console", "device")]
    log = (registry.directory / "server.log").read_text()
    assert "li.wei" not in log and "李伟" not in log
    stored = b"".join(path.read_bytes() for path in registry.directory.rglob("*") if path.is_file())
    assert [secret for secret in secrets if secret in log or secret.encode() in stored] == []


def wait_for_end(pid: int) -> None:
    import time

    for _ in range(200):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.1)
