"""The queue: the exceptions to look at, as the page lists them."""
