"""Mutants of the policy, each held against the reference: `make mutate`. Not part of `make test`.

mutmut makes them. Its own runner changes functions only, and most of the policy is in tables above
them; so its operators are applied to the whole module here, and an element of each table is left
out besides. A mutant is loaded in place of the module for the checks of test_reference.py alone:
no process, no database of its own, so that all of them take minutes.
"""

# ruff: noqa: E501 - a line of the policy is as long as it is
from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from types import ModuleType

import libcst as cst
import pytest
from django.db import transaction
from mutmut.mutation.file_mutation import create_mutations

from incidents import access
from tests.access import test_reference as checks
from tests.cast import Cast, make_cast

POLICY = Path(__file__).resolve().parents[2] / "incidents" / "access" / "policy.py"
MODULE = "incidents.access.policy"
MOST = 0.01  # of all mutants may live
TABLES = (cst.Set, cst.Tuple, cst.List, cst.Dict)
# What no test can tell from the original, with the reason. Keyed by the changed line.
EQUIVALENT: dict[str, str] = {
    '-Row = TypeVar("Row", bound=Model)\n+Row = None': "for the type checker alone",
    '-Row = TypeVar("Row", bound=Model)\n+Row = TypeVar(None, bound=Model)': "for the type checker alone",
    '-Row = TypeVar("Row", bound=Model)\n+Row = TypeVar("Row", bound=None)': "for the type checker alone",
    '-Row = TypeVar("Row", bound=Model)\n+Row = TypeVar("Row", )': "for the type checker alone",
    '-Row = TypeVar("Row", bound=Model)\n+Row = TypeVar("XXRowXX", bound=Model)': "for the type checker alone",
    '-Row = TypeVar("Row", bound=Model)\n+Row = TypeVar("row", bound=Model)': "for the type checker alone",
    '-Row = TypeVar("Row", bound=Model)\n+Row = TypeVar("ROW", bound=Model)': "for the type checker alone",
    "-    is_every_party: bool = False\n+    is_every_party: bool = None": "None is as false as False",
    "-    seats: tuple[Participation, ...] = field(default=(), compare=False)\n+    seats: tuple[Participation, ...] = field(default=(), compare=None)": "None is as false as False",
    "-        seat and [seat.is_confidential, seat.removed_at is None],\n+        seat and [seat.is_confidential, seat.removed_at is not None],": "the two values swap places in the key and stay two",
}
# Functions that no query goes through.
IN_MEMORY = {"may_see", "can", "require", "require_proof", "audience_key"}


@dataclass(frozen=True)
class Mutant:
    code: str
    function: str  # the top-level one that it changes; "" for a table or a class
    change: str


def mutants() -> Iterator[Mutant]:
    """Every mutant of the module as it is."""
    source = POLICY.read_text()
    module, mutations, _, _ = create_mutations(str(POLICY), source)
    made = [(m.original_node, m.mutated_node, m.contained_by_top_level_function) for m in mutations]
    made += [(node, less, None) for node in tables(module) for less in without_one(node)]
    seen = {source}
    for original, changed, function in made:
        code = module.deep_replace(original, changed).code
        if code not in seen:
            seen.add(code)
            name = function.name.value if isinstance(function, cst.FunctionDef) else ""
            yield Mutant(code, name, changed_lines(source, code))


def tables(module: cst.Module) -> Iterator[cst.CSTNode]:
    """Literals of the module's own statements."""
    for statement in module.body:
        if isinstance(statement, cst.SimpleStatementLine):
            yield from (node for node in walk(statement) if isinstance(node, TABLES))


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from walk(child)


def without_one(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The literal with one element less, each in turn."""
    elements = node.elements  # type: ignore[attr-defined]
    for index in range(len(elements) if len(elements) > 1 else 0):
        yield node.with_changes(elements=[*elements[:index], *elements[index + 1 :]])


def changed_lines(source: str, code: str) -> str:
    lines = unified_diff(source.splitlines(), code.splitlines(), lineterm="", n=0)
    return "\n".join(line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---"))


@contextmanager
def instead(code: str) -> Iterator[None]:
    """The mutant, wherever the checks look for the policy."""
    name = f"{MODULE}_mutant"
    module = ModuleType(name)
    sys.modules[name] = module
    places = (access, checks)
    kept = [(place, dict(vars(place))) for place in places]
    try:
        exec(compile(code, str(POLICY), "exec"), vars(module))  # noqa: S102
        original = vars(sys.modules[MODULE])
        for place, names in kept:
            for key, value in names.items():
                if key in original and original[key] is value and key in vars(module):
                    setattr(place, key, vars(module)[key])
        yield
    finally:
        del sys.modules[name]
        for place, names in kept:
            for key, value in names.items():
                setattr(place, key, value)


CHECKS: tuple[Callable[[], None], ...] = (
    checks.test_reference_says_something_about_every_act_and_marking,
    checks.test_an_actor_is_what_the_ledger_calls_it,
    checks.test_a_token_that_reads_is_told_what_it_may,
    checks.test_the_key_of_an_audience_holds_every_input_and_the_person_only_where_it_counts,
    checks.test_who_is_no_party_of_the_room_does_nothing_in_it,
    checks.test_the_room_is_where_nothing_else_is_said,
    checks.test_predicate_is_what_the_text_says_on_every_combination,
    checks.test_capacity_role_proof_consent_and_stage_decide_every_act,
)


def killer(mutant: Mutant, filtered: Callable[[], None]) -> str:
    """The check that tells the mutant from the policy; "" where none does."""
    asked = [*CHECKS, *([] if mutant.function in IN_MEMORY else [filtered])]
    try:
        with instead(mutant.code):
            for check in asked:
                name = getattr(check, "__name__", "filter")
                check()
    except BaseException as error:  # whatever it is, the mutant did it
        if isinstance(error, KeyboardInterrupt):
            raise
        return name if "name" in locals() else "import"
    return ""


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.mark.django_db
def test_at_most_one_mutant_in_a_hundred_lives(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    numbers = checks.numbers.__wrapped__(cast)  # type: ignore[attr-defined]

    def filtered() -> None:
        with transaction.atomic():
            checks.test_filter_is_what_the_text_says_on_every_combination(cast, numbers)
            transaction.set_rollback(True)

    assert killer(Mutant(POLICY.read_text(), "", ""), filtered) == "", "the policy itself passes"
    found = {mutant: killer(mutant, filtered) for mutant in mutants()}
    alive = [mutant for mutant, by in found.items() if not by]
    lived = [mutant for mutant in alive if mutant.change not in EQUIVALENT]
    figures = {
        "mutants": len(found),
        "killed": len(found) - len(alive),
        "equivalent": len(alive) - len(lived),
        "survivors": [mutant.change for mutant in lived],
    }
    if into := os.environ.get("MUTANTS_JSON"):
        Path(into).write_text(json.dumps(figures, indent=2) + "\n")
    with capsys.disabled():
        print(json.dumps(figures, indent=2))
    assert len(lived) <= MOST * len(found)
    assert set(EQUIVALENT) <= {mutant.change for mutant in alive}, "listed, and killed"
