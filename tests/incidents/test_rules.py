"""Whether two words are the words of two parties: over who signed, lapsed, hides and was let in."""

import itertools

import pytest

from incidents.access import Actor
from incidents.choices import AdmissionRule, Consent, Position
from incidents.exceptions import NotYours, SecondPersonRequired, WrongState
from incidents.models import Participation
from incidents.services import addresses, rules, statements
from tests import factories
from tests.cast import Cast, organization, person
from tests.factories import AMBER, CHAIN

pytestmark = pytest.mark.django_db

# What the rival party can be: its consent, whether it hides, whether it sits by the lead's word.
STANDINGS = list(itertools.product(Consent, (False, True), (False, True)))


def rival_is(cast: Cast, consent: Consent, hidden: bool, sponsored: bool) -> None:
    Participation.objects.filter(organization=organization(cast.rival)).update(
        consent=consent,
        terms_version=1 if consent in (Consent.SIGNED, Consent.LAPSED) else None,
        is_confidential=hidden,
        sponsor=organization(cast.lead) if sponsored else None,
    )


def sponsored_by_lead(cast: Cast, actor: Actor) -> None:
    Participation.objects.filter(organization=organization(actor)).update(
        sponsor=organization(cast.lead)
    )


@pytest.mark.parametrize(("consent", "hidden", "sponsored"), STANDINGS)
def test_who_has_signed_once_ends_the_first_hour_unless_it_hides(
    cast: Cast, consent: Consent, hidden: bool, sponsored: bool
) -> None:
    rival_is(cast, consent, hidden, sponsored)
    is_there = consent in (Consent.SIGNED, Consent.LAPSED) and not hidden
    sole = rules.sole_affected(cast.incident)
    assert (sole is None) == is_there
    assert sole is None or sole.organization == organization(cast.lead)
    known = [seat.organization for seat in rules.affected(cast.incident)]
    signed = consent == Consent.SIGNED and not hidden
    assert known == [organization(a) for a in ((cast.lead, cast.rival) if signed else (cast.lead,))]


@pytest.mark.parametrize(("consent", "hidden", "sponsored"), STANDINGS)
def test_two_parties_that_may_not_be_skipped(
    cast: Cast, consent: Consent, hidden: bool, sponsored: bool
) -> None:
    rival_is(cast, consent, hidden, sponsored)
    lead, rival = organization(cast.lead), organization(cast.rival)
    expected = consent == Consent.SIGNED and not sponsored
    assert rules.independent(cast.incident, lead, rival) == expected
    assert rules.independent(cast.incident, rival, lead) == expected
    assert not rules.independent(cast.incident, lead, lead)
    assert not rules.independent(cast.incident, lead, None)
    assert rules.independent(cast.incident, lead, organization(cast.coordinator))


def test_two_that_came_by_the_word_of_the_same_one_are_one(cast: Cast) -> None:
    rival, chair = organization(cast.rival), organization(cast.coordinator)
    assert rules.independent(cast.incident, rival, chair)
    sponsored_by_lead(cast, cast.rival)
    assert rules.independent(cast.incident, rival, chair)
    Participation.objects.filter(organization=chair).update(sponsor=rival)
    assert not rules.independent(cast.incident, rival, chair)
    assert not rules.independent(cast.incident, organization(cast.lead), chair)


def test_a_removed_party_is_nobody_but_still_tells_where_others_came_from(cast: Cast) -> None:
    lead, rival, chair = (organization(a) for a in (cast.lead, cast.rival, cast.coordinator))
    sponsored_by_lead(cast, cast.rival)
    Participation.objects.filter(organization=chair).update(sponsor=rival)
    Participation.objects.filter(organization=rival).update(removed_at=cast.incident.opened_at)
    assert not rules.independent(cast.incident, lead, rival)
    assert not rules.independent(cast.incident, lead, chair)
    sole = rules.sole_affected(cast.incident)
    assert sole
    assert sole.organization == lead


@pytest.mark.parametrize(("consent", "hidden", "sponsored"), STANDINGS)
def test_letting_an_organization_in(
    cast: Cast, consent: Consent, hidden: bool, sponsored: bool
) -> None:
    rival_is(cast, consent, hidden, sponsored)
    lead, incident = organization(cast.lead), cast.incident

    def by(actor: Actor) -> AdmissionRule | None:
        return rules.counts_as_two(incident, person(cast.lead), lead, actor)

    is_there = consent in (Consent.SIGNED, Consent.LAPSED) and not hidden
    one_party = AdmissionRule.ONE_PARTY if sponsored or not is_there else None
    assert by(cast.lead) is None
    assert by(cast.colleague) == one_party
    assert by(cast.coordinator) == AdmissionRule.TWO_PARTIES
    if consent == Consent.SIGNED and not sponsored:
        assert by(cast.rival) == AdmissionRule.TWO_PARTIES
    assert by(cast.white_hat) == AdmissionRule.TWO_PARTIES  # two parties, one of them affected


def test_chair_that_one_party_let_in_does_not_make_two_of_it(cast: Cast) -> None:
    sponsored_by_lead(cast, cast.coordinator)
    first = (person(cast.lead), organization(cast.lead))
    assert rules.counts_as_two(cast.incident, *first, cast.coordinator) is None
    sponsored_by_lead(cast, cast.rival)
    found = rules.counts_as_two(cast.incident, *first, cast.coordinator)
    assert found == AdmissionRule.ONE_PARTY
    chair = (person(cast.coordinator), organization(cast.coordinator))
    assert rules.counts_as_two(cast.incident, *chair, cast.analyst) is None


@pytest.mark.parametrize(("consent", "hidden", "sponsored"), STANDINGS)
def test_return_address_never_takes_the_path_of_the_first_hour(
    cast: Cast, consent: Consent, hidden: bool, sponsored: bool
) -> None:
    rival_is(cast, consent, hidden, sponsored)
    where = factories.address(77)
    row = addresses.propose_return(cast.incident, CHAIN, where, actor=cast.lead, marking=AMBER)
    with pytest.raises(SecondPersonRequired, match="Another party"):
        addresses.accept_return(row, actor=cast.colleague)
    if consent == Consent.SIGNED and (sponsored or hidden):
        with pytest.raises((SecondPersonRequired, NotYours), match=r"Two parties|confidentially"):
            addresses.accept_return(row, actor=cast.again(cast.rival))
    assert addresses.accept_return(row, actor=cast.coordinator).is_accepted_return


@pytest.mark.parametrize(("consent", "hidden", "sponsored"), STANDINGS)
def test_joint_statement_never_takes_the_path_of_the_first_hour(
    cast: Cast, consent: Consent, hidden: bool, sponsored: bool
) -> None:
    row = statements.draft(cast.incident, "Plan", "Text.", actor=cast.lead, marking=AMBER)
    for actor in (cast.lead, cast.rival):
        statements.sign_off(row, Position.SIGNED, actor=actor, digest_read=row.digest)
    rival_is(cast, consent, hidden, sponsored)
    if hidden or sponsored or consent not in (Consent.SIGNED, Consent.LAPSED):
        with pytest.raises(WrongState, match="One party alone") as refused:
            statements.publish(row, actor=cast.lead, digest_read=row.digest)
        assert "Layer Zero" not in refused.value.detail
        statements.sign_off(row, Position.SIGNED, actor=cast.coordinator, digest_read=row.digest)
    assert statements.publish(row, actor=cast.lead, digest_read=row.digest).published_at


def test_lapsed_party_is_waited_for_in_a_joint_statement(cast: Cast) -> None:
    row = statements.draft(cast.incident, "Plan", "Text.", actor=cast.lead, marking=AMBER)
    for actor in (cast.lead, cast.coordinator):
        statements.sign_off(row, Position.SIGNED, actor=actor, digest_read=row.digest)
    rival_is(cast, Consent.LAPSED, hidden=False, sponsored=False)
    with pytest.raises(WrongState, match="Layer Zero"):
        statements.publish(row, actor=cast.lead, digest_read=row.digest)
    rival_is(cast, Consent.DECLINED, hidden=False, sponsored=False)
    assert statements.publish(row, actor=cast.lead, digest_read=row.digest).published_at
