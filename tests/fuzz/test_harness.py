"""Some seconds of hostile bytes for each target; hours of them with the harness itself."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 2
TARGETS = "reader,options,kinds,escaping"
# What a fuzzer should not need to find out for itself.
SEEDS = {
    "table.csv": b'id,spend,joined\nC1,"1,50",2024-01-31\nC2,7,2024-02-01\nC3,"a ""b""",\n',
    "german.csv": "Kunde;Umsatz\nMüller;1.234,50 €\nWeiß;7,5\n".encode("cp1252"),
    "figures.csv": "id;m²;x\n1;120²;①\n2;7³;٣\n".encode(),
    "titles.csv": b"Report\n\na,b,c\n1,2,3\n4,5\n6,7,8\nTotal,7,11\n",
    "wide.csv": "a\tb\n1\t2\n3\t4\n".encode("utf-16"),
}


def test_nothing_but_our_own_errors_comes_of_hostile_bytes(tmp_path):
    pytest.importorskip("atheris", reason="atheris is not installed here: pip install atheris")
    seeds, found = tmp_path / "seeds", tmp_path / "found"
    seeds.mkdir()
    found.mkdir()
    for name, content in SEEDS.items():
        (seeds / name).write_bytes(content)
    command = [sys.executable, "-m", "tests.fuzz.harness", TARGETS, f"-max_total_time={SECONDS}", "-seed=1"]
    command += ["-timeout=15", "-rss_limit_mb=4096", f"-artifact_prefix={found}/", str(seeds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stderr.count("Done ") == len(TARGETS.split(","))
    assert not list(found.iterdir())
