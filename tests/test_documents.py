"""What the documents tell a newcomer to type is understood, and what they point to is there."""

import importlib
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import segmenter
from segmenter import charts
from segmenter.classification.classifiers import CLASSIFIERS
from segmenter.cli.arguments import parse
from segmenter.cli.commands import settings_of
from segmenter.cluster import ALGORITHMS
from segmenter.io.export import EXPORTERS
from segmenter.io.read.readers import IMPORTERS
from segmenter.segment.embed import MAPS
from segmenter.ui.main import PAGES

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND = re.compile(r"^(?:\S+=\S+ )?python -m segmenter (.+)$", re.MULTILINE)
COMMANDS = COMMAND.findall(README)


def test_the_readme_has_commands():
    # So that the test below cannot pass on nothing.
    assert len(COMMANDS) >= 10


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_readme_is_understood(command):
    asked = parse(shlex.split(command, comments=True))
    if method := getattr(asked, "method", None):
        assert method in ALGORITHMS
        settings_of(method, asked.set)


@pytest.mark.parametrize("option", ["--kind zip=code", "--missing income=knn", "--transform spend=log",
                                    "--cap spend=1,99", "--weight spend=2", "--order size=S,M,L",
                                    "--date birthday=age", "--as customers", "--snapshot-date 2024-12-31"])  # fmt: skip
def test_every_option_of_the_readme_is_understood(option):
    assert option in README
    parse(["segment", "customers.csv", "--out", "result", *shlex.split(option)])


def test_the_python_of_the_readme_runs(make_customers, tmp_path, monkeypatch):
    make_customers(120).to_csv(tmp_path / "customers.csv", index=False)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    code = README.split("```python\n")[1].split("```")[0]
    exec(compile(code, "README.md", "exec"), names)
    assert len(names["profiles"]) == 5
    assert isinstance(names["segmentation"], segmenter.Segmentation)


def test_the_schedule_tells_somebody_whenever_something_is_to_be_looked_at(make_customers, tmp_path):
    text = (ROOT / "docs" / "schedule.md").read_text(encoding="utf-8")
    line = re.search(r"^0 6 1 \* \* (.+)$", text, re.MULTILINE)[1]
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    _program(tmp_path / ".venv" / "bin" / "python", f'exec "{sys.executable}" "$@"')
    _program(tmp_path / "mail", f'echo "$@" >> "{tmp_path}/sent"; cat >> "{tmp_path}/sent"')
    for folder in ("models", "inbox"):
        (tmp_path / folder).mkdir()
    customers = make_customers(120)
    dataset = segmenter.read_frame(customers)
    recipe = segmenter.Recipe(segmenter.suggest_features(dataset), n_segments=2)
    segmenter.save_model(segmenter.fit_segmentation(dataset, recipe), tmp_path / "models" / "customers.segmodel.json")
    customers.to_csv(tmp_path / "inbox" / "customers.csv", index=False)
    # As cron reads it: \\% is a per cent sign, and little of the environment is there.
    line = line.replace("\\%", "%").replace("/srv/segments", shlex.quote(str(tmp_path)))
    given = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    subprocess.run(["sh", "-c", line], env=given, check=True)
    assert len(list((tmp_path / "results").glob("*/customers.csv"))) == 1
    assert not (tmp_path / "sent").exists()
    (tmp_path / "inbox" / "customers.csv").write_text("name\nAda\n")
    subprocess.run(["sh", "-c", line], env=given, check=True)
    sent = (tmp_path / "sent").read_text(encoding="utf-8")
    assert sent.startswith("-s Segments: please look marketing\n")
    assert "your file has no" in sent


def test_the_workflow_runs_the_command_where_everything_lies():
    text = (ROOT / "docs" / "schedule.md").read_text(encoding="utf-8")
    steps = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1].splitlines()
    place = next(number for number, line in enumerate(steps) if "working-directory: /srv/segments" in line)
    command = steps[place + 1].partition("run: .venv/bin/python -m segmenter ")[2]
    asked = parse(shlex.split(command.replace("$(date +%Y-%m)", "2026-12")))
    assert asked.fail_on_drift
    assert not str(asked.model).startswith("/")


def _program(path, line):
    path.write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_file_that_a_document_names_is_there(document):
    text = (ROOT / document).read_text(encoding="utf-8")
    named = re.findall(r"`((?:segmenter|tests|docs|models)/[\w/.-]+)`", text) + re.findall(r"\]\(([\w/.-]+)\)", text)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("registry", ["CHARTS", "EXPORTERS", "IMPORTERS", "MAPS", "PAGES"])
def test_the_readme_names_every_entry_of_a_registry(registry):
    row = next(line for line in README.splitlines() if f"`{registry}`" in line and line.startswith("| a"))
    entries = {
        "CHARTS": charts.CHARTS,
        "EXPORTERS": EXPORTERS,
        "IMPORTERS": IMPORTERS,
        "MAPS": MAPS,
        "PAGES": [page.file for page in PAGES],
    }[registry]
    names = [getattr(each, "key", each) for each in entries]
    assert row.rsplit(": ", 1)[1].removesuffix(" |") == ", ".join(names), "README.md: other entries, or another order"


def test_the_readme_names_every_room():
    rows = README.split("| room | what stands in it |")[1].split("\n\n")[0]
    named = {name.split("/")[0] for row in rows.splitlines() for name in re.findall(r"`([\w/]+)`", row.split(" | ")[0])}
    rooms = {path.stem for path in (ROOT / "segmenter").iterdir() if path.suffix in ("", ".py")}
    assert named == {name for name in rooms if not name.startswith("__")}


def test_every_decision_is_in_the_index():
    index = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    for record in (ROOT / "docs" / "decisions").glob("0*.md"):
        title = record.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        assert f"| [{record.name[:4]}]({record.name}) | {title} |" in index


def test_the_table_of_thresholds_says_what_the_code_does():
    text = (ROOT / "docs" / "thresholds.md").read_text(encoding="utf-8")
    rows = [row.split(" | ") for row in text.splitlines() if row.count(" | ") == 3 and "`" in row]
    assert len(rows) > 40
    for _, name, value, source in rows:
        module, _, constant = name.strip("`").rpartition(".")
        assert getattr(importlib.import_module(module), constant) == pytest.approx(float(value), abs=5e-4), name
        assert source.removesuffix(" |")
    for path in set(re.findall(r"\]\(([\w/.-]+)\)", text)):
        assert (ROOT / "docs" / path).is_file()


@pytest.mark.parametrize("key", [*ALGORITHMS, *CLASSIFIERS])
def test_every_method_is_described(key):
    assert f"`{key}`" in (ROOT / "docs" / "methods.md").read_text(), "docs/methods.md says nothing of it"


def test_the_guide_s_pictures_are_there_small_and_described():
    guide = ROOT / "docs" / "guide.md"
    pictures = re.findall(r"!\[([^\]]*)\]\(([\w/.-]+)\)", guide.read_text(encoding="utf-8"))
    assert len(pictures) >= 6
    for description, path in pictures:
        assert len(description) > 20
        assert (guide.parent / path).stat().st_size < 150_000
    assert {path.name for path in (guide.parent / "guide").iterdir()} == {Path(path).name for _, path in pictures}
