"""What the routes depend on: a session, and the user whom a token names."""

from collections.abc import AsyncIterator
from typing import Annotated

import jwt
from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession

from bench.template.tables import User

KEY = "of a service that runs for a few minutes"
ALGORITHM = "HS256"

bearer = HTTPBearer()


async def session_of(request: Request) -> AsyncIterator[AsyncSession]:
    """Open a session for the request; what is not committed is rolled back."""
    async with request.app.state.sessions() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(session_of)]


async def user_of(session: SessionDep, credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> User:
    """Return the user, who must be active still."""
    try:
        claims = jwt.decode(credentials.credentials, KEY, [ALGORITHM])
    except jwt.InvalidTokenError as error:
        raise HTTPException(401, "the token is not valid") from error
    user = await session.get(User, int(claims["sub"]))
    if user is None or not user.active:
        raise HTTPException(401, "there is no such user")
    return user


UserDep = Annotated[User, Depends(user_of)]


def token_of(user: int) -> str:
    """Return a token for a user."""
    return jwt.encode({"sub": str(user), "exp": 4_000_000_000}, KEY, ALGORITHM)
