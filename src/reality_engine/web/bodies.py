"""Parents of every request and response body, and the types their fields share; not any body itself."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, GetCoreSchemaHandler, PlainSerializer, WithJsonSchema
from pydantic_core import CoreSchema

from reality_engine.kernel.clock import to_text
from reality_engine.kernel.errors import NotFoundError
from reality_engine.kernel.ids import is_id
from reality_engine.web.json_types import told_by_type


class RequestBody(BaseModel):
    """What a client sends. An unknown key is a mistake and told, never dropped in silence; so is another JSON type."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler, /) -> CoreSchema:
        """Have every field take its JSON type alone; models in it see to that themselves."""
        schema = handler(source)
        own: Any = handler.resolve_ref_schema(schema)
        own["schema"] = told_by_type(own["schema"])
        return schema


class ResponseBody(BaseModel):
    """What a client gets."""

    model_config = ConfigDict(frozen=True)


def _existing(text: str) -> str:
    # What is not an id at all does not exist, and the answer for that is everywhere the same.
    if not is_id(text):
        raise NotFoundError("there is no such thing here")
    return text


def _id_schema() -> dict[str, Any]:
    return {"type": "string", "format": "uuid", "examples": ["01938d2e-7a40-7c3e-9f52-4b1d8e6a2f10"]}


# An id as a part of a path: text that is not an id is answered with 404, as an unknown id is.
PathId = Annotated[str, AfterValidator(_existing), WithJsonSchema(_id_schema())]

# A moment in an answer that is text already, in the same form as below.
Written = Annotated[
    str, WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-05-01T18:00:00.000000Z"]})
]

# A moment in an answer: RFC 3339 in UTC with six decimals, so that text order is time order.
Timestamp = Annotated[
    datetime,
    PlainSerializer(to_text, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-05-01T18:00:00.000000Z"]}),
]
