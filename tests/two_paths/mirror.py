"""A made day turned upside down: prices measured down from a ceiling, bids for offers, buys for sells.

Whatever was good or bad for a customer is as good or bad in the mirror, to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.two_paths.made_day import BEGIN, Made, text
from tests.two_paths.prints import BUY, Print

CEILING = {symbol: 2 * price for symbol, price in BEGIN.items()}
_STATES = {"bid_not_executable": "offer_not_executable", "offer_not_executable": "bid_not_executable"}
_SELL = "2"


def quotes(made: Iterable[Made]) -> Iterator[Made]:
    """Yield the quotes of the mirror."""
    for quote in made:
        yield quote._replace(
            bid=_mirrored(quote.symbol, quote.offer),
            bid_size=quote.offer_size,
            offer=_mirrored(quote.symbol, quote.bid),
            offer_size=quote.bid_size,
            state=_STATES.get(quote.state, quote.state),
        )


def prints(made: Iterable[Print]) -> Iterator[Print]:
    """Yield the executions of the mirror."""
    for each in made:
        whole, _, fraction = each.price.partition(".")
        price = CEILING[each.symbol] - int(whole + fraction)
        yield each._replace(side=_SELL if each.side == BUY else BUY, price=text(price, 9))


def _mirrored(symbol: str, price: int) -> int:
    return CEILING[symbol] - price if price else 0


def words(reason: str | None) -> str | None:
    """Return why something was not evaluated, as the mirror says it."""
    if reason is None or "the bid is" not in reason:
        return reason and reason.replace("the offer is", "the bid is")
    return reason.replace("the bid is", "the offer is")
