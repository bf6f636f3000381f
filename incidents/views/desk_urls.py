"""Addresses of the page of a desk without an account. Any text is a selector: an unknown one gets
what a known one gets."""

from django.urls import path

from incidents.views import desk

urlpatterns = [
    path("desk/<str:selector>/", desk.door, name="desk"),
    path("desk/<str:selector>/ask/", desk.ask, name="desk_ask"),
    path("desk/<str:selector>/open/", desk.open_page, name="desk_open"),
    path("desk/<str:selector>/request/", desk.read, name="desk_request"),
    path("desk/<str:selector>/files/<str:digest>/", desk.file, name="desk_file"),
    path("desk/<str:selector>/targets/<uuid:public_id>/there/", desk.there, name="desk_there"),
    path("desk/<str:selector>/targets/<uuid:public_id>/answer/", desk.answer, name="desk_answer"),
    path("desk/<str:selector>/enrol/", desk.enrol, name="desk_enrol"),
    path("desk/<str:selector>/seal/", desk.seal, name="desk_seal"),
    path("desk/<str:selector>/leave/", desk.leave, name="desk_leave"),
]
