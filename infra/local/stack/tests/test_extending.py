"""Applies the recipes of docs/extending.md to a copy of the repository, and builds and tests the copy."""

import re
import shutil
import subprocess
import tempfile
import unittest
from dataclasses import dataclass
from pathlib import Path

from launcher.repository import ROOT

DOCUMENT = ROOT / "docs" / "extending.md"
BLOCK = re.compile(r"^```(diff|sh) title=\S+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MODULES = "ingestion/contract,ingestion/producer,serving/view,batch-layer"
# unit tests that a recipe adds or may break
TESTS = ("GoldenFilesTest", "Schema*Test", "EventDecoderTest", "ViewTableTest", "*SourceTest", "Producer*Test")


@dataclass(frozen=True)
class Step:
    kind: str
    text: str


def recipes() -> dict[str, list[Step]]:
    """The steps of each recipe, by heading."""
    sections = re.split(r"^## ", DOCUMENT.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {
        section.splitlines()[0]: [Step(*found) for found in BLOCK.findall(section)]
        for section in sections
        if BLOCK.search(section)
    }


class ExtendingTest(unittest.TestCase):
    def test_should_have_a_recipe_for_each_extension(self) -> None:
        self.assertEqual(
            list(recipes()),
            ["Add a field to the user", "Add an event type", "Add a source to the producer"],
        )

    def test_should_add_a_field(self) -> None:
        self.build("Add a field to the user")

    def test_should_add_an_event_type_and_a_source(self) -> None:
        self.build("Add an event type", "Add a source to the producer")

    def build(self, *names: str) -> None:
        with tempfile.TemporaryDirectory(prefix="foldlog-extending-") as folder:
            tree = Path(folder, "tree")
            self.copy(tree)
            for name in names:
                for step in recipes()[name]:
                    command = ["git", "apply", "-"] if step.kind == "diff" else ["sh", "-e"]
                    applied = subprocess.run(
                        command, input=step.text, cwd=tree, text=True, capture_output=True, check=False
                    )
                    self.assertEqual(applied.returncode, 0, f"{name}: {step.text}{applied.stderr}")
            built = subprocess.run(
                [
                    *("mvn", "-B", "-ntp", "-q", "test", "-pl", MODULES, "-am"),
                    *(f"-Dtest={','.join(TESTS)}", "-Dsurefire.failIfNoSpecifiedTests=false"),
                ],
                cwd=tree,
                text=True,
                capture_output=True,
                check=False,
            )
            self.assertEqual(built.returncode, 0, built.stdout[-8000:])

    @staticmethod
    def copy(tree: Path) -> None:
        """Copies the files that git tracks into a new repository."""
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, text=True, capture_output=True, check=True
        ).stdout
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, tree / name)
        subprocess.run(["git", "init", "-q"], cwd=tree, check=True)


if __name__ == "__main__":
    unittest.main()
