import re

import pytest
from bench.plots import Bar, Chart, svg

BARS = [Bar("ours & fast", 1.4), Bar("theirs", 0.07, ours=False)]


def test_bars_are_as_long_as_their_values() -> None:
    picture = svg(Chart("Rates", "a second", BARS))
    long, short = (float(width) for width in re.findall(r'<rect class="(?:ours|theirs)".*? width="([\d.]+)"', picture))
    assert abs(long / short - 20) < 0.1


def test_a_label_may_have_any_character() -> None:
    assert ">ours &amp; fast<" in svg(Chart("Rates", "a second", BARS))


@pytest.mark.parametrize("most", [0.0003, 0.07, 1, 1.5, 9.9, 10, 4_321, 99_999])
def test_there_are_a_few_round_ticks_and_nothing_reaches_beyond_the_picture(most: float) -> None:
    picture = svg(Chart("Rates", "a second", [Bar("one", most)], mark=most * 0.9))
    places = [float(x) for x in re.findall(r' x[12]?="([\d.]+)"', picture)]
    (right,) = (float(width) for width in re.findall(r'<svg .*? width="(\d+)"', picture))
    assert max(places) < right
    assert 3 <= picture.count('class="grid"') <= 8
