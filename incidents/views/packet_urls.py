"""Addresses of packets: what they say, who signed them, and how the public checks them."""

from django.urls import path

from incidents.views import check, directory, keys, packets

_KEYS = ".well-known/holdfast/"

_PACKET = "incidents/<slug:slug>/freezes/<uuid:public_id>/packet/"
_KEY = "organizations/<uuid:public_id>/keys/"

urlpatterns = [
    path(_PACKET, packets.packet, name="packet"),
    path(f"{_PACKET}edit/", packets.packet_edit, name="packet_edit"),
    path(f"{_PACKET}draw/", packets.packet_draw, name="packet_draw"),
    path(f"{_PACKET}challenge/", packets.packet_challenge, name="packet_challenge"),
    path(f"{_PACKET}<uuid:packet_id>/sign/", packets.packet_sign, name="packet_sign"),
    path(f"{_PACKET}<uuid:packet_id>/file/<slug:export>/", packets.packet_file, name="packet_file"),
    path(_KEY, keys.key_list, name="signing_keys"),
    path(f"{_KEY}<uuid:key>/confirm/", keys.key_confirm, name="signing_key_confirm"),
    path(f"{_KEY}<uuid:key>/end/", keys.key_end, name="signing_key_end"),
    path("check/", check.check, name="check"),
    path("check/entries/<slug:shard>.json", check.entries, name="check_entries"),
    path(_KEYS, directory.keys, name="keys"),
    path(f"{_KEYS}keys.json", directory.keys, name="keys_json"),
    path(f"{_KEYS}allowed_signers", directory.allowed_signers, name="allowed_signers"),
    path(f"{_KEYS}openpgp.asc", directory.openpgp, name="openpgp_keys"),
]
