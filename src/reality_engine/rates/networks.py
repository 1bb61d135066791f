"""Which network an address is counted as: one of IPv4 by itself, of IPv6 by its /64, of which one person has all."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

_PREFIX: Final = 64
# What a server is told where it is asked through a socket of the file system, or by a test.
UNKNOWN: Final = "unknown"


@lru_cache(maxsize=4_096)
def network_of(address: str) -> str:
    """Return the network that an address is counted as; what is no address is all one."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if isinstance(found, IPv6Address):
        inner: IPv4Address | None = found.ipv4_mapped
        return str(inner) if inner is not None else str(ip_network((found, _PREFIX), strict=False))
    return str(found)
