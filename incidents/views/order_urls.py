"""Addresses of pages about holding off, releasing, and clocks."""

from django.urls import path

from incidents.views import orders

ROOM = "incidents/<slug:slug>/"
ORDERS = f"{ROOM}targets/<uuid:public_id>/orders/"

urlpatterns = [
    path(f"{ROOM}hold-offs/", orders.hold_off_list, name="hold_offs"),
    path(f"{ROOM}hold-offs/<uuid:public_id>/lift/", orders.hold_off_lift, name="hold_off_lift"),
    path(ORDERS, orders.orders, name="orders"),
    *(
        path(f"{ORDERS}<uuid:order_id>/{act}/", orders.order_act, {"act": act}, f"order_{act}")
        for act in ("agree", "check", "stop", "carry-out")
    ),
    path(f"{ROOM}freezes/<uuid:public_id>/watch/", orders.watch, name="freeze_watch"),
]
