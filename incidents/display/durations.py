"""How long something took, for people: two units at most."""

from datetime import timedelta

_UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def words(took: timedelta) -> str:
    """ "2 h 5 min", "40 s", "0 s"."""
    left, found = max(0, round(took.total_seconds())), []
    for unit, seconds in _UNITS:
        count, left = divmod(left, seconds)
        if count:
            found.append(f"{count} {unit}")
        if len(found) == 2 or (found and seconds == 1):
            break
    return " ".join(found) or "0 s"
