"""What pages in HTML look like: their one stylesheet and their icon, served by ourselves; not the pages."""

import hashlib
from pathlib import Path
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from reality_engine.kernel.errors import NotFoundError

_FOLDER: Final = Path(__file__).with_name("assets")
_TYPES: Final = {"pages.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}
_FILES: Final = {name: _FOLDER.joinpath(name).read_bytes() for name in _TYPES}
# The address changes with what it holds, so a browser may keep it for good.
_VERSION: Final = hashlib.sha256(b"".join(_FILES.values())).hexdigest()[:12]
STYLE: Final = f"/pages/{_VERSION}/pages.css"
_FOR_GOOD: Final = "public, max-age=31536000, immutable"

router = APIRouter(prefix="/pages", include_in_schema=False)


@router.get("/{version}/{name}")
async def page_asset(version: str, name: str) -> Response:
    """Show how pages look; to a page of another release too, which may be served beside this one."""
    if name not in _FILES:
        raise NotFoundError("there is nothing at this path")
    kept = _FOR_GOOD if version == _VERSION else "no-cache"
    headers = {"Cache-Control": kept, "X-Content-Type-Options": "nosniff"}
    return Response(_FILES[name], headers=headers, media_type=_TYPES[name])
