"""Addresses of any chain: checked, recorded once for whoever sees them, returned by two."""

import pytest

from incidents import access
from incidents.access import SYSTEM, Actor
from incidents.choices import AddressRole
from incidents.exceptions import BadInput, NotYours, SecondPersonRequired, WrongState
from incidents.models import TimelineEntry, TrackedAddress
from incidents.services import addresses, ledger, terms
from incidents.services.timeline import EVERYONE, Audience
from tests import factories
from tests.cast import Cast, organization, person
from tests.factories import ADDRESS, AMBER, CHAIN, RED, SHOWN_ADDRESS

pytestmark = pytest.mark.django_db


def record(cast: Cast, actor: Actor, at: str = ADDRESS, chain: str = CHAIN) -> TrackedAddress:
    return addresses.record(cast.incident, chain, at, actor=actor, marking=AMBER)


class TestRecording:
    @pytest.mark.parametrize(
        ("chain", "written", "stored"),
        [
            (CHAIN, SHOWN_ADDRESS, ADDRESS),
            (CHAIN, f" {ADDRESS} ", ADDRESS),
            # Examples of BIP-173 and of the first block's coinbase: base58 keeps its case.
            (
                factories.BITCOIN,
                "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
                "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            ),
            (
                factories.BITCOIN,
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            ),
            ("cip34:1-764824073", "addr1" + "q" * 98, "addr1" + "q" * 98),
        ],
    )
    def test_address_of_any_chain(self, cast: Cast, chain: str, written: str, stored: str) -> None:
        row = record(cast, cast.white_hat, written, chain)
        assert (row.chain, row.address, row.role) == (chain, stored, AddressRole.CANDIDATE)
        line = TimelineEntry.objects.get(kind="address.recorded")
        assert line.subject == f"address:{chain}:{stored}"

    @pytest.mark.parametrize(
        ("chain", "written", "field"),
        [
            (CHAIN, SHOWN_ADDRESS.replace("aA", "Aa", 1), "address"),
            (CHAIN, ADDRESS[:-1], "address"),
            (CHAIN, "", "address"),
            (CHAIN, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "address"),
            (factories.BITCOIN, ADDRESS, "address"),
            ("ethereum", ADDRESS, "chain"),
            ("eip155:x", ADDRESS, "chain"),
        ],
    )
    def test_wrong_one_is_refused_naming_the_field(
        self, cast: Cast, chain: str, written: str, field: str
    ) -> None:
        with pytest.raises(BadInput) as refused:
            record(cast, cast.white_hat, written, chain)
        assert refused.value.field == field
        assert not TrackedAddress.objects.exists()

    def test_known_address_is_the_row_that_is_there(self, cast: Cast) -> None:
        first = record(cast, cast.lead)
        assert record(cast, cast.rival, SHOWN_ADDRESS) == first
        assert record(cast, SYSTEM) == first
        assert follow(cast, EVERYONE) == first
        assert TimelineEntry.objects.filter(kind="address.recorded").count() == 1

    def test_role_is_one_of_the_list_and_none_that_takes_two_people(self, cast: Cast) -> None:
        for role in ("villain", AddressRole.RETURN, AddressRole.ATTACKER):
            with pytest.raises(BadInput) as refused:
                addresses.record(
                    cast.incident, CHAIN, ADDRESS, actor=cast.lead, marking=AMBER, role=role
                )
            assert refused.value.field == "role"

    def test_label_is_bounded(self, cast: Cast) -> None:
        with pytest.raises(BadInput) as refused:
            addresses.record(
                cast.incident, CHAIN, ADDRESS, actor=cast.lead, marking=AMBER, label="x" * 121
            )
        assert refused.value.field == "label"


def follow(cast: Cast, audience: Audience) -> TrackedAddress:
    return addresses.follow(
        cast.incident, CHAIN, ADDRESS, marking=AMBER, audience=audience, owner=None
    )


class TestHiddenRows:
    def test_hidden_row_neither_stops_nor_answers_anybody(self, cast: Cast) -> None:
        named = Audience(people=[person(cast.analyst).pk])
        hidden = addresses.record(
            cast.incident, CHAIN, ADDRESS, actor=cast.analyst, marking=RED, audience=named
        )
        own = record(cast, cast.lead)
        assert own != hidden
        assert record(cast, cast.rival) == own
        assert list(access.addresses(cast.lead, cast.incident)) == [own]
        assert access.get_address(cast.lead, cast.incident, CHAIN, ADDRESS) == own
        assert set(access.addresses(cast.analyst, cast.incident)) == {hidden, own}

    def test_what_the_trace_follows_reaches_the_audience_of_its_finding(self, cast: Cast) -> None:
        narrow = Audience(organizations=[organization(cast.analyst).pk])
        for_analyst = follow(cast, narrow)
        assert follow(cast, narrow) == for_analyst
        for_all = follow(cast, EVERYONE)
        assert for_all != for_analyst
        assert follow(cast, EVERYONE) == for_all
        assert list(access.addresses(cast.lead, cast.incident)) == [for_all]

    def test_return_address_is_proposed_beside_a_hidden_row(self, cast: Cast) -> None:
        record(cast, cast.law)  # confidential: it reaches itself and the coordinator
        assert not access.addresses(cast.lead, cast.incident).exists()
        assert access.addresses(cast.coordinator, cast.incident).exists()
        row = addresses.propose_return(
            cast.incident, CHAIN, ADDRESS, actor=cast.lead, marking=AMBER
        )
        assert row.role == AddressRole.RETURN


class TestReturnAddress:
    def propose(self, cast: Cast, actor: Actor) -> TrackedAddress:
        return addresses.propose_return(cast.incident, CHAIN, ADDRESS, actor=actor, marking=AMBER)

    def accepted(self, cast: Cast) -> set[str]:
        return addresses.accepted_returns(cast.incident, CHAIN)

    def test_counts_when_a_second_person_accepted_it(self, cast: Cast) -> None:
        row = self.propose(cast, cast.lead)
        assert self.accepted(cast) == set()
        with pytest.raises(SecondPersonRequired):
            addresses.accept_return(row, actor=cast.lead)
        with pytest.raises(SecondPersonRequired):
            addresses.accept_return(row, actor=SYSTEM)
        with pytest.raises(SecondPersonRequired, match="Another party"):
            addresses.accept_return(row, actor=cast.colleague)
        assert self.accepted(cast) == set()
        done = addresses.accept_return(row, actor=cast.rival)
        assert done.is_accepted_return
        assert self.accepted(cast) == {ADDRESS}
        with pytest.raises(WrongState):
            addresses.accept_return(row, actor=cast.coordinator)
        assert list(ledger.verify(cast.incident)) == []

    def test_two_people_of_the_only_affected_party_do_not_suffice(self, cast: Cast) -> None:
        assert cast.rival.participation
        terms.decline(cast.rival.participation, person=person(cast.rival))
        row = self.propose(cast, cast.lead)
        with pytest.raises(SecondPersonRequired, match="Another party"):
            addresses.accept_return(row, actor=cast.colleague)
        assert addresses.accept_return(row, actor=cast.coordinator).is_accepted_return

    def test_only_those_who_may(self, cast: Cast) -> None:
        for role in ("analyst", "exchange", "issuer", "law", "white_hat"):
            with pytest.raises(NotYours):
                self.propose(cast, cast.actors[role])
        row = self.propose(cast, cast.coordinator)
        with pytest.raises(NotYours):
            addresses.accept_return(row, actor=cast.white_hat)
        assert addresses.accept_return(row, actor=cast.rival)

    def test_known_address_keeps_its_role(self, cast: Cast) -> None:
        row = record(cast, cast.lead)
        with pytest.raises(WrongState, match="Candidate"):
            self.propose(cast, cast.rival)
        with pytest.raises(WrongState):
            addresses.accept_return(row, actor=cast.rival)
