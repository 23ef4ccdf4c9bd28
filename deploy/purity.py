"""The import contract between core and shell: what is not named as shell is pure, and stays so.

The names of the shell stand once, in pyproject.toml under `tool.coverage.report.omit`: the same list exempts a file
from the coverage gate and allows it to touch the world.
"""

from __future__ import annotations

import fnmatch
import tomllib
from pathlib import Path

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

ROOT = Path(__file__).resolve().parents[1]


def shell_patterns() -> list[str]:
    """Read the one list of shell files, as patterns of module names (`service.store`, `service.store.*`)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    paths: list[str] = project["tool"]["coverage"]["report"]["omit"]
    names = [path.removesuffix(".py").removesuffix("/**").replace("/", ".") for path in paths]
    return names + [f"{path.removesuffix('/**').replace('/', '.')}.*" for path in paths if path.endswith("/**")]


def is_shell(module: str) -> bool:
    """Tell whether a module of ours is named as shell."""
    return any(fnmatch.fnmatchcase(module, pattern) for pattern in shell_patterns())


class PurityContract(Contract):
    """Pure modules import neither what touches the world nor the modules that do."""

    type_name = "purity"
    world = fields.ListField(subfield=fields.StringField())
    excused = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001 - given by import-linter
        """Look at every import of every pure module; a chain to the world would have to begin with one of them."""
        ours = sorted(module for module in graph.modules if not graph.is_module_squashed(module))
        shell = {module for module in ours if is_shell(module)}
        world: list[str] = self.world  # type: ignore[assignment] # a field holds its value once the contract is built
        excused: list[str] = self.excused or []  # type: ignore[assignment] # see above
        out_of_bounds = shell.union(world)
        broken = [
            (module, imported)
            for module in ours
            if module not in shell
            for imported in sorted(graph.find_modules_directly_imported_by(module) & out_of_bounds)
            if f"{module} -> {imported}" not in excused
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each import, and the two ways out."""
        broken: list[tuple[str, str]] = check.metadata["broken"]
        for module, imported in broken:
            output.print_error(f"{module} is pure and imports {imported}", bold=False)
        output.new_line()
        output.print_error("Pass it in as an argument; or, if the file is shell by its nature, name it in", bold=False)
        output.print_error("pyproject.toml under tool.coverage.report.omit.", bold=False)
        output.new_line()
