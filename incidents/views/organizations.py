"""An organization's own people: who they are, who comes, who goes."""

from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from incidents import access
from incidents.exceptions import BadInput
from incidents.forms.base import carried_out
from incidents.forms.organization import MemberForm
from incidents.models import Organization
from incidents.services import members, passkeys
from incidents.services.coded_links import Coded
from incidents.services.step_up import proof_of
from incidents.views.pages import acted, page, person


@page
def organization_list(request: HttpRequest) -> HttpResponseBase:
    """The organizations that one speaks for."""
    rows = list(access.organizations_of(person(request)))
    if len(rows) == 1:
        return redirect("organization", rows[0].public_id)
    return render(request, "organization/list.html", {"organizations": rows})


@page
def organization(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Its people, for all of them; what administrators do, for those."""
    row = access.get_organization(person(request), public_id)
    return organization_page(request, row)


def organization_page(
    request: HttpRequest,
    row: Organization,
    *,
    form: MemberForm | None = None,
    coded: Coded | None = None,
    status: int = 200,
) -> HttpResponseBase:
    """The page, with a form that was refused or secrets that are shown this once."""
    runs = access.runs(person(request), row)
    counted = passkeys.counts(access.members(row)) if runs else {}
    context = {
        "organization": row,
        "members": [
            {"row": member, "passkeys": counted.get(member.person_id, 0)}
            for member in access.members(row)
        ],
        "invited": members.invited(row) if runs else [],
        "recoveries": list(access.recoveries_told(row)),
        "runs": runs,
        "form": form or MemberForm(),
        "coded": coded,
    }
    return render(request, "organization/organization.html", context, status=status)


@page
@require_POST
def member_invite(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """Let somebody in. Link and code are on the answer and nowhere again."""
    row = access.get_organization(person(request), public_id)
    access.require_administrator_of(person(request), row, proof_of(request))
    form = MemberForm(request.POST)
    coded = None
    if form.is_valid():
        coded = carried_out(
            form,
            lambda: members.invite(
                row,
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                by=person(request),
                proof=proof_of(request),
            ),
        )
    if coded is None:
        return organization_page(request, row, form=form, status=400)
    return organization_page(request, row, coded=coded)


@page
@require_POST
def invitation_withdraw(request: HttpRequest, public_id: UUID, member: UUID) -> HttpResponseBase:
    """A link that nobody took up ends."""
    row = access.get_organization(person(request), public_id)
    who, proof = person(request), proof_of(request)
    acted(request, lambda: members.withdraw(row, member, by=who, proof=proof), "That link is over.")
    return redirect("organization", row.public_id)


@page
def member_end(request: HttpRequest, public_id: UUID, member: UUID) -> HttpResponseBase:
    """Ask, then end a membership: roles, open pages and sockets end with it."""
    row = access.get_organization(person(request), public_id)
    who, proof = person(request), proof_of(request)
    access.require_administrator_of(who, row, proof)
    membership = access.get_member(row, member)
    if request.method != "POST":
        context = {"organization": row, "member": membership}
        return render(request, "organization/end.html", context)
    done = f"{membership.person} speaks for {row.name} no more."
    acted(request, lambda: members.end(membership, by=who, proof=proof), done)
    if membership.person_id == who.pk:
        return redirect("incidents")
    return redirect("organization", row.public_id)


@page
@require_POST
def member_administrator(request: HttpRequest, public_id: UUID, member: UUID) -> HttpResponseBase:
    """Make somebody an administrator of the organization, or no longer."""
    row = access.get_organization(person(request), public_id)
    membership = access.get_member(row, member)
    wanted = request.POST.get("administrator")
    if wanted not in {"yes", "no"}:
        raise BadInput("Say yes or no.")
    acted(
        request,
        lambda: members.set_administrator(
            membership, wanted == "yes", by=person(request), proof=proof_of(request)
        ),
        "Changed.",
    )
    return redirect("organization", row.public_id)
