"""Row level security keeps no index from a hot query, and costs the installation no sub-select."""

import json
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from incidents.models import TimelineEntry
from incidents.scope import Kind, Scope, within
from tests.cast import Cast, organization, person

pytestmark = pytest.mark.django_db

# By what hot queries find their rows: keys, positions, subjects, addresses, public ids. A condition
# by a function that is not leakproof would be a filter after the policy, and never an index's.
COMPARED = ("int8eq", "int8gt", "int8lt", "texteq", "uuid_eq")


def test_hot_queries_compare_by_what_may_stand_before_a_policy() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname, bool_and(proleakproof) FROM pg_proc WHERE proname = ANY (%s)"
            " GROUP BY proname",
            [list(COMPARED)],
        )
        assert dict(cursor.fetchall()) == dict.fromkeys(COMPARED, True)


def nodes(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    """The plan as it was carried out."""
    found, waiting = [], [json.loads(rows.explain(format="json", analyze=True))[0]["Plan"]]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += node.get("Plans", [])
    return found


def test_the_installation_pays_for_no_sub_select_and_a_person_for_each_once(cast: Cast) -> None:
    def runs() -> set[int]:
        found = nodes(TimelineEntry.scoped.filter(incident=cast.incident))
        assert sum(node["Actual Rows"] for node in found if "Relation Name" in node) > 5
        return {node["Actual Loops"] for node in found if node["Node Type"] == "ProjectSet"}

    assert runs() == {0}
    with within(Scope(Kind.PERSON, person(cast.lead).pk, organization(cast.lead).pk)):
        assert runs() == {0, 1}
