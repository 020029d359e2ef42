"""What a firm can show for itself in the finder: domains above register it, such as certificates of its people."""

from collections.abc import Callable, Collection, Mapping

Shown = Callable[[Collection[int]], Mapping[int, list[str]]]
_sources: list[Shown] = []


def shows(source: Shown) -> Shown:
    """Registers a source: from firms' numbers to words by firm, in one question to the database for all of them."""
    if source not in _sources:
        _sources.append(source)
    return source


def shown_by(partner_ids: Collection[int]) -> dict[int, list[str]]:
    """Everything the firms show, by firm, in the order of the sources."""
    found: dict[int, list[str]] = {number: [] for number in partner_ids}
    for source in _sources if partner_ids else ():
        for number, words in source(partner_ids).items():
            found[number] += words
    return found
