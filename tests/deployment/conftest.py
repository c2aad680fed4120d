"""A proxy before the dashboard."""

from collections.abc import Iterator

import pytest

from tests.conftest import free_port
from tests.support.deployed import STRIPPED
from tests.support.proxy import Location, nginx

COURSE_PAGE = f'<iframe src="{STRIPPED}?embed=true&bs=10" width="1200" height="900"></iframe>'


@pytest.fixture(scope="session")
def proxied(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An nginx that passes on the root, and a path that it strips."""
    places = [
        Location.passing("/", server),
        Location.passing(STRIPPED, f"{server}/"),
        Location("= /course", "default_type text/html; return 200 '" + COURSE_PAGE + "';"),
        Location(f"/blocked{STRIPPED}_stcore/stream", "return 403;"),
        Location.passing(f"/blocked{STRIPPED}", f"{server}/"),
    ]
    with nginx(tmp_path_factory.mktemp("nginx"), free_port(), places) as url:
        yield url
