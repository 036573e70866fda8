"""nginx and HAProxy, run as the files in the package say: each fault is found, and each mend mends."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.net.on_loop import on_loop
from wslearn import HandshakeError, UsageError
from wslearn.labs.caddy import answers
from wslearn.labs.certificates import Certificates
from wslearn.labs.http2 import Http2Client
from wslearn.labs.programs import Programs, free_port, wait_until
from wslearn.labs.proxies import SITES, Seen, Site, Sites, backend, diagnose, look
from wslearn.labs.proxies import sites as sites_module
from wslearn.labs.proxies.sites import find_program
from wslearn.net import Handle

needs = [pytest.mark.needs("nginx"), pytest.mark.needs("haproxy")]


@pytest.fixture(scope="module")
def server() -> Iterator[Handle]:
    with backend() as started:
        yield started
        assert started.errors == []


async def look_at(url: str) -> Seen:
    origin = url.replace("ws:", "http:").rpartition("/")[0]
    return await look(url, origin=origin, events="/events", patience=2.5)


class TestSites:
    pytestmark = needs

    @pytest.fixture(scope="class")
    @staticmethod
    def seen(server: Handle) -> dict[str, Seen]:
        with Sites(server) as sites:
            assert sites.missing == []
            urls = [sites.url(name, "/account" if "renaming" in name else "/echo") for name in sites]

            async def all_of_them() -> list[Seen]:
                return await asyncio.gather(*map(look_at, urls))

            return dict(zip(sites, asyncio.run(all_of_them()), strict=True))

    @pytest.mark.parametrize("name", SITES)
    def test_the_diagnosis_names_what_is_configured(self, name: str, seen: dict[str, Seen]) -> None:
        assert diagnose(seen[name]).name == SITES[name].fault, seen[name]

    def test_who_answered_is_named(self, seen: dict[str, Seen]) -> None:
        assert "(server: nginx" in diagnose(seen["nginx half"]).evidence

    def test_plain_nginx_holds_back_streams_too(self, seen: dict[str, Seen]) -> None:
        assert seen["nginx plain"].streamed == pytest.approx(0, abs=0.1)


UPGRADE = """
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";"""

#: A place in each broken file, and what has to stand there, or be added behind it.
MENDS = {
    "nginx plain": ("proxy_http_version  1.0;", UPGRADE),
    "nginx half": ("1.1;", '1.1; proxy_set_header Connection "upgrade";'),
    "nginx impatient": ("proxy_read_timeout  1s", "proxy_read_timeout 60s"),
    "nginx location": ("    location / {", "    location / { proxy_buffering off;"),
    "nginx renaming": ("1.1;", "1.1; proxy_set_header Host $http_host;"),
    "haproxy impatient": ("    mode     http", "    mode http\n    timeout tunnel 1h"),
}


class TestMends:
    pytestmark = needs

    @pytest.fixture(scope="class")
    @staticmethod
    def found(server: Handle, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
        folder = tmp_path_factory.mktemp("mended")
        mended: dict[str, Site] = {}
        for name, (before, after) in MENDS.items():
            site = SITES[name]
            text = site.text
            assert text.count(before) == 1
            path = folder / f"{site.program}-{site.file}"
            path.write_text(text.replace(before, after))
            mended[name] = Mended(site.program, str(path), site.fault)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sites_module, "SITES", mended)
            with Sites(server) as sites:
                urls = [sites.url(name, "/account" if "renaming" in name else "/echo") for name in sites]

                async def all_of_them() -> list[Seen]:
                    return await asyncio.gather(*map(look_at, urls))

                seen = asyncio.run(all_of_them())
                return {name: diagnose(each).name for name, each in zip(sites, seen, strict=True)}

    @pytest.mark.parametrize("name", MENDS)
    def test_what_is_missing_mends_it(self, name: str, found: dict[str, str]) -> None:
        assert found[name] == "nothing"


class Mended(Site):
    @property
    def text(self) -> str:
        return Path(self.file).read_text()


HTTP2 = """
global
    maxconn 256
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout tunnel 1h
frontend here
    bind 127.0.0.1:{port} ssl crt {certificate} alpn h2
    default_backend nodes
backend nodes
    server one 127.0.0.1:{server}
"""


@pytest.mark.needs("haproxy")
@on_loop
async def test_haproxy_turns_http2_into_http_1_1() -> None:
    """A second independent server of extended CONNECT (RFC 8441)."""
    program = find_program("haproxy")
    assert program is not None
    with backend() as server, Programs() as programs:
        certificates, port = Certificates(programs.folder), free_port()
        both = programs.folder / "both.pem"
        both.write_bytes(certificates.chain.read_bytes() + certificates.key.read_bytes())
        file = programs.folder / "haproxy.cfg"
        file.write_text(HTTP2.format(port=port, certificate=both, server=server.port))
        haproxy = programs.start("haproxy", [program, "-db", "-f", str(file)])
        wait_until(lambda: answers(port), haproxy, "it answered")
        async with Http2Client(f"wss://127.0.0.1:{port}/echo", certificates.context) as client:
            first, second = await client.open(), await client.open()
            await first.send("1" * 100_000)
            await second.send(b"2")
            assert await second.recv() == b"2"
            assert await first.recv() == "1" * 100_000
            await first.close(4000, "done")
            await second.close()
            assert (first.closed.code, first.closed.reason) == (4000, "done")
            with pytest.raises(HandshakeError) as caught:
                await client.open("/nowhere")
            assert caught.value.status == 404
            third = [each for each in client.session.frames if each.stream == second.stream_id + 2]
            assert {each.sender for each in third if each.kind == "DATA"} == {"server"}
            await (await client.open()).close()


class TestLife:
    pytestmark = needs

    def test_they_run_in_a_folder_of_their_own_and_leave_nothing(self, server: Handle) -> None:
        before = set(psutil.Process().children(recursive=True))
        with Sites(server) as sites:
            started = set(psutil.Process().children(recursive=True)) - before
            proxies = [each for each in started if each.name() in {"nginx", "haproxy"}]
            assert len(proxies) == len(SITES)
            (folder,) = {each.cwd() for each in proxies}
            listening = {each.laddr.ip for proxy in proxies for each in proxy.net_connections("tcp")}
            assert listening == {"127.0.0.1"}
            assert repr(sites).startswith("<Sites running: nginx helpful")
        assert not any(proxy.is_running() for proxy in proxies)
        assert not Path(folder).exists()
        assert repr(sites).startswith("<Sites stopped")

    def test_a_configuration_that_is_none(self, server: Handle, monkeypatch: pytest.MonkeyPatch) -> None:
        class Wrong(Site):
            text = "teapot;"

        monkeypatch.setattr(sites_module, "SITES", {"nginx teapot": Wrong("nginx", "x", "nothing")})
        with pytest.raises(UsageError, match=r'(?s)nginx-teapot ended .*unknown directive "teapot"'):
            Sites(server)


class TestWithoutThem:
    def test_a_sentence_says_so(self, server: Handle, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sites_module, "find_program", lambda name: None)
        with Sites(server) as sites:
            assert list(sites) == []
            assert [each.partition(" is not installed here")[0] for each in sites.missing] == [
                "nginx",
                "haproxy",
            ]
            with pytest.raises(UsageError, match="nginx is not installed here"):
                sites.url("nginx plain")
            with pytest.raises(UsageError, match=r"no site 'apache'\. There is nginx helpful"):
                sites.url("apache")

    def test_they_are_found_where_only_the_administrator_s_path_leads(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setattr(sites_module, "_ALSO", (str(tmp_path / "sbin"),))
        assert find_program("nginx") is None
        (tmp_path / "sbin").mkdir()
        shutil.copy("/bin/true", tmp_path / "sbin" / "nginx")
        assert find_program("nginx") == str(tmp_path / "sbin" / "nginx")

    def test_the_texts_name_the_same_ports(self) -> None:
        """They are replaced when the configuration is run."""
        for site in SITES.values():
            assert site.text.count("127.0.0.1:8080") == 1
            assert "127.0.0.1:8765" in site.text
