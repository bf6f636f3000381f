"""Socket addresses."""

from django.urls import path

from incidents.consumers import RoomConsumer

websocket_urlpatterns = [path("ws/incidents/<slug:slug>/", RoomConsumer.as_asgi())]
