"""What a viewer sees of a world in memory, through the same audience keys as everywhere; not what a test expects."""

from reality_engine.expressions.template import render
from reality_engine.kernel.ids import WORLD_ENTITY
from reality_engine.kernel.principal import Principal
from reality_engine.rules.decision import Accepted
from reality_engine.scenarios.outcome import FailureError
from reality_engine.scenarios.stage import Stage
from reality_engine.state.audience import EVERYONE, MEMBERS, facet_keys, group_key, role_key, user_key
from reality_engine.visibility.audience import Scope, sees


def scope_in(stage: Stage, viewer: Principal) -> Scope:
    """Return the audience keys that somebody holds now."""
    member = next(
        (
            each
            for each in stage.entities.values()
            if each.kind == "member" and each.live and viewer.known and each.get("user") == viewer.id
        ),
        None,
    )
    if member is None:
        public = stage.entities[WORLD_ENTITY].get("public") is True
        return Scope(frozenset({EVERYONE} if public else ()))
    held = member.get("roles")
    roles = [str(role) for role in held] if isinstance(held, list) else []
    keys = {EVERYONE, MEMBERS, user_key(viewer.id), *map(role_key, roles), *_groups(stage, viewer.id)}
    return Scope(frozenset(keys), everything=any(stage.pack.roles[role].sees_everything for role in roles), member=True)


def is_seen(stage: Stage, scope: Scope, what: str, accepted: Accepted | None) -> bool:
    """Say whether somebody sees an event of the step, by type, or an entity or its field, by name."""
    events = accepted.events if accepted else ()
    if any(event.type == what for event in events):
        return any(sees(scope, event.keys) for event in events if event.type == what)
    name, _, field = what.partition(".")
    if name not in stage.cast.entities:
        types = ", ".join(event.type for event in events) or "none"
        raise FailureError(f"'{what}' is neither an event of this step ({types}) nor a name")
    entity = stage.entities[stage.cast.entities[name]]
    kind = stage.pack.kinds[entity.kind]
    if field and field not in kind.fields:
        raise FailureError(f"{kind.name} has no field '{field}'; there is {', '.join(kind.fields)}")
    facet = kind.fields[field].facet if field else 0
    return sees(scope, facet_keys(kind, facet, entity))


def narratives(accepted: Accepted) -> list[str]:
    """Return what the events say, of those that say something."""
    told = (event.narrative for event in accepted.events)
    return [render(each.pattern, each.arguments) for each in told if each is not None]


def _groups(stage: Stage, user: str) -> set[str]:
    paths = {(kind.group.kind, kind.group.field) for kind in stage.pack.kinds.values() if kind.group}
    owned = [each for each in stage.entities.values() if each.live and each.owner == user]
    return {group_key(str(each.get(field))) for each in owned for kind, field in paths if each.kind == kind}
