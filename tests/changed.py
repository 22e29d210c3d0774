"""Runs the tests of what changed: `python -m tests.changed main`.

A changed test file is run itself; a changed module is tested by the file that mirrors its path, else by those in the
mirrored folder that import it. The whole suite stays the judge; this is for the minute between two edits.
"""

import subprocess
import sys
from pathlib import Path

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
        elif file.startswith("segmenter/") and file.endswith(".py"):
            found |= _mirroring_module(Path(file), root)
    return sorted(each for each in found if (root / each).is_file() and not each.startswith(SLOW))


def _mirroring_module(module: Path, root: Path) -> set[str]:
    mirror = Path("tests", *module.parts[1:-1])
    named = mirror / f"test_{module.stem}.py"
    if (root / named).is_file():
        return {named.as_posix()}
    dotted = ".".join(module.with_suffix("").parts).removesuffix(".__init__")
    return {
        test.relative_to(root).as_posix()
        for test in (root / mirror).glob("test_*.py")
        if f"from {dotted} import" in test.read_text(encoding="utf-8")
    }


def _git(*command: str) -> list[str]:
    said = subprocess.run(["git", *command], capture_output=True, text=True, check=False)
    return said.stdout.split()


if __name__ == "__main__":
    files = mirroring_tests(changed_files(sys.argv[1] if len(sys.argv) > 1 else "main"), Path.cwd())
    sys.stdout.write("\n".join(files or ["nothing that has tests changed"]) + "\n")
    if files:
        sys.exit(subprocess.run([sys.executable, "-m", "pytest", "-q", *files], check=False).returncode)
