"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from tracing.api import (
    addresses,
    chains,
    crossings,
    flows,
    labels,
    leads,
    lookbacks,
    trace,
    traces,
)

_room = "incidents/<slug:slug>/"
urlpatterns: list[URLPattern | URLResolver] = [
    path("chains/", chains.ChainList.as_view()),
    path(f"{_room}leads/", leads.LeadList.as_view()),
    path(f"{_room}leads/<uuid:public_id>/", leads.LeadDecision.as_view()),
    path(f"{_room}traces/", traces.TraceList.as_view()),
    path(f"{_room}traces/propose/", traces.TraceProposal.as_view()),
    path(f"{_room}traces/<uuid:trace_id>/", trace.TraceDetail.as_view()),
    path(f"{_room}traces/<uuid:trace_id>/flows/", flows.FlowTables.as_view()),
    path(f"{_room}traces/<uuid:trace_id>/flows/<uuid:table_id>/", flows.FlowTableDetail.as_view()),
    path(f"{_room}traces/<uuid:trace_id>/provenance/<str:account>/", trace.Provenance.as_view()),
    path(f"{_room}crossings/", crossings.CrossingList.as_view()),
    path(f"{_room}crossings/<uuid:public_id>/confirm/", crossings.CrossingConfirm.as_view()),
    path(f"{_room}crossings/<uuid:public_id>/reject/", crossings.CrossingReject.as_view()),
    path(f"{_room}addresses/<str:account>/exposures/", addresses.Exposures.as_view()),
    path(f"{_room}addresses/<str:account>/transfers/", addresses.Transfers.as_view()),
    path(f"{_room}addresses/<str:account>/labels/", labels.Labels.as_view()),
    path(f"{_room}addresses/<str:account>/hops/", addresses.Hops.as_view()),
    path(f"{_room}addresses/<str:account>/lookbacks/", lookbacks.Lookbacks.as_view()),
]
