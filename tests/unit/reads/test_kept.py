"""Pages are kept in bounded room, the most lately asked for."""

from reality_engine.kernel.principal import ANONYMOUS
from reality_engine.reads.kept import KeptPages, Sought
from reality_engine.reads.pages import Ends, WrittenPage
from reality_engine.visibility.page import Standing
from reality_engine.web.paging import Page
from reality_engine.web.places import Bound

ENDS = Ends("w", Page(), Bound("", "feed"), Standing(1, 1, 1, "p"))
ASKED = [Sought(ANONYMOUS, "feed", "w", b"limit=%d" % number) for number in range(3)]


def page(size: int) -> WrittenPage:
    return WrittenPage(b"x" * size, ENDS)


def test_what_was_asked_for_least_lately_goes_first() -> None:
    pages = KeptPages(room=2_500)
    for number in (0, 1, 0, 2):
        if pages.get(ASKED[number]) is None:
            pages.keep(ASKED[number], page(100))
    assert [pages.get(one) is not None for one in ASKED] == [True, False, True]


def test_what_is_read_anew_takes_the_place_of_what_was() -> None:
    pages = KeptPages(room=2_500)
    for size in (1_000, 900, 100):
        pages.keep(ASKED[0], page(size))
    pages.keep(ASKED[1], page(100))
    assert len(pages) == 2
    assert pages.get(ASKED[0]) == page(100)


def test_what_is_larger_than_all_the_room_is_not_kept() -> None:
    pages = KeptPages(room=2_500)
    pages.keep(ASKED[0], page(2_000))
    assert len(pages) == 0
    pages.keep(ASKED[0], page(1_000))
    assert len(pages) == 1
