"""What every test may ask for."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("project", max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("project")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    folder = Path(__file__).resolve().parents[1].parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder with real customer files is not beside this project")
    return folder
