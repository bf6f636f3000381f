"""Settings. One file; production differs only by environment variables (docs/operations.md)."""

import json
import os
import warnings
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from config import logs

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("HOLDFAST_VAR", BASE_DIR / "var"))


def _flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, "1" if default else "").lower() in {"1", "true", "yes", "on"}


def _secret(name: str, default: str) -> str:
    """A secret from NAME, or from the file that NAME_FILE names."""
    path = os.environ.get(f"{name}_FILE")
    return Path(path).read_text().strip() if path else os.environ.get(name, default)


# Drill mode opens "enter as" doors and forbids anything that leaves this machine.
DRILL = _flag("HOLDFAST_DRILL")
DEBUG = _flag("HOLDFAST_DEBUG")
PRODUCTION = _flag("HOLDFAST_PRODUCTION")

DEVELOPMENT_KEY = "development-only-key-refused-in-production"
SECRET_KEY = _secret("HOLDFAST_SECRET_KEY", "" if PRODUCTION else DEVELOPMENT_KEY)
if PRODUCTION and (DRILL or DEBUG):
    raise ImproperlyConfigured("HOLDFAST_PRODUCTION excludes HOLDFAST_DRILL and HOLDFAST_DEBUG")

SITE_URL = os.environ.get("HOLDFAST_SITE_URL", "http://localhost:8000").rstrip("/")
_site = urlsplit(SITE_URL)
ALLOWED_HOSTS = [h for h in os.environ.get("HOLDFAST_HOSTS", _site.hostname or "").split(",") if h]
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "incidents",
    "tracing",
    "config",
]

MIDDLEWARE = [
    # Before everything that may read: nothing of a room is there for a request that entered none.
    "config.fence.begin_as_nobody",
    "django.middleware.security.SecurityMiddleware",
    # Before what answers by itself: static files carry the headers too.
    "config.headers.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "incidents.views.gate.Limits",
    "incidents.views.gate.Sessions",
    "incidents.views.gate.SecondPasskey",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
            ],
        },
    }
]

# --- storage -------------------------------------------------------------------------------
# The application's role owns nothing (DESIGN.md section 5). The alias "owner" exists only where
# migrations run: web and worker processes are started without DATABASE_OWNER_URL.
_EMBEDDED = "postgresql://holdfast_app@/holdfast"
_ENGINE = "config.database"  # PostgreSQL, told for whom each query is (docs/adr/0024)
DATABASES = {
    "default": dj_database_url.parse(
        _secret("DATABASE_URL", _EMBEDDED), _ENGINE, conn_max_age=60, conn_health_checks=True
    )
}
if owner_url := _secret("DATABASE_OWNER_URL", ""):
    DATABASES["owner"] = dj_database_url.parse(owner_url, _ENGINE)
for _db in DATABASES.values():
    _db["ATOMIC_REQUESTS"] = False
DATABASE_APP_ROLE = os.environ.get("DATABASE_APP_ROLE") or DATABASES["default"]["USER"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = _secret("REDIS_URL", "redis://127.0.0.1:6379/0")
REDIS_CHANNEL = os.environ.get("HOLDFAST_REDIS_CHANNEL", "holdfast:pointers")
# Only rate limits live here, per process: in Redis they would shut the doors whenever it is down.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        # A flood from many addresses must not push out the counters of the others.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
# A minute, by person, or by address where nobody is signed in. Doors: whatever can lead to a
# session or to a passkey, always by address too.
LIMITS = {
    "read": int(os.environ.get("HOLDFAST_LIMIT_READS", "1200")),
    "write": int(os.environ.get("HOLDFAST_LIMIT_WRITES", "300")),
    "door": int(os.environ.get("HOLDFAST_LIMIT_DOORS", "60")),
    "socket": int(os.environ.get("HOLDFAST_LIMIT_SOCKETS", "240")),
}
RATELIMIT_ENABLE = True  # the tests of everything else ask more often than people do

# --- Celery (figures and reasons: docs/operations.md, "Workers") ----------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "tracing.watch_chain": {"queue": "watch"},
    # What takes as long as somebody else's server or a whole chain takes: nothing else waits there.
    "tracing.ask_history": {"queue": "slow"},
    "tracing.ask_histories": {"queue": "slow"},
    "tracing.check_chains": {"queue": "slow"},
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Once more at once, over a new connection: more would hold up whoever records, Redis being down.
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 60,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    # redis-py 8 closes idle sockets after 5 s by default; a blocking read is idle by nature.
    "socket_timeout": None,
    "socket_connect_timeout": 2,
}
# MiB; a worker that holds more ends in order and is started again (config/memory.py).
CELERY_WORKER_MEMORY_MIB = int(os.environ.get("HOLDFAST_WORKER_MEMORY", "4096"))
# Task -> seconds from one to the next. One that waited too long is dropped: the next one is there.
_BEAT = {
    "tracing.revive_watchers": 2.0,
    "tracing.sweep_unposted": 2.0,
    "tracing.settle_targets": 2.0,
    "tracing.read_prices": 10.0,
    "tracing.check_chains": 300.0,
    "tracing.ask_histories": 30.0,
    "incidents.sweep_unfanned": 2.0,
    "incidents.sweep_outbox": 2.0,
    "incidents.sweep_silent": 5.0,
    "incidents.sweep_clocks": 5.0,
    "incidents.publish_checks": 15.0,
}
CELERY_BEAT_SCHEDULE = {
    task: {
        "task": task,
        "schedule": every,
        "options": {"expires": every * 2 if every < 30 else every - 1},
    }
    for task, every in _BEAT.items()
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "run" / "beat-schedule")

# --- crossings ---------------------------------------------------------------------------
# For so many days after a crossing was found its far side is looked for.
FAR_SIDE_DAYS = int(os.environ.get("HOLDFAST_FAR_SIDE_DAYS", "30"))

# --- the first hour --------------------------------------------------------------------------
# For so long another affected party is asked before one may send a freeze request alone. Three
# minutes (DESIGN.md section 4): whole launderings took less than that (Global Ledger, 2025).
FREEZE_WAIT_SECONDS = int(os.environ.get("HOLDFAST_FREEZE_WAIT_SECONDS", "180"))

# --- clocks of requests ------------------------------------------------------------------------
# Where a desk's profile says nothing: so long it has to acknowledge and to answer, so long nobody
# called it before whoever leads the room is told, and so long before a hold ends it is reminded of.
FREEZE_ACKNOWLEDGE_HOURS = int(os.environ.get("HOLDFAST_FREEZE_ACKNOWLEDGE_HOURS", "4"))
FREEZE_ANSWER_HOURS = int(os.environ.get("HOLDFAST_FREEZE_ANSWER_HOURS", "24"))
FREEZE_ESCALATE_MINUTES = int(os.environ.get("HOLDFAST_FREEZE_ESCALATE_MINUTES", "60"))
FREEZE_REMINDER_HOURS = [
    int(one) for one in os.environ.get("HOLDFAST_FREEZE_REMINDER_HOURS", "72,48,24,6").split(",")
]

# From which state of a block on the chain's word moves a target: "seen", "safe" or "final".
FREEZE_SETTLED = os.environ.get("HOLDFAST_FREEZE_SETTLED", "safe")

# Between the word of the second party and an order to release: so long anybody may stop it.
RELEASE_DELAY_MINUTES = int(os.environ.get("HOLDFAST_RELEASE_DELAY_MINUTES", "60"))

# Feeds of prices in US dollars (Chainlink's AggregatorV3Interface): "asset=contract,...", CAIP-19.
PRICE_FEEDS = dict(
    pair.split("=", 1) for pair in os.environ.get("HOLDFAST_PRICE_FEEDS", "").split(",") if pair
)
PRICE_HOURS = int(
    os.environ.get("HOLDFAST_PRICE_HOURS", "24")
)  # a quote counts so far from a theft

# --- packets -------------------------------------------------------------------------------
# Days that a request asks for, and that a packet counts, where nobody says otherwise: 30 is the
# longest freeze that a desk of the starter set grants unasked (MEXC).
ASK_DAYS = PACKET_DAYS = int(os.environ.get("HOLDFAST_ASK_DAYS", "30"))
# The server's Ed25519 key; outside production it is made once, under var/ (services/server_key.py).
SIGNING_KEY = _secret("HOLDFAST_SIGNING_KEY", "")
if PRODUCTION and not SIGNING_KEY:
    raise ImproperlyConfigured("HOLDFAST_PRODUCTION needs HOLDFAST_SIGNING_KEY_FILE")
# Flat files that the public check page reads: a web server may serve them by itself.
CHECK_DIR = Path(os.environ.get("HOLDFAST_CHECK_DIR", VAR_DIR / "check"))

# --- desks' pages (docs/security.md, "The desk's page") ---------------------------------------
# How long a link lives where the desk's profile says nothing, how long a code and the reading that
# it opens last, and how many browsers may open one link.
DESK_LINK_HOURS = int(os.environ.get("HOLDFAST_DESK_LINK_HOURS", "72"))
DESK_CODE_MINUTES = int(os.environ.get("HOLDFAST_DESK_CODE_MINUTES", "10"))
DESK_READING_MINUTES = int(os.environ.get("HOLDFAST_DESK_READING_MINUTES", "30"))
DESK_MOST_DEVICES = int(os.environ.get("HOLDFAST_DESK_MOST_DEVICES", "3"))

# --- people --------------------------------------------------------------------------------
AUTH_USER_MODEL = "incidents.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "incidents.views.account_adapter.AccountAdapter"
MFA_ADAPTER = "incidents.views.account_adapter.PasskeyAdapter"
MFA_SUPPORTED_TYPES = ["webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# A passkey cannot be guessed; a limit by address alone locks out an office behind one. Ours count
# account and address together (incidents/views/gate.py).
MFA_RATE_LIMITS = {"webauthn_login": "600/m/ip"}
# Half an hour without a request, twelve hours whatever happens (services/sessions.py).
SESSION_COOKIE_AGE = 30 * 60
SESSION_ABSOLUTE_SECONDS = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True

ALLAUTH_TRUSTED_PROXY_COUNT = 0
if PRODUCTION:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("HOLDFAST_PROXIES", "1"))
# Not "no-referrer": with it browsers send "Origin: null" with our own forms, and CSRF refuses them.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- mail: without a server nothing leaves, and the page shows the link to pass on ------------
# Any SMTP server, or a provider through django-anymail: docs/operations.md, "Mail".
EMAIL_BACKEND = os.environ.get(
    "HOLDFAST_EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend"
)
EMAIL_HOST = os.environ.get("HOLDFAST_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("HOLDFAST_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("HOLDFAST_SMTP_USER", "")
EMAIL_HOST_PASSWORD = _secret("HOLDFAST_SMTP_PASSWORD", "")
EMAIL_USE_TLS = _flag("HOLDFAST_SMTP_TLS")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("HOLDFAST_MAIL_FROM", "holdfast@localhost")
MAIL_ENABLED = bool(EMAIL_HOST) or not EMAIL_BACKEND.endswith("smtp.EmailBackend")
# What django-anymail needs of its provider, as JSON. Its events come to /hooks/<provider>/...,
# which is there only with a secret ("user:password").
ANYMAIL = json.loads(_secret("HOLDFAST_ANYMAIL", "{}"))
if _hooks := _secret("HOLDFAST_ANYMAIL_WEBHOOK_SECRET", ""):
    ANYMAIL["WEBHOOK_SECRET"] = _hooks
# A drill sends nothing outside: to its own server on this machine, or to nobody.
if DRILL:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(os.environ.get("HOLDFAST_DRILL_SMTP_PORT", "0"))
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_TLS = "", "", False
    MAIL_ENABLED = EMAIL_PORT > 0

# --- the outbox (docs/adr/0031-outbox.md) ----------------------------------------------------
HAND_OVER_SECONDS = 40.0  # a try is ended then, whatever the other side does
OUTBOX_LEASE_SECONDS = 120.0  # what is in flight for longer has lost its worker
WEBHOOK_TO_LOOPBACK = DRILL  # this machine alone, without TLS too: in tests and drills

# --- API -----------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "incidents.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    # One shape for everybody; /api/docs/ is the page to browse.
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["incidents.api.parsers.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "incidents.api.exception_handler.handle",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Holdfast API",
    "DESCRIPTION": "The room's reads and writes. Amounts are strings in base units; time is UTC.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        f"{name}Enum": f"incidents.choices.{name}"
        for name in (
            *(
                "AddressRole",
                "AdmissionRule",
                "Channel",
                "Confirmation",
                "Marking",
                "RequestState",
                "RoomRole",
            ),
            *("Stage", "StatementState", "TargetState"),
        )
    },
}

# --- the rest ------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en-gb"
USE_THOUSAND_SEPARATOR = False

# WhiteNoise serves files by iterators that are not asynchronous: small files, read in one go.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")

LOGGING = logs.configuration(os.environ.get("HOLDFAST_LOG", "INFO"))

# How long a chain may be not verified before the rooms that follow it hear of it.
NOT_VERIFIED_GRACE_SECONDS = float(os.environ.get("HOLDFAST_NOT_VERIFIED_GRACE", "60"))

# Whoever presents it may read /metrics, which names the operators of endpoints; "" : nobody may.
METRICS_TOKEN = _secret("HOLDFAST_METRICS_TOKEN", "")
SHORTEST_METRICS_TOKEN = 20
if METRICS_TOKEN and len(METRICS_TOKEN) < SHORTEST_METRICS_TOKEN:
    raise ImproperlyConfigured(
        f"HOLDFAST_METRICS_TOKEN needs {SHORTEST_METRICS_TOKEN} characters or more"
    )

# The drill's node, or the first endpoint of a fresh installation.
NODE_URL = _secret("HOLDFAST_NODE_URL", "")
