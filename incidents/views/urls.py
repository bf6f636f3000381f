"""Addresses of the room's pages."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from incidents.views import addresses, drill, freezes, incidents, room, statements, terms

urlpatterns: list[URLPattern | URLResolver] = [
    path("", incidents.incident_list, name="incidents"),
    path("incidents/new/", incidents.incident_new, name="incident_new"),
    path("incidents/<slug:slug>/", room.room, name="room"),
    path("incidents/<slug:slug>/terms/", terms.terms, name="terms"),
    path("incidents/<slug:slug>/terms/answer/", terms.terms_answer, name="terms_answer"),
    path("incidents/<slug:slug>/terms/versions/", terms.terms_versions, name="terms_versions"),
    path("incidents/<slug:slug>/terms/revisions/new/", terms.revision_new, name="revision_new"),
    path(
        "incidents/<slug:slug>/terms/revisions/<uuid:public_id>/",
        terms.revision,
        name="terms_revision",
    ),
    path(
        "incidents/<slug:slug>/terms/revisions/<uuid:public_id>/answer/",
        terms.revision_answer,
        name="revision_answer",
    ),
    path("incidents/<slug:slug>/notes/", room.note_post, name="note_post"),
    path("incidents/<slug:slug>/addresses/", addresses.address_list, name="addresses"),
    path("incidents/<slug:slug>/addresses/new/", addresses.address_new, name="address_new"),
    path(
        "incidents/<slug:slug>/addresses/<str:chain>/<str:address>/accept/",
        addresses.accept_return,
        name="accept_return",
    ),
    path(
        "incidents/<slug:slug>/addresses/<str:chain>/<str:address>/attacker/",
        addresses.call_attacker,
        name="call_attacker",
    ),
    path(
        "incidents/<slug:slug>/addresses/<str:chain>/<str:address>/attacker/take-back/",
        addresses.take_attacker_back,
        name="take_attacker_back",
    ),
    path("incidents/<slug:slug>/freezes/new/", freezes.freeze_new, name="freeze_new"),
    path("incidents/<slug:slug>/freezes/<uuid:public_id>/", freezes.freeze, name="freeze"),
    path(
        "incidents/<slug:slug>/freezes/<uuid:public_id>.json",
        freezes.freeze_json_export,
        name="freeze_json",
    ),
    path(
        "incidents/<slug:slug>/freezes/<uuid:public_id>/approve/",
        freezes.freeze_approve,
        name="freeze_approve",
    ),
    path(
        "incidents/<slug:slug>/freezes/<uuid:public_id>/send/",
        freezes.freeze_send,
        name="freeze_send",
    ),
    path(
        "incidents/<slug:slug>/targets/<uuid:public_id>/review/",
        freezes.target_review,
        name="target_review",
    ),
    path(
        "incidents/<slug:slug>/targets/<uuid:public_id>/answer/",
        freezes.target_answer,
        name="target_answer",
    ),
    path("incidents/<slug:slug>/statements/new/", statements.statement_new, name="statement_new"),
    path(
        "incidents/<slug:slug>/statements/<uuid:public_id>/",
        statements.statement,
        name="statement",
    ),
    path(
        "incidents/<slug:slug>/statements/<uuid:public_id>/edit/",
        statements.statement_edit,
        name="statement_edit",
    ),
    path(
        "incidents/<slug:slug>/statements/<uuid:public_id>/sign/",
        statements.statement_sign,
        name="statement_sign",
    ),
    path(
        "incidents/<slug:slug>/statements/<uuid:public_id>/publish/",
        statements.statement_publish,
        name="statement_publish",
    ),
    path("incidents/<slug:slug>/status/", statements.status_edit, name="status_edit"),
    path("status/<slug:slug>/", statements.status, name="status"),
    path("", include("incidents.views.desk_urls")),
    path("", include("incidents.views.desk_link_urls")),
    path("", include("incidents.views.dispatch_urls")),
    path("", include("incidents.views.order_urls")),
    path("", include("incidents.views.entry_urls")),
    path("", include("incidents.views.party_urls")),
    path("", include("incidents.views.item_urls")),
    path("", include("incidents.views.organization_urls")),
    path("", include("incidents.views.packet_urls")),
]

# Outside drill mode these doors do not exist.
if settings.DRILL:
    urlpatterns += [
        path("drill/", drill.doors, name="drill_doors"),
        path("drill/enter/", drill.enter_as, name="enter_as"),
    ]
