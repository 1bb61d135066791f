"""Writes a plan for people at a terminal; not the plan."""

from collections.abc import Iterator

from reality_engine.upgrading.comparing import Difference
from reality_engine.upgrading.plan import Happening, MovedAudience, Plan


def lines(plan: Plan) -> Iterator[str]:
    """Yield the lines of a plan, but for what stands in its way."""
    before, after = plan.before, plan.after
    if plan.needless:
        yield f"the world runs {after.name} {after.version} already"
        return
    yield f"from {before.name} {before.version} ({before.digest[:12]}) to {after.version} ({after.digest[:12]})"
    yield from _part("what the pack says otherwise", [_difference(one) for one in plan.differences])
    yield from _part("what happens to entities", [_happening(one) for one in plan.happenings])
    yield from _part("who sees what", [_audience(one) for one in plan.audiences])


def _part(title: str, told: list[str]) -> Iterator[str]:
    if told:
        yield ""
        yield f"{title}:"
        yield from (f"  {one}" for one in told)


def _difference(one: Difference) -> str:
    parts = f" ({', '.join(one.parts)})" if one.parts else ""
    was = f" from {one.before}" if one.before else ""
    return f"{one.what} {one.name} {one.change}{was}{parts}"


def _happening(one: Happening) -> str:
    many = f"{one.entities} {'entity' if one.entities == 1 else 'entities'}"
    return f"{one.kind}.{one.field} {one.what}: {many}" if one.field else f"{one.kind} {one.what}: {many}"


def _audience(one: MovedAudience) -> str:
    moved = one.moved
    how = " and ".join(word for word, is_so in (("opens", moved.opens), ("closes", moved.closes)) if is_so)
    said = "" if one.said or not moved.opens else ", which is not said"
    return f"{moved.path} {how}{said}: from {', '.join(moved.before)} to {', '.join(moved.after)}"
