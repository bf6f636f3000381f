"""All addresses of the site."""

from django.conf import settings
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

urlpatterns = [
    path("accounts/", include("incidents.views.account_urls")),
    path("api/v1/", include("incidents.api.urls")),
    path("api/v1/", include("tracing.api.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="api-docs"),
    path("", include("incidents.views.urls")),
    path("", include("tracing.views.urls")),
]
if "WEBHOOK_SECRET" in settings.ANYMAIL:
    urlpatterns += [path("hooks/", include("config.hooks"))]
handler404 = "incidents.views.errors.not_found"
handler500 = "incidents.views.errors.server_error"
