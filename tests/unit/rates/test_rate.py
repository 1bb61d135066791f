import pytest

from reality_engine.rates.rate import Rate, rate_of


@pytest.mark.parametrize(
    ("text", "quota", "seconds"),
    [("600/minute", 600, 60), ("10 per 15 minutes", 10, 900), ("1/second", 1, 1), (" 5 / 2 days ", 5, 172_800)],
)
def test_a_rate_is_read(text: str, quota: int, seconds: int) -> None:
    assert rate_of("reads", text) == Rate("reads", quota, seconds)


@pytest.mark.parametrize(
    "text", ["", "many", "0/minute", "-1/minute", "10/fortnight", "10/minute;5/second", "10/month"]
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no rate"):
        rate_of("reads", text)


def test_a_rate_names_its_policy() -> None:
    assert Rate("reads", 600, 60).policy == b'"reads";q=600;w=60'
