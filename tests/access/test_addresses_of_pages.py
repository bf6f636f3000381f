"""Addresses of pages are kept by browsers, proxies and logs: nothing in them tells anything."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import IntConverter
from django.urls.resolvers import RoutePattern

from incidents.services import incidents
from tests.cast import Cast, organization, person


def routes(at: URLResolver, before: str = "") -> Iterator[tuple[str, dict[str, object]]]:
    for one in at.url_patterns:
        path = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one, path)
        elif isinstance(one, URLPattern) and isinstance(one.pattern, RoutePattern):
            yield path, one.pattern.converters


def test_no_address_takes_a_row_number_but_those_of_the_installations_administrators() -> None:
    found = dict(routes(get_resolver()))
    assert len(found) > 150
    numbered = {
        path
        for path, parts in found.items()
        if any(isinstance(p, IntConverter) for p in parts.values())
    }
    assert {path.split("/")[0] for path in numbered} == {"watch"}


@pytest.mark.django_db
def test_the_name_of_a_room_in_addresses_says_nothing_of_its_title(cast: Cast) -> None:
    who, of = person(cast.lead), organization(cast.lead)
    titled = [incidents.open_incident("Kelp theft", person=who, organization=of) for _ in range(2)]
    assert [UUID(one.slug).version for one in titled] == [4, 4]
    assert titled[0].slug != titled[1].slug
