"""Addresses of handing requests to desks."""

from django.urls import path

from incidents.views import dispatches

_freeze = "incidents/<slug:slug>/freezes/<uuid:public_id>/"
_dispatch = "incidents/<slug:slug>/dispatches/<uuid:public_id>/"
urlpatterns = [
    path(f"{_freeze}dispatch/", dispatches.freeze_dispatch, name="freeze_dispatch"),
    path(f"{_freeze}dispatch/files/<slug:export>/", dispatches.dispatch_file, name="dispatch_file"),
    path(f"{_freeze}correct/", dispatches.freeze_correct, name="freeze_correct"),
    path(f"{_dispatch}again/", dispatches.dispatch_again, name="dispatch_again"),
    path(f"{_dispatch}arrived/", dispatches.dispatch_arrived, name="dispatch_arrived"),
    path(f"{_dispatch}bounced/", dispatches.dispatch_bounced, name="dispatch_bounced"),
    path(f"{_dispatch}handed-over/", dispatches.dispatch_handed_over, name="dispatch_handed_over"),
    path(f"{_dispatch}proof/", dispatches.dispatch_proof, name="dispatch_proof"),
]
