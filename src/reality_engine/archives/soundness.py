"""Looks whether an event that comes from outside is one that this engine could have recorded; pure, changes nothing.

The hash chain tells that nobody altered an archive since it was written. Whoever writes one can chain what they like.
"""

from datetime import datetime
from typing import Final

from reality_engine.eventlog.event import Event, Recorded
from reality_engine.kernel.clock import to_text
from reality_engine.kernel.errors import IntegrityError
from reality_engine.kernel.ids import is_id
from reality_engine.kernel.json import Plain
from reality_engine.kernel.principal import PrincipalKind
from reality_engine.packs.compiled import CompiledPack
from reality_engine.packs.conform import conform
from reality_engine.state.entity import ATTRIBUTES, AUDIENCE, LIFE, Life
from reality_engine.visibility.keys import pack_key

_NAME: Final = 200


def check_event(event: Event, pack: CompiledPack, written_at: Plain) -> None:
    """Raise IntegrityError, or ValueError, KeyError or TypeError, where the engine would not have recorded an event.

    `written_at` is its moment as its body has it, which must have the one form of moments.
    """
    if to_text(event.recorded_at) != written_at:
        raise IntegrityError("its moment is not in UTC with six decimals")
    named = (event.id, event.correlation, event.cause, event.acting, event.target, *(one.event for one in event.moved))
    for key in named:
        _check_id(key)
    PrincipalKind(event.principal_kind)
    for text in (event.type, event.principal):
        _check_name(text)
    audiences = {event.keys, *(keys for one in event.moved for keys in (one.before, one.after))}
    for recorded in event.changes:
        _check_change(recorded, pack)
        audiences |= {recorded.keys, recorded.keys_before}
    for key in frozenset[str]().union(*audiences):
        _check_name(key)
        pack_key(key)


def check_moments(last: datetime | None, event: Event, latest: datetime, *, same_action: bool) -> None:
    """Raise IntegrityError where an event is not later than the one before it, of another action, or of the future."""
    if event.recorded_at > latest:
        raise IntegrityError("it was recorded in the future")
    if last is not None and (event.recorded_at < last or (event.recorded_at == last) != same_action):
        raise IntegrityError("it was not recorded after the one before it")


def _check_change(recorded: Recorded, pack: CompiledPack) -> None:
    entity, kind, field, _, after = recorded.change
    _check_id(entity)
    known = pack.kinds[kind]
    if field not in ATTRIBUTES:
        if after is not None:
            conform(after, known.fields[field].value)
    elif field == LIFE:
        Life(str(after))
    elif field == AUDIENCE:
        if after is not None and not isinstance(after, dict):
            raise TypeError("what an entity notes of its audience is no object")
    elif after is not None:
        _check_name(after)


def _check_id(key: object) -> None:
    if key is not None and not (isinstance(key, str) and is_id(key)):
        raise IntegrityError("it names something by what is no id")


def _check_name(text: object) -> None:
    if not isinstance(text, str) or len(text) > _NAME:
        raise IntegrityError("it has a name that is too long, or is no text")
