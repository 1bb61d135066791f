"""Says what came of a session of kills, for people; not whether that is enough."""

from tests.crash.session import Tally


def as_lines(tally: Tally) -> list[str]:
    """Return the figures, one a line."""
    kills = tally.kills.total()
    rows: list[tuple[str, object]] = [
        ("kills", kills),
        *((f"  {where}", count) for where, count in tally.kills.most_common()),
        ("between submission and answer", f"{tally.between} ({tally.between / max(kills, 1):.0%} of the kills)"),
        ("requests cut off from their answer", tally.cut),
        ("requests put off with 503", tally.put_off),
        ("repeated at another process at once", tally.elsewhere),
        ("repeated, since they had no answer", tally.done + tally.absent),
        ("  wholly there", tally.done),
        ("  wholly absent", tally.absent),
        ("actions acknowledged", tally.acknowledged),
        ("refusals acknowledged", tally.refusals),
        ("answers given again to their key", tally.repeated),
        ("runs of `reality verify`, all whole", tally.verified),
        ("lost, doubled, torn or odd", len(tally.broken)),
    ]
    width = max(len(name) for name, _ in rows)
    return [f"{name:<{width}}  {value}" for name, value in rows] + tally.broken
