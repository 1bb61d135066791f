"""Names what a viewer sees of an entity: the same bytes, the same tag, and nothing can be told from it; not HTTP."""

from hashlib import blake2b
from typing import TYPE_CHECKING

from reality_engine.kernel.json import canonical

if TYPE_CHECKING:
    from reality_engine.visibility.entities import EntityView


def etag_of(view: "EntityView", key: bytes, viewer: str) -> str:
    """Return the entity tag of a visible representation, keyed per viewer so that two cannot compare theirs."""
    content = canonical([viewer, view.id, view.owner, view.deleted, view.fields, view.updated_at])
    return blake2b(content, key=key, digest_size=12).hexdigest()
