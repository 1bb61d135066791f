"""Names what a viewer sees of an entity: the same bytes, the same tag, and nothing can be told from it; not HTTP."""

import hmac
from hashlib import sha256
from typing import TYPE_CHECKING

from reality_engine.kernel.clock import to_text
from reality_engine.kernel.json import canonical

if TYPE_CHECKING:
    from reality_engine.visibility.entities import EntityView


def etag_of(view: "EntityView", key: bytes, viewer: str) -> str:
    """Return the entity tag of a visible representation, keyed per viewer so that two cannot compare theirs."""
    content = canonical([viewer, view.id, view.owner, view.deleted, view.fields, to_text(view.updated_at)])
    return hmac.digest(key, content, sha256)[:12].hex()
