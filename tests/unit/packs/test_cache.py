from dataclasses import replace

from reality_engine.packs.cache import PackCache
from reality_engine.packs.compiled import CompiledPack

PACK = CompiledPack("tiny", "1.0.0", "Tiny", "0", "", {}, {}, {}, (), (), ())


def test_the_least_lately_used_pack_is_let_go() -> None:
    cache = PackCache(size=2)
    first, second, third = (replace(PACK, digest=digest) for digest in "abc")
    cache.put(first)
    cache.put(second)
    assert cache.get("a") is first
    cache.put(third)
    assert cache.get("b") is None
    assert (cache.get("a"), cache.get("c")) == (first, third)
    assert len(cache) == 2
