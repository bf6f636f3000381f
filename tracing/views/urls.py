"""Addresses of the pages about traces."""

from django.urls import URLPattern, URLResolver, path

from tracing.views.address import address
from tracing.views.trace import trace_new

urlpatterns: list[URLPattern | URLResolver] = [
    path("incidents/<slug:slug>/addresses/<str:chain>/<str:address>/", address, name="address"),
    path("incidents/<slug:slug>/trace/", trace_new, name="trace_new"),
]
