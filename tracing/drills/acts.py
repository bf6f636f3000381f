"""What the cast does in the room, through the room's own services. Each act may come twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from django.conf import settings

from incidents import access
from incidents.access import SYSTEM, Actor
from incidents.choices import AddressRole, Channel, Marking, Outcome, Position, RequestState
from incidents.exceptions import SecondPersonRequired, WrongState
from incidents.models import FreezeRequest, FreezeTarget, Incident, Statement
from incidents.services import (
    addresses,
    answers,
    freezes,
    incidents,
    lookup,
    notes,
    seats,
    statements,
    terms,
)
from incidents.services.presend import To
from tracing.drills.stage import Stage
from tracing.services import traces

PATIENCE = 60.0  # seconds until an act that waits for the trace gives up


class ActNotPossibleError(RuntimeError):
    """What an act refers to did not come about in time."""


class Cast:
    """Performs the acts of one drill. ``seeds`` answers seed key -> transaction hash."""

    def __init__(self, stage: Stage, seeds: Callable[[], Mapping[str, str]]) -> None:
        self.stage = stage
        self.seeds = seeds
        self.slug = str(stage.scenario["slug"])
        self._signatures: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}

    def perform(self, act: Mapping[str, Any]) -> None:
        """Do one act of the scenario, or nothing when it was done before."""
        todo: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "open_incident": self.open_incident,
            "start_trace": self.start_trace,
            "invite": self.invite,
            "accept_terms": self.accept_terms,
            "claim": self.claim,
            "approve_freeze_request": self.approve,
            "send_freeze_request": self.send,
            "answer_freeze": self.answer,
            "propose_return_address": self.propose_return,
            "accept_return_address": self.accept_return,
            "draft_statement": self.draft_statement,
            "sign_statement": self.sign_statement,
            "publish_status": self.publish_status,
        }
        todo[act["act"]](act)

    # -- the room ------------------------------------------------------------------------------

    def open_incident(self, act: Mapping[str, Any]) -> None:
        if lookup.incident(self.slug) is None:
            incidents.open_incident(
                act["title"],
                person=self.stage.people[act["by"]],
                organization=self.stage.organization_of(act["by"]),
                is_drill=True,
                slug=self.slug,
            )
        self.claim(act)

    def invite(self, act: Mapping[str, Any]) -> None:
        organization = self.stage.organizations[act["organization"]]
        if lookup.seat(self.incident, organization) is None:
            seats.seat_organization(
                self.incident,
                organization,
                self.stage.capacity_of(act["organization"]),
                actor=SYSTEM,  # a scenario tells who sits where; nobody has to agree
                is_confidential=act["confidential"],
            )

    def accept_terms(self, act: Mapping[str, Any]) -> None:
        seat = lookup.seat(self.incident, self.stage.organization_of(act["by"]))
        if seat is None:
            raise ActNotPossibleError(f"{act['by']} was not invited")
        digest, person = incidents.terms_in_force(self.incident).digest, act["by"]
        for said in (terms.read_terms, terms.sign):
            said(seat, person=self.stage.people[person], digest=digest)

    def claim(self, act: Mapping[str, Any]) -> None:
        notes.post(
            self.incident,
            act["text"],
            actor=self.actor(act),
            marking=Marking.AMBER,
            key=f"act:{act['id']}",
        )

    # -- the trace and its requests --------------------------------------------------------------

    def start_trace(self, act: Mapping[str, Any]) -> None:
        for seed in self.stage.scenario["seeds"]:
            tx = self.seeds()[seed["key"]]
            if seed["key"] not in act["seeds"] or traces.follows(self.incident, tx):
                continue
            proposal = traces.propose(self.stage.chain.caip2, tx)
            receiver, asset = self.stage.address(seed["receiver"]), self.stage.asset(seed["asset"])
            chosen = [g.key for g in proposal.gains if (g.address, g.asset) == (receiver, asset)]
            traces.start(
                self.incident, proposal, chosen, actor=self.actor(act), marking=Marking.AMBER
            )

    def approve(self, act: Mapping[str, Any]) -> None:
        known = self._signatures.setdefault(tuple(act["target"]), [])
        known += [act] if act not in known else []
        request = self.target(act).request
        actor = self.actor(act)
        signed = {request.first_by, request.second_by}
        if request.state in (RequestState.DRAFT, RequestState.CHECKED) and (
            actor.person not in signed
        ):
            freezes.approve(request, actor=actor)

    def send(self, act: Mapping[str, Any]) -> None:
        """Sent, or signed again and sent: what it rests on may be dropped by the chain between."""
        until = time.monotonic() + PATIENCE
        while True:
            request = self.target(act).request
            if request.state == RequestState.SENT:
                return
            try:
                freezes.send(request, actor=self.actor(act), to=self._recipients(request, act))
                return
            except WrongState:
                if time.monotonic() > until:
                    raise
            time.sleep(0.2)
            for signature in self._signatures.get(tuple(act["target"]), []):
                with suppress(WrongState, SecondPersonRequired):
                    self.approve(signature)

    def _recipients(self, request: FreezeRequest, act: Mapping[str, Any]) -> list[To]:
        """The desk in this room, and its mailbox where there is a mail server."""
        to = [To(Channel.ROOM)]
        if settings.MAIL_ENABLED:
            sender = self.stage.organization_of(act["by"])
            contact = lookup.contact(sender, request.desk_slug)
            to += [To(Channel.MAIL, contact)] if contact is not None else []
        return to

    def answer(self, act: Mapping[str, Any]) -> None:
        target, outcome = self.target(act), Outcome(act["answer"])
        if lookup.has_answer(target, outcome):
            return
        amount = int(act["amount"]) if outcome is Outcome.HELD else None
        answers.answer(target, outcome, actor=self.actor(act), marking=Marking.AMBER, amount=amount)

    def propose_return(self, act: Mapping[str, Any]) -> None:
        chain, address = self.stage.chain.caip2, self.stage.address(act["account"])
        if lookup.address(self.incident, chain, address) is None:
            addresses.propose_return(
                self.incident,
                chain,
                address,
                actor=self.actor(act),
                marking=Marking.AMBER,
                label="Return Safe",
            )

    def accept_return(self, act: Mapping[str, Any]) -> None:
        chain, address = self.stage.chain.caip2, self.stage.address(act["account"])
        row = lookup.address(self.incident, chain, address)
        if row is not None and row.role == AddressRole.RETURN and not row.is_accepted_return:
            # Where several parties have signed, one that proposed it is refused a second word.
            with suppress(SecondPersonRequired):
                addresses.accept_return(row, actor=self.actor(act))

    # -- in public -------------------------------------------------------------------------------

    def draft_statement(self, act: Mapping[str, Any]) -> None:
        if self.statement(act) is None:
            statements.draft(
                self.incident,
                self.title_of(act),
                act["text"],
                actor=self.actor(act),
                marking=Marking.AMBER,
            )

    def sign_statement(self, act: Mapping[str, Any]) -> None:
        row = self.statement(act)
        if row is None:
            raise ActNotPossibleError(f"there is no statement {act['statement']}")
        if not lookup.has_signed(row, self.stage.organization_of(act["by"])):
            statements.sign_off(row, Position.SIGNED, actor=self.actor(act), digest_read=row.digest)

    def publish_status(self, act: Mapping[str, Any]) -> None:
        row = self.statement(act) if "statement" in act else None
        if row is not None and row.published_at is None:
            statements.publish(row, actor=self.actor(act), digest_read=row.digest)
        line = "monitoring" if "statement" in act else "identified"
        if lookup.status_line(self.incident) != line:
            statements.publish_status(self.incident, line, actor=self.actor(act))
        self.claim(act)

    # -- looking things up -----------------------------------------------------------------------

    @property
    def incident(self) -> Incident:
        found = lookup.incident(self.slug)
        if found is None:
            raise ActNotPossibleError("the incident was not opened")
        return found

    def actor(self, act: Mapping[str, Any]) -> Actor:
        seat = lookup.seat(self.incident, self.stage.organization_of(act["by"]))
        if seat is None:
            raise ActNotPossibleError(f"{act['by']} has no seat")
        return access.actor_of(seat, self.stage.people[act["by"]])

    def target(self, act: Mapping[str, Any]) -> FreezeTarget:
        """The target that the trace drafted; waits until it is there."""
        account, symbol = act["target"]
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = lookup.target(
                self.incident,
                act.get("desk"),
                self.stage.address(account),
                self.stage.asset(symbol),
            )
            if found is not None:
                return found
            time.sleep(0.05)
        raise ActNotPossibleError(f"no request for {symbol} at {account} was drafted")

    def title_of(self, act: Mapping[str, Any]) -> str:
        return f"{self.stage.scenario['title']}: {act['statement']}"

    def statement(self, act: Mapping[str, Any]) -> Statement | None:
        return lookup.statement(self.incident, self.title_of(act))
