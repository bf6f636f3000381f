"""The ASGI entry: HTTP by Django, sockets by Channels, both behind the same session."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402 (models load only after the set-up)
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.conf import settings  # noqa: E402

from config.fence import fenced  # noqa: E402
from config.origin import only_from  # noqa: E402
from incidents import scope  # noqa: E402
from incidents.routing import websocket_urlpatterns  # noqa: E402

# Threads that this process may start later open nothing by themselves either.
scope.begin_as(scope.NOBODY)

application = fenced(
    ProtocolTypeRouter(
        {
            "http": django_application,
            "websocket": only_from(
                settings.SITE_URL, AuthMiddlewareStack(URLRouter(websocket_urlpatterns))
            ),
        }
    )
)
