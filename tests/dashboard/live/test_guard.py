"""Who may ask the server, and what a browser may do with its answers."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest

from se_bench.dashboard.page.guard import Guard, name_of
from se_bench.dashboard.page.server import Address, Server
from se_bench.dashboard.reader import Reader
from se_bench.errors import ConfigError


def ask(server: str, method: str = "GET", path: str = "/", **headers: str) -> http.client.HTTPResponse:
    """A request with headers of our choice; a host that we name is the one that is sent."""
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=30)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body="{}" if method == "POST" else None, headers=sent)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8050", "127.0.0.1:1", "[::1]:8050", "localhost."])
def test_the_names_of_this_machine_are_answered(server: str, host: str) -> None:
    assert ask(server, Host=host).status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8050", "127.0.0.1.evil.example", "10.0.0.1", "", "localhost@evil.example", "["],
)
def test_a_foreign_name_is_refused(server: str, host: str) -> None:
    for path in ("/", "/_dash-layout", "/assets/page.css"):
        assert ask(server, path=path, Host=host).status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
    ids=str,
)
def test_a_page_of_another_site_may_not_ask(server: str, headers: dict[str, str]) -> None:
    answer = ask(server, "POST", "/_dash-update-component", Content_Type="application/json", **headers)
    assert answer.status == 403


def test_another_port_of_this_machine_is_another_site(server: str) -> None:
    answer = ask(
        server, "POST", "/_dash-update-component", Origin="http://127.0.0.1:1", Content_Type="application/json"
    )
    assert answer.status == 403


def test_a_form_of_another_site_is_refused_even_by_an_old_browser(server: str) -> None:
    """Without Origin and Sec-Fetch-Site; a form cannot send JSON."""
    assert ask(server, "POST", "/_dash-update-component", Content_Type="text/plain").status in (400, 415)


@pytest.mark.parametrize("path", ["/", "/assets/page.css", "/_dash-dependencies", "/no/such/page"])
@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_every_answer_has_the_security_headers(server: str, path: str, host: str) -> None:
    headers = ask(server, path=path, Host=host).headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "unsafe-inline" not in scripts
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "Server" not in headers


def test_a_request_that_no_page_would_send_is_too_large(server: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=30)
    connection.putrequest("POST", "/_dash-update-component")
    connection.putheader("Content-Length", "1000000")
    connection.endheaders()  # the server refuses it by its header, before it has come
    assert connection.getresponse().status == 413
    connection.close()


@pytest.mark.parametrize(
    ("host", "name"),
    [("Example.org:80", "example.org"), ("[::1]:80", "::1"), ("::1", ""), ("a b", "a b"), ("[", ""), ("x.", "x")],
)
def test_a_hosts_name_is_without_port_and_brackets(host: str, name: str) -> None:
    assert name_of(host) == name


@pytest.mark.parametrize(
    ("host", "passes"),
    [("192.168.1.5:80", True), ("[fe80::1]", True), ("lab", True), ("LAB:80", True), ("rebound.example", False)],
)
def test_a_server_for_others_answers_to_its_names_and_to_addresses(host: str, passes: bool) -> None:
    """An address in the Host header cannot come from a rebound name."""
    said: list[str] = []

    def app(environ, start_response):
        start_response("200 OK", [])
        return [b""]

    guard = Guard(app, names=["lab"], any_address=True)
    list(guard({"HTTP_HOST": host, "REQUEST_METHOD": "GET"}, lambda status, headers: said.append(status[:3])))
    assert said == ["200" if passes else "403"]


def test_a_port_that_is_taken_is_the_users_to_change(reader: Reader, server: str) -> None:
    port = urlsplit(server).port
    with pytest.raises(ConfigError, match="Address already in use") as caught:
        Server(reader, Address(port=port))
    assert "--port" in str(caught.value)


def test_an_interface_that_is_none_is_named(reader: Reader) -> None:
    with pytest.raises(ConfigError, match="no interface"):
        Server(reader, Address(host="no.such.host.invalid", port=0))
