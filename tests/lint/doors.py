"""A contract for import-linter: a room is entered by its door."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, output

__all__ = ["DoorsContract"]


class DoorsContract(Contract):
    """
    Modules whose names begin with an underscore are imported within their own room only.

    A room is what stands directly below the library; its door is what its ``__init__`` exports. Of
    a room that is private as a whole (``_tracking``) every module counts as one, but for
    ``_persistence``: that has no door, since only the session enters it, module by module.
    """

    type_name = "doors"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Collect every import that goes past a door."""
        past = []
        for imported in graph.modules:
            _, room, *below = [*imported.split("."), ""]
            is_private = room == "_tracking" or any(part.startswith("_") for part in below)
            if not any(below) or not is_private:
                continue
            for importer in graph.find_modules_that_directly_import(imported):
                if importer.split(".")[1:2] != [room]:
                    past.append(f"{importer} imports {imported}")
        return ContractCheck(kept=not past, metadata={"past": sorted(past)})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Say which imports these are."""
        for line in check.metadata["past"]:
            output.print_error(line)
