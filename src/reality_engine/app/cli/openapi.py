"""`reality openapi`: the API's description, without a server; not the API."""

import json
from pathlib import Path
from typing import Annotated

import typer

from reality_engine.app.api import document
from reality_engine.app.cli.output import done
from reality_engine.kernel.errors import InvalidError


def openapi(
    output: Annotated[Path | None, typer.Option(help="Write it to this file, not to standard output.")] = None,
) -> None:
    """Write the OpenAPI 3.1 document, from which clients can be generated.

    For example:

    ```console
    reality openapi --output openapi.json
    ```
    """
    text = json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InvalidError(f"'{output}' cannot be written: {error.strerror}") from error
    done(f"wrote {output}")
