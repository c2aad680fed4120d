"""A real nginx before servers of the dashboard, as a host or a course portal puts one there."""

import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT

CONFIGURATION = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
{servers}
}}
"""

SERVER = """
  map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
  server {{
    listen 127.0.0.1:{port};
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_read_timeout 1h;
{locations}
  }}
"""


@dataclass(frozen=True, slots=True)
class Location:
    """A path of nginx's and what it does there, in nginx's words."""

    path: str
    does: str

    @classmethod
    def passing(cls, path: str, to: str) -> "Location":
        """Pass on to another address; one that ends with a path has `path` replaced by its own."""
        return cls(path, f"proxy_pass {to};")


@contextmanager
def nginx(folder: Path, port: int, locations: Sequence[Location]) -> Iterator[str]:
    """The address of an nginx with these locations, which runs as long as the context does."""
    written = "\n".join(f"    location {each.path} {{ {each.does} }}" for each in locations)
    with nginx_with(folder, port, SERVER.format(port=port, locations=written)) as url:
        yield url


def behind_nginx(folder: Path, port: int, first: int, second: int) -> AbstractContextManager[str]:
    """nginx as deploy/nginx.conf has it, at `port`, before replicas at the last two."""
    configuration = (ROOT / "deploy" / "nginx.conf").read_text()
    for written, here in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("server first:8501", f"server 127.0.0.1:{first}"),
        ("server second:8501", f"server 127.0.0.1:{second}"),
    ):
        assert configuration.count(written) == 1
        configuration = configuration.replace(written, here)
    return nginx_with(folder, port, configuration)


@contextmanager
def nginx_with(folder: Path, port: int, servers: str) -> Iterator[str]:
    """The address of an nginx with these servers, one of them at `port`."""
    configuration = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    configuration.write_text(CONFIGURATION.format(folder=folder, user=user, servers=servers))
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("there is no nginx here, which the tests behind a proxy need")
    process = subprocess.Popen([program, "-c", configuration, "-p", folder])
    try:
        _wait(f"http://127.0.0.1:{port}/", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            assert process.poll() is None, "nginx stopped before it was ready"
            time.sleep(0.05)
    raise AssertionError("nginx was not ready within 20 seconds")
