"""The endpoint that all is compared with: FastAPI reads a body by Pydantic and answers with it; nothing else."""

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI(openapi_url=None)


class Wish(BaseModel):
    """The body that is sent to perform an action."""

    actor: str
    target: str
    input: dict[str, int]


@app.post("/echo")
async def echo(body: Wish) -> Wish:
    """Answer with what came."""
    return body
