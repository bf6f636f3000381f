"""Addresses of the pages about traces."""

from django.urls import URLPattern, URLResolver, path

from tracing.views.address import address
from tracing.views.chain import (
    chain,
    chain_commitments,
    chain_follow,
    chain_new,
    chain_quorum,
    endpoint_change,
    endpoint_lift,
    endpoint_new,
    endpoint_switch,
)
from tracing.views.crossing import crossing_confirm, crossing_reject
from tracing.views.flows import flow_new, flow_table, flow_withdraw
from tracing.views.label import label_say
from tracing.views.leads import lead_decide, lead_list
from tracing.views.lookback import lookback_ask
from tracing.views.metrics import metrics
from tracing.views.prices import price_list
from tracing.views.provenance import account_provenance, provenance_export
from tracing.views.trace import trace, trace_list, trace_new
from tracing.views.watch import watch

_trace = "incidents/<slug:slug>/traces/<uuid:trace_id>/"
_chain = "watch/<str:caip2>/"
_crossing = "incidents/<slug:slug>/crossings/<uuid:public_id>/"
urlpatterns: list[URLPattern | URLResolver] = [
    path("incidents/<slug:slug>/addresses/<str:chain>/<str:address>/", address, name="address"),
    path(
        "incidents/<slug:slug>/addresses/<str:chain>/<str:address>/label/",
        label_say,
        name="label_say",
    ),
    path("incidents/<slug:slug>/prices/", price_list, name="prices"),
    path(
        "incidents/<slug:slug>/addresses/<str:chain>/<str:address>/lookback/",
        lookback_ask,
        name="lookback_ask",
    ),
    path("incidents/<slug:slug>/trace/", trace_new, name="trace_new"),
    path(f"{_crossing}confirm/", crossing_confirm, name="crossing_confirm"),
    path(f"{_crossing}reject/", crossing_reject, name="crossing_reject"),
    path("incidents/<slug:slug>/traces/", trace_list, name="traces"),
    path("incidents/<slug:slug>/leads/", lead_list, name="leads"),
    path("incidents/<slug:slug>/leads/<uuid:public_id>/decide/", lead_decide, name="lead_decide"),
    path("watch/", watch, name="watch"),
    path("watch/new/", chain_new, name="chain_new"),
    path(f"{_chain}", chain, name="chain"),
    path(f"{_chain}quorum/", chain_quorum, name="chain_quorum"),
    path(f"{_chain}commitments/", chain_commitments, name="chain_commitments"),
    path(f"{_chain}follow/", chain_follow, name="chain_follow"),
    path(f"{_chain}endpoints/new/", endpoint_new, name="endpoint_new"),
    path(f"{_chain}endpoints/<int:pk>/", endpoint_change, name="endpoint_change"),
    path(f"{_chain}endpoints/<int:pk>/switch/", endpoint_switch, name="endpoint_switch"),
    path(f"{_chain}endpoints/<int:pk>/lift/", endpoint_lift, name="endpoint_lift"),
    path("metrics", metrics, name="metrics"),
    path(_trace, trace, name="trace"),
    path(f"{_trace}flows/new/", flow_new, name="flow_new"),
    path(f"{_trace}flows/<uuid:table_id>/", flow_table, name="flow_table"),
    path(f"{_trace}flows/<uuid:table_id>/withdraw/", flow_withdraw, name="flow_withdraw"),
    path(f"{_trace}provenance/<str:chain>/<str:address>/", account_provenance, name="provenance"),
    path(
        f"{_trace}provenance/<str:chain>/<str:address>/<slug:export>/",
        provenance_export,
        name="provenance_export",
    ),
]
