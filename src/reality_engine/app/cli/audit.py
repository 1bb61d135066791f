"""Writes an audit of a pack as a table and a list, for people; not what is in it."""

from collections.abc import Iterator

from reality_engine.packs.flow.audit import Audit, Sees, Sight, told

_MARKS = {Sees.YES: "yes", Sees.IF: "if", Sees.NO: "-", None: ""}


def audit_lines(audit: Audit) -> Iterator[str]:
    """Yield the lines of an audit."""
    yield f"{audit.pack.name} {audit.pack.version}: who sees what"
    yield ""
    yield from _table(audit)
    yield ""
    if not audit.disclosures:
        yield "no rule discloses anything"
    for each in audit.disclosures:
        yield f"{each.place}: {told(each)}"


def _table(audit: Audit) -> Iterator[str]:
    head = ["", *audit.columns, ""]
    rows = [head, *(_row(sight, audit) for sight in audit.sights())]
    widths = [max(len(row[index]) for row in rows) for index in range(len(head))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(sight: Sight, audit: Audit) -> list[str]:
    marks = [_MARKS[audit.sees(column, sight)] for column in audit.columns]
    return [sight.dotted, *marks, "; ".join(audit.besides(sight))]
