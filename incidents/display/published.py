"""What the public page shows: released figures, and who stands behind a text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from incidents.choices import Position
from incidents.models import Participation, Statement
from incidents.ports import Strip

_BUCKETS = (
    "stolen",
    "at_large",
    "at_services",
    "in_crossing",
    "held",
    "frozen",
    "recovered",
    "lost",
)


@dataclass(frozen=True)
class Word:
    """One party's position on the text as it stands; ``position`` "" when it has not spoken."""

    organization: str
    position: str
    label: str
    at: datetime | None
    is_required: bool


def words(statement: Statement, required: Sequence[Participation]) -> list[Word]:
    """Required parties first, silent ones included; then whoever else spoke. Words given for an
    earlier text are void and left out."""
    given = {
        s.organization_id: s for s in statement.sign_offs.all() if s.digest == statement.digest
    }
    found = []
    for seat in required:
        word = given.pop(seat.organization_id, None)
        found.append(
            Word(
                seat.organization.name,
                word.position if word else "",
                Position(word.position).label if word else "Has not answered",
                word.created_at if word else None,
                True,
            )
        )
    found += [
        Word(w.organization.name, w.position, Position(w.position).label, w.created_at, False)
        for w in given.values()
    ]
    return found


def strips(figures: Mapping[str, Mapping[str, str]]) -> list[Strip]:
    """The money strips as they were released."""
    return [
        Strip(
            asset=asset,
            symbol=values["symbol"],
            decimals=int(values["decimals"]),
            **{name: int(values[name]) for name in _BUCKETS},
        )
        for asset, values in sorted(figures.items())
    ]
