"""Addresses of the pages on which who may see an item is changed."""

from django.urls import path

from incidents.views import items

_room = "incidents/<slug:slug>/"
urlpatterns = [
    path(
        f"{_room}items/<slug:noun>/<uuid:public_id>/marking/",
        items.item_marking,
        name="item_marking",
    ),
    path(f"{_room}releases/", items.release_list, name="releases"),
    *(
        path(
            f"{_room}releases/<uuid:public_id>/{word}/",
            items.release_answer,
            {"word": word},
            name=f"release_{word}",
        )
        for word in ("release", "refuse", "withdraw")
    ),
]
