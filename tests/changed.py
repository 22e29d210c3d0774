"""Runs the tests of what changed: `python -m tests.changed main`.

A changed test file is run itself; a changed module is tested by the file that mirrors its path, else by those in the
nearest mirrored folder that import it or open it as a page, else by the tests of the modules that import it; what
tests share is tested by those that import it. The whole suite stays the judge; this is for the minute between two
edits.
"""

import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

# Of a module that no test names, so many test files of its importers at most: a minute has room for no more.
MOST_OF_IMPORTERS = 4
SLOW = ("tests/browser/", "tests/fuzz/")


def changed_files(base: str) -> list[str]:
    """Return the files that differ from where the branch left `base`, and those not in git yet."""
    known = _git("rev-parse", "--verify", "--quiet", base)
    since = _git("merge-base", base, "HEAD") if known else ["HEAD"]
    return [*_git("diff", "--name-only", *since), *_git("ls-files", "--others", "--exclude-standard")]


def mirroring_tests(changed: list[str], root: Path) -> list[str]:
    """Return the test files to run, from the root of the checkout."""
    found: set[str] = set()
    for file in changed:
        if file.startswith("tests/") and Path(file).name.startswith("test_"):
            found.add(file)
        elif file.startswith("tests/") and file.endswith(".py"):
            found |= _naming([f"from {_dotted(Path(file))} import"], root / "tests", root)
        elif file.startswith("segmenter/") and file.endswith(".py"):
            found |= _mirroring_module(Path(file), root) or _tests_of_importers(Path(file), root)
    return sorted(each for each in found if (root / each).is_file() and not each.startswith(SLOW))


def _mirroring_module(module: Path, root: Path) -> set[str]:
    mirror = Path("tests", *module.parts[1:-1])
    words = [f"from {_dotted(module)} import"]
    if module.parent.name == "pages":
        words += [f'PAGE.format("{module.stem}")', f"pages/{module.name}"]
    while len(mirror.parts) > 1:
        named = mirror / f"test_{module.stem}.py"
        if (root / named).is_file():
            return {named.as_posix()}
        if found := _naming(words, root / mirror, root):
            return found
        mirror = mirror.parent
    return set()


def _tests_of_importers(module: Path, root: Path) -> set[str]:
    """Return the tests to which most of a module's importers lead, or else their importers."""
    level, seen = {module}, {module}
    while level:
        names = [f"from {_dotted(each)} import" for each in level]
        level = {path for path, text in _modules(root).items() if any(name in text for name in names)} - seen
        seen |= level
        led_to = Counter(test for each in sorted(level) for test in sorted(_mirroring_module(each, root)))
        if led_to:
            return {test for test, _ in led_to.most_common(MOST_OF_IMPORTERS)}
    return set()


@cache
def _modules(root: Path) -> dict[Path, str]:
    found = sorted((root / "segmenter").rglob("*.py"))
    return {path.relative_to(root): path.read_text(encoding="utf-8") for path in found}


@cache
def _test_files(folder: Path) -> dict[Path, str]:
    return {path: path.read_text(encoding="utf-8") for path in sorted(folder.rglob("test_*.py"))}


def _naming(words: list[str], folder: Path, root: Path) -> set[str]:
    """Return the tests below a folder whose text holds one of the words."""
    return {
        path.relative_to(root).as_posix()
        for path, text in _test_files(folder).items()
        if any(word in text for word in words)
    }


def _dotted(module: Path) -> str:
    return ".".join(module.with_suffix("").parts).removesuffix(".__init__")


def _git(*command: str) -> list[str]:
    said = subprocess.run(["git", *command], capture_output=True, text=True, check=False)
    return said.stdout.split()


if __name__ == "__main__":
    files = mirroring_tests(changed_files(sys.argv[1] if len(sys.argv) > 1 else "main"), Path.cwd())
    sys.stdout.write("\n".join(files or ["nothing that has tests changed"]) + "\n")
    if files:
        # Starting workers for a single file takes longer than its tests.
        alone = ("-n", "0") if len(files) == 1 else ()
        sys.exit(subprocess.run([sys.executable, "-m", "pytest", "-q", *alone, *files], check=False).returncode)
