"""What a migration may do while the former release still serves (docs/upgrading.md). Reads Django's operations, not their SQL.

What it does to tables that it makes itself is free: nobody uses them yet.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django.contrib.postgres import operations as pg
from django.db import connection, models
from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.fields import NOT_PROVIDED

from projectvoice import __version__

RULES = {
    "not-null": "a new column is nullable or has a db_default: the former release does not name it when it inserts",
    "rewrite": "no column is added or altered so that its table is written anew or walked through while it is locked",
    "index": "an index is built concurrently: any other way keeps people from writing meanwhile",
    "constraint": "a check or foreign key is added as not valid and validated by a later migration, a unique one over an index",
    "rename": "nothing is renamed: the former release knows the old name",
    "remove": "what the former release uses stays: first the state forgets it, a release later (`unused_since`) SQL drops it",
    "forget": "what the state forgets is nullable or has a db_default: nobody names it any more when he inserts",
    "data": "rows are changed by a migration of their own, not atomic, in transactions of a few rows each",
    "one-step": "a migration that is no transaction does one thing: whatever it fails in can be done again",
    "reverse": "each operation can be undone",
    "imports": "it imports nothing of ours: our code goes on changing",
    "unknown": "this kind of operation has not been judged yet: see tests/migrations/rules.py",
}
FREE = (
    operations.CreateModel,
    operations.AlterModelOptions,
    operations.AlterModelManagers,
    operations.AlterModelTableComment,
    operations.RenameIndex,
    operations.RemoveConstraint,
    pg.AddIndexConcurrently,
    pg.RemoveIndexConcurrently,
    pg.AddConstraintNotValid,
    pg.ValidateConstraint,
    pg.CreateExtension,
    pg.CreateCollation,
)
FORBIDDEN_SQL = (
    ("index", r"\bCREATE\s+(UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)|\bREINDEX\b(?!.*CONCURRENTLY)|\bDROP\s+INDEX\s+(?!CONCURRENTLY)"),
    ("constraint", r"\bADD\s+(CONSTRAINT\s+\S+\s+)?(CHECK|FOREIGN\s+KEY)\b(?!.*NOT\s+VALID)"),
    ("constraint", r"\bADD\s+(CONSTRAINT\s+\S+\s+)?(UNIQUE|PRIMARY\s+KEY|EXCLUDE)\b(?!\s+USING\s+INDEX)"),
    ("rename", r"\bRENAME\b"),
    ("remove", r"\bDROP\s+(COLUMN|TABLE|SCHEMA|TYPE)\b|\bTRUNCATE\b"),
    ("rewrite", r"\bSET\s+NOT\s+NULL\b|\bALTER\s+(COLUMN\s+)?\S+\s+(SET\s+DATA\s+)?TYPE\b|\bVACUUM\s+FULL\b|\bCLUSTER\b|\bLOCK\b"),
    ("not-null", r"\bADD\s+COLUMN\b(?=.*\bNOT\s+NULL\b)(?!.*\bDEFAULT\b)"),
    ("data", r"^\s*(UPDATE|DELETE|INSERT|MERGE)\b"),
)


class Finding(NamedTuple):
    file: str
    operation: str
    rule: str

    def __str__(self) -> str:
        return f"{self.file}: {self.operation}: {self.rule}: {RULES[self.rule]}"


def findings(migration: Migration, before: ProjectState, file: Path, source: str) -> list[Finding]:
    """`before`: the state that the migration is applied to."""
    return sorted({Finding(str(file), what, rule) for what, rule in _all(migration, before, source)})


def _all(migration: Migration, state: ProjectState, source: str) -> Iterator[tuple[str, str]]:
    for module in _imports(source):
        yield f"import {module}", "imports"
    made: set[str] = set()
    if not migration.atomic and len(migration.operations) > 1:
        yield "atomic = False", "one-step"
    for operation in migration.operations:
        judge = _Judge(migration, made)
        what = _name(operation)
        for rule in judge.of(operation, state):
            yield what, rule
        if not operation.reversible:
            yield what, "reverse"
        made |= _made_by(operation)
        state = state.clone()
        operation.state_forwards(migration.app_label, state)


class _Judge:
    def __init__(self, migration: Migration, made: set[str]) -> None:
        self._migration, self._made = migration, made

    def of(self, operation: Operation, state: ProjectState) -> Iterator[str]:
        if isinstance(operation, operations.SeparateDatabaseAndState):
            yield from self._apart(operation, state)
        elif isinstance(operation, FREE) or self._is_of_new_table(operation):
            return
        elif isinstance(operation, operations.AddField):
            yield from _added(operation.field)
        elif isinstance(operation, operations.AlterField):
            former = state.models[self._migration.app_label, operation.model_name_lower].fields[operation.name]
            yield from _altered(former, operation.field)
        elif isinstance(operation, operations.AddIndex | operations.RemoveIndex):
            yield "index"
        elif isinstance(operation, operations.AddConstraint):
            yield "constraint"
        elif isinstance(operation, operations.RenameField | operations.RenameModel | operations.AlterModelTable):
            yield "rename"
        elif isinstance(operation, operations.RemoveField | operations.DeleteModel):
            yield "remove"
        elif isinstance(operation, operations.RunSQL):
            yield from self._sql(operation)
        elif isinstance(operation, operations.RunPython):
            if self._migration.atomic or not _is_in_batches(operation):
                yield "data"
        else:
            yield "unknown"

    def _apart(self, operation: operations.SeparateDatabaseAndState, state: ProjectState) -> Iterator[str]:
        """Only the database is held to the rules; what the state alone forgets must not be missed when rows are inserted."""
        for inner in operation.database_operations:
            yield from self.of(inner, state)
        for inner in operation.state_operations if not operation.database_operations else ():
            if isinstance(inner, operations.RemoveField):
                field = state.models[self._migration.app_label, inner.model_name_lower].fields[inner.name]
                if not (field.null or field.db_default is not NOT_PROVIDED or field.many_to_many):
                    yield "forget"

    def _is_of_new_table(self, operation: Operation) -> bool:
        """Removed by the same migration that made it, too: nobody has ever seen it."""
        named = getattr(operation, "model_name_lower", getattr(operation, "name_lower", None))
        return named in self._made

    def _sql(self, operation: operations.RunSQL) -> Iterator[str]:
        for statement in _statements(operation.sql):
            table = re.search(r"\b(?:ON|TABLE|INTO|UPDATE)\s+(?:ONLY\s+)?\"?(\w+)\"?", statement, re.IGNORECASE)
            if table and table[1].lower() in {f"{self._migration.app_label}_{name}" for name in self._made}:
                continue
            for rule, pattern in FORBIDDEN_SQL:
                due = rule == "remove" and _is_older(getattr(self._migration, "unused_since", ""))
                if re.search(pattern, statement, re.IGNORECASE | re.DOTALL) and not due:
                    yield rule


def _added(field: models.Field) -> Iterator[str]:
    if field.many_to_many:  # a table of its own
        return
    if not field.null and field.db_default is NOT_PROVIDED and not isinstance(field, models.GeneratedField):
        yield "not-null"
    if isinstance(field, models.GeneratedField) or _is_volatile(field.db_default):
        yield "rewrite"
    if field.unique or field.db_index:
        yield "index"


def _altered(former: models.Field, field: models.Field) -> Iterator[str]:
    if field.many_to_many or former.many_to_many:
        if field.many_to_many != former.many_to_many:
            yield "remove"
        return
    if former.null and not field.null:
        yield "rewrite"
    if _type(former) != _type(field) and not _is_wider(former, field):
        yield "rewrite"
    if (field.unique and not former.unique) or (field.db_index and not former.db_index):
        yield "index"
    if isinstance(field, models.ForeignKey) and field.db_constraint and not getattr(former, "db_constraint", False):
        yield "constraint"
    if former.db_default is not NOT_PROVIDED and field.db_default is NOT_PROVIDED and not field.null:
        yield "not-null"


def _type(field: models.Field) -> str | None:
    if isinstance(field, models.ForeignKey):
        target = field.remote_field.model
        return f"as the key of {target if isinstance(target, str) else target._meta.label}".lower()
    return field.db_type(connection)


def _is_wider(former: models.Field, field: models.Field) -> bool:
    """varchar grows, or becomes text, without a row being touched."""
    if not isinstance(former, models.CharField):
        return False
    if isinstance(field, models.TextField):
        return True
    return isinstance(field, models.CharField) and (field.max_length is None or field.max_length >= (former.max_length or 2**31))


def _is_volatile(default: object) -> bool:
    return "uuid" in type(default).__name__.lower() or "random" in type(default).__name__.lower()


def _is_older(release: str) -> bool:
    def numbers(version: str) -> list[int]:
        return [int(part) for part in re.findall(r"\d+", version)]

    return bool(numbers(release)) and numbers(release) < numbers(__version__)


def _is_in_batches(operation: operations.RunPython) -> bool:
    """A loop, with a transaction in it."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(operation.code)))
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For | ast.While)]
    return any(isinstance(node, ast.With) and "atomic(" in ast.unparse(node) for loop in loops for node in ast.walk(loop))


def _statements(sql: object) -> list[str]:
    """Of all forms that RunSQL takes. What stands between dollars is code of a function: it may do what it likes."""
    parts = [sql] if isinstance(sql, str) else [part if isinstance(part, str) else part[0] for part in sql or ()]
    plain = re.sub(r"--[^\n]*", "", re.sub(r"(\$\w*\$).*?\1", "''", "\n;".join(parts), flags=re.DOTALL))
    return [statement for statement in plain.split(";") if statement.strip()]


def _made_by(operation: Operation) -> set[str]:
    inner = operation.database_operations if isinstance(operation, operations.SeparateDatabaseAndState) else [operation]
    return {one.name_lower for one in inner if isinstance(one, operations.CreateModel)}


def _imports(source: str) -> Iterator[str]:
    ours = {path.parent.name for path in Path(__file__).parents[2].glob("*/__init__.py")}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            yield from (name for name in names if name.partition(".")[0] in ours)


def _name(operation: Operation) -> str:
    """As `AddField message.topic`."""
    model, name = getattr(operation, "model_name", ""), getattr(operation, "name", "")
    named = name or getattr(getattr(operation, "constraint", None) or getattr(operation, "index", None), "name", "")
    subject = ".".join(part for part in (model, named) if part)
    if isinstance(operation, operations.RunSQL):
        subject = " ".join(_statements(operation.sql)[0].split()[:6])
    if isinstance(operation, operations.RunPython):
        subject = operation.code.__name__
    if isinstance(operation, operations.SeparateDatabaseAndState):
        subject = ", ".join(_name(inner) for inner in (*operation.database_operations, *operation.state_operations))
    return f"{type(operation).__name__} {subject}".strip()
