"""Addresses of packets: what they say, who signed them, and how the public checks them."""

from django.urls import path

from incidents.views import check, directory

_KEYS = ".well-known/holdfast/"

urlpatterns = [
    path("check/", check.check, name="check"),
    path("check/entries/<slug:shard>.json", check.entries, name="check_entries"),
    path(_KEYS, directory.keys, name="keys"),
    path(f"{_KEYS}keys.json", directory.keys, name="keys_json"),
    path(f"{_KEYS}allowed_signers", directory.allowed_signers, name="allowed_signers"),
    path(f"{_KEYS}openpgp.asc", directory.openpgp, name="openpgp_keys"),
]
