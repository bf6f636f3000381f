"""Addresses of the pages about traces."""

from django.urls import URLPattern, URLResolver, path

from tracing.views.address import address

urlpatterns: list[URLPattern | URLResolver] = [
    path("incidents/<slug:slug>/addresses/<str:chain>/<str:address>/", address, name="address"),
]
