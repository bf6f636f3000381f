"""Where mail providers tell what became of mails: /hooks/<provider>/tracking/. The addresses are
there only with a secret, which django-anymail asks of every caller. Incoming mail is not taken."""

from anymail.urls import urlpatterns as _every
from django.urls import URLPattern

urlpatterns: list[URLPattern] = [
    pattern for pattern in _every if "tracking" in str(pattern.name or "")
]
