"""What every page knows."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """The drill watermark and the site's address."""
    return {"drill_mode": settings.DRILL, "site_url": settings.SITE_URL}
