"""A list goes on over a bridge: from the theft, into the escrow, and out of it on another chain."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.tracing.watch.test_provenance import refused

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tracing.watch.strait import Strait
    from tracing.models import Trace

pytestmark = [pytest.mark.node, pytest.mark.django_db]


def over_there(strait: "Strait") -> "Trace":
    """The leg of a part of the theft, of which a part reached an exchange."""
    from tests.tracing.watch.town import ETHER, EXCHANGE, MULE, THIEF

    strait.near.trace(strait.near.steal(100 * ETHER))
    strait.leave(THIEF, 80 * ETHER, to=MULE)
    strait.arrive(MULE, 79 * ETHER)
    strait.far.send(MULE, EXCHANGE, 30 * ETHER)
    strait.far.mine()
    strait.follow()
    leg: Trace = strait.crossing().leg
    return leg


def document(strait: "Strait", leg: "Trace", viewer: Any) -> dict[str, Any]:
    from tests.tracing.watch.town import EXCHANGE
    from tracing.services import provenance, traces

    found = traces.get(viewer, strait.near.incident, leg.public_id)
    return provenance.document(viewer, found, strait.far.name, EXCHANGE)


def test_a_list_leads_over_the_bridge_back_to_the_theft(strait: "Strait", tmp_path: "Path") -> None:
    from tests.tracing.watch.town import ETHER, MULE, THIEF, VICTIM
    from tracing.core.provenance_file import differences

    leg = over_there(strait)
    near, far = strait.near.name, strait.far.name
    found = document(strait, leg, strait.near.cast.rival)
    lines = found["lines"]
    assert [(line["kind"], line["receiver"]["chain"]) for line in lines] == [
        ("seed", near), ("crossing", near), ("crossed", far), ("arrival", far),
    ]  # fmt: skip
    crossed = lines[2]
    assert crossed["sender"] == lines[1]["receiver"]
    assert crossed["receiver"]["address"] == MULE
    assert (crossed["amount_out"], crossed["amount_in"]) == (str(80 * ETHER), str(79 * ETHER))
    assert differences(found) == []
    assert found["amounts"]["units"] == str(30 * ETHER)
    (seed,) = found["seeds"]
    assert (seed["chain"], seed["victim"], seed["receiver"]) == (near, VICTIM, THIEF)
    for at in range(len(lines)):
        less = found | {"lines": lines[:at] + lines[at + 1 :]}
        refused(tmp_path / "exhibit.json", less, "does not stand")


def test_there_and_back_again_is_one_list(strait: "Strait") -> None:
    from tests.tracing.watch.town import ETHER, EXCHANGE, MULE, THIEF
    from tracing.core.provenance_file import differences
    from tracing.services import provenance

    near, far = strait.near, strait.far
    near.trace(near.steal(100 * ETHER))
    strait.leave(THIEF, 60 * ETHER, to=MULE)
    strait.arrive(MULE, 60 * ETHER)
    strait.follow()
    strait.leave(MULE, 40 * ETHER, to=EXCHANGE, frm=far)
    strait.arrive(EXCHANGE, 40 * ETHER, at=near)
    near.mine()
    strait.follow()
    second = strait.crossing().leg
    found = provenance.document(near.cast.rival, second, near.name, EXCHANGE)
    assert [(line["kind"], line["receiver"]["chain"]) for line in found["lines"]] == [
        ("seed", near.name),
        ("crossing", near.name),
        ("crossed", far.name),
        ("crossing", far.name),
        ("crossed", near.name),
    ]
    assert differences(found) == []


def test_who_may_not_see_where_it_came_from_sees_it_from_the_bridge_on(strait: "Strait") -> None:
    from tracing.core.provenance_file import differences
    from tracing.models import Trace

    leg = over_there(strait)
    lead, rival = strait.near.cast.lead, strait.near.cast.rival
    assert lead.organization
    only = [lead.organization.pk]
    Trace.objects.exclude(pk=leg.pk).update(audience_organizations=only, owner=lead.organization)
    found = document(strait, leg, rival)
    assert [line["kind"] for line in found["lines"]] == ["seed", "arrival"]
    assert differences(found) == []
    assert len(document(strait, leg, lead)["lines"]) == 4
