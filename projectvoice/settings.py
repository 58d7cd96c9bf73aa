"""All settings. Each that an operator may want to change is read from the environment (README, Settings)."""

from datetime import timedelta
from pathlib import Path
from tempfile import gettempdir

from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static

from projectvoice import __version__, environment

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = False
SECRET_KEY = environment.secret_key()
AUDIT_KEY = environment.key("AUDIT_KEY")
AUDIT_FORMER_KEYS = environment.keys("AUDIT_FORMER_KEYS")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "*")
ALLOWED_ORIGINS = environment.words("ALLOWED_ORIGINS", "http://localhost:3000,http://localhost:3001,http://localhost:5173")

INSTALLED_APPS = [
    "panel",  # before unfold, whose templates it overrides
    "unfold.apps.BasicAppConfig",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.messages",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "channels",
    "projectvoice",
    "figures",
    "events",
    "accounts",
    "audit",
    "servers",
    "messaging",
    "friends",
    "turn",
    "voice",
    "live",
    "timelines",
    "moderation",
    "integrations",
    "selfhost",
    "web",
]

MIDDLEWARE = [
    "projectvoice.middleware.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "projectvoice.middleware.NoContentCorsMiddleware",
    "projectvoice.static_files.StaticFiles",
    "django.middleware.locale.LocaleMiddleware",
    "projectvoice.middleware.TrailingSlashMiddleware",
    "projectvoice.middleware.AddressMiddleware",
    "panel.middleware.PanelMiddleware",
    "django.middleware.common.CommonMiddleware",
]

ROOT_URLCONF = "projectvoice.urls"
ASGI_APPLICATION = "projectvoice.asgi.application"
APPEND_SLASH = False  # existing clients follow no redirect; TrailingSlashMiddleware serves both forms
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": environment.database(environment.text("DATABASE_URL", "postgresql://localhost/projectvoice"))}
DATABASE_PREPARED = environment.flag("DATABASE_PREPARED", default=True)  # off behind a pooler that hands out statements
NEWER_DATABASE = environment.choice("NEWER_DATABASE", "refuse", "accept") == "accept"  # whether `migrate` takes it as it is
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = environment.text("REDIS_URL", "redis://localhost:6379/0")
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL], "prefix": "pv"}}
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "pv",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 2},
    },
    # Counts throttles in each process while Valkey is away.
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 10_000}},
}

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["accounts.passwords.BoundedArgon2PasswordHasher"]
SIMPLE_JWT = {"ALGORITHM": "HS256", "SIGNING_KEY": SECRET_KEY, "AUTH_HEADER_TYPES": ("Bearer",)}
SESSION_LIFETIME = timedelta(days=7)
TWO_FACTOR = environment.choice("TWO_FACTOR", "optional", "staff", "everyone")  # of whom it is required
EMAIL_CONFIRMATION = environment.choice("EMAIL_CONFIRMATION", "off", "required")

PUBLIC_URL = environment.public_url("PUBLIC_URL")
MAIL = environment.mail("EMAIL_URL")
if MAIL.leaves and not PUBLIC_URL and "*" in ALLOWED_HOSTS:  # else whoever asks for somebody's link chooses where it leads
    raise ImproperlyConfigured("EMAIL_URL with a mail server needs PUBLIC_URL, or ALLOWED_HOSTS that name this instance")
EMAIL_BACKEND, EMAIL_FILE_PATH = MAIL.backend, MAIL.folder
EMAIL_HOST, EMAIL_PORT, EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.host, MAIL.port, MAIL.starttls, MAIL.tls
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = environment.sender("MAIL_FROM", "ProjectVoice <projectvoice@localhost>")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.SessionTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["projectvoice.kernel.json.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["projectvoice.kernel.json.JsonParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "projectvoice.kernel.json.Negotiation",
    "URL_FORMAT_OVERRIDE": None,  # `?format=` is no parameter of ours
    "DEFAULT_SCHEMA_CLASS": "projectvoice.kernel.schema.Schema",
    "EXCEPTION_HANDLER": "projectvoice.kernel.exception_handler.exception_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "ProjectVoice",
    "DESCRIPTION": "Self-hosted voice platform: accounts, servers, channels, invites and WebRTC signaling.",
    "VERSION": __version__,
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api",
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": False},
    "COMPONENT_SPLIT_REQUEST": True,
    "GET_LIB_DOC_EXCLUDES": "projectvoice.kernel.schema.foreign_docs",
    "PATH_CONVERTER_OVERRIDES": {"id": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}},
    "TAGS": [
        {"name": "auth", "description": "Registration, sign-in, its second factor, lost passwords, oneself, sessions"},
        {"name": "users", "description": "Profiles"},
        {"name": "servers", "description": "Servers and what was done on them"},
        {"name": "channels", "description": "Channels and their categories"},
        {"name": "members", "description": "Members, bans, the owner"},
        {"name": "roles", "description": "Custom roles and who carries them"},
        {"name": "permissions", "description": "What a channel gives and takes, and why somebody may or may not"},
        {"name": "invites", "description": "Links that make members"},
        {"name": "messages", "description": "Messages, reactions, pins, read state"},
        {"name": "attachments", "description": "Files"},
        {"name": "conversations", "description": "Direct messages and groups; what is written in them are messages"},
        {"name": "friends", "description": "Friends, requests, blocks"},
        {"name": "bots", "description": "Accounts of programs, and their tokens"},
        {"name": "webhooks", "description": "Addresses that programs write to a channel by"},
        {"name": "event-hooks", "description": "Where a server's events are pushed to"},
        {"name": "reports", "description": "One's own reports, and those against oneself"},
        {"name": "admin", "description": "For global moderators and administrators"},
        {"name": "voice", "description": "Calls; their sockets are described in docs/protocols"},
        {"name": "zvonim", "description": "Group calls as seed 003 has them; a room may be a voice channel"},
        {"name": "instance", "description": "What the instance says of itself"},
    ],
    "PREPROCESSING_HOOKS": ["projectvoice.kernel.schema.ask_rooms"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "projectvoice.kernel.schema.share_refusals",
    ],
    "ENUM_NAME_OVERRIDES": {
        "ChannelTypeEnum": "servers.models.ChannelType",
        "MemberRoleEnum": "servers.models.MemberRole",
        "AppointableRoleEnum": "servers.serializers.APPOINTABLE",
        "GlobalRoleEnum": "accounts.models.GlobalRole",
        "StatusEnum": "accounts.models.Status",
        "FriendshipStatusEnum": "friends.models.FriendshipStatus",
        "ReportStatusEnum": "moderation.models.ReportStatus",
        "VerdictEnum": "selfhost.serializers.VERDICTS",
    },
}

LANGUAGE_CODE = "ru"  # seed 002's texts are Russian; Accept-Language: en gets English
LANGUAGES = [("ru", "Русский"), ("en", "English")]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [("sdk", BASE_DIR / "clients" / "js" / "src")]  # the page is built on it
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 60  # where the address has no version

CORS_ALLOW_ALL_ORIGINS = "*" in ALLOWED_ORIGINS
CORS_ALLOWED_ORIGINS = [origin for origin in ALLOWED_ORIGINS if origin != "*"]
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
CORS_ALLOW_HEADERS = ["Content-Type", "Authorization", "X-Requested-With", "Accept"]
CORS_EXPOSE_HEADERS = ["Retry-After", "X-Request-ID"]

DATA_UPLOAD_MAX_MEMORY_SIZE = BODY_LIMIT = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FILES = 1
FILE_UPLOAD_TEMP_DIR = gettempdir()  # settled now: asked first while that disk is full, Python would settle on another one
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]  # never in memory
VOICE_TIMELINES_KEPT_DAYS = environment.number("VOICE_TIMELINES_KEPT_DAYS", 7, least=1, most=365)
EVENTS_KEPT_DAYS = environment.number("EVENTS_KEPT_DAYS", 7, least=1, most=365)  # to resume from
# Whether hooks may be called at addresses of closed networks and of this machine.
EVENT_HOOKS_ALLOW_PRIVATE = environment.flag("EVENT_HOOKS_ALLOW_PRIVATE", default=False)
ATTACHMENT_MAX_BYTES = environment.number("ATTACHMENT_MAX_BYTES", 10_000_000, least=1)
ATTACHMENT_QUOTA_BYTES = environment.number("ATTACHMENT_QUOTA_BYTES", 1_000_000_000, most=2**63 - 1)
ATTACHMENT_TYPES = environment.words("ATTACHMENT_TYPES", "*")
ATTACHMENT_STORAGE = environment.choice("ATTACHMENT_STORAGE", "local", "s3")
UPLOAD_LIMIT = ATTACHMENT_MAX_BYTES + 65_536  # what a form adds around its file
STORAGES = {
    "default": environment.file_storage(ATTACHMENT_STORAGE),
    "staticfiles": {"BACKEND": "projectvoice.static_files.VersionedStorage"},
}
# What answers say to browsers (projectvoice/headers.py). A request came by https if its connection did, or if a proxy of
# TRUSTED_PROXIES says so: the web server decides that, so there is no SECURE_PROXY_SSL_HEADER for others to send.
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"  # an invite's address is a key
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = environment.number("HSTS_SECONDS", 31_536_000)  # 0: never said
SILENCED_SYSTEM_CHECKS = [
    "admin.E408",  # the panel's middleware does what these three would do for every request
    "admin.E409",
    "admin.E410",
    "security.W003",  # a cookie authenticates in the panel alone, whose views each guard themselves
    "security.W005",  # other names under this one's domain are not this instance's to bind to https
    "security.W021",  # nor is its place in browsers' lists
    "security.W008",  # the redirect to https belongs to the proxy: clients of the API follow none, and must not begin with http
]

# Requests that are worked on at a time by one process, each with a database connection of its own.
REST_THREADS = environment.number("REST_THREADS", 16, least=1, most=500)
# Seconds that a request waits for one of these, and for the database, until it gets 503.
REST_PATIENCE = environment.number("REST_PATIENCE", 5, least=1, most=600)
# Seconds that a web process which is told to end goes on serving while it says that it is not ready.
DRAIN_SECONDS = environment.number("DRAIN_SECONDS", 0, most=60)
# As REST_THREADS, for live events: the outbox, the log, subscribers, what they missed.
LIVE_THREADS = environment.number("LIVE_THREADS", 4, least=3, most=100)
RATE_LIMITS = environment.flag("RATE_LIMITS", default=True)
# Sockets and polling sessions of one client address in one process.
MAX_CONNECTIONS_PER_ADDRESS = environment.number("MAX_CONNECTIONS_PER_ADDRESS", 200, least=1)
OPEN_ROOMS = environment.flag("OPEN_ROOMS", default=True)
SEATS_PER_USER = environment.number("SEATS_PER_USER", 1, least=1, most=10)  # in one voice channel
ROOM_SIZE = environment.number("ROOM_SIZE", 500, least=2, most=2000)
ROOMS_PER_USER = environment.number("ROOMS_PER_USER", 10, least=1, most=1_000_000)
# Of one connection. A mesh of fifty sends some 1 000 candidates at its start.
JOINS_PER_MINUTE = environment.number("JOINS_PER_MINUTE", 60, least=1, most=6000)
SIGNAL_RATE = environment.number("SIGNAL_RATE", 200, least=1, most=1_000_000)  # a second, in the long run
SIGNAL_BURST = environment.number("SIGNAL_BURST", 2000, least=1, most=1_000_000)
# Where clients learn their own addresses. None: at the relay.
STUN_URLS = environment.ice_urls("STUN_URLS", "stun") if environment.text("STUN_URLS") else None
# The relay, which is a process of its own (manage.py runturn): where it listens and relays, and what clients are told.
TURN = environment.flag("TURN", default=True)
TURN_HOST = environment.host("TURN_HOST")
TURN_URLS = environment.ice_urls("TURN_URLS", "turn")
TURN_PORT = environment.number("TURN_PORT", 3478, least=1, most=65535)
TURN_TLS_PORT = environment.number("TURN_TLS_PORT", 5349, least=1, most=65535)
TURN_LISTEN_ADDRESSES = environment.addresses("TURN_LISTEN_ADDRESSES", "0.0.0.0,::")
TURN_RELAY_ADDRESSES = environment.addresses("TURN_RELAY_ADDRESSES")
TURN_EXTERNAL_ADDRESSES = environment.addresses("TURN_EXTERNAL_ADDRESSES")
TURN_PORTS = environment.ports("TURN_PORTS", "49152-65535")
TURN_CERTIFICATE = environment.text("TURN_CERTIFICATE")
TURN_CERTIFICATE_KEY = environment.text("TURN_CERTIFICATE_KEY")
# Who may use it, whom they may reach through it, and how much of it.
TURN_REALM = environment.text("TURN_REALM", "projectvoice")
TURN_SECRET = environment.secrets("TURN_SECRET")  # the first mints; turn/keys.py
TURN_TTL = environment.number("TURN_TTL", 3600, least=300, most=7 * 86_400)  # seconds that credentials hold
TURN_USERS = environment.passwords("TURN_USERS")
TURN_ALLOW_PRIVATE_PEERS = environment.flag("TURN_ALLOW_PRIVATE_PEERS", default=False)
TURN_ALLOW_LOOPBACK_PEERS = environment.flag("TURN_ALLOW_LOOPBACK_PEERS", default=False)
TURN_ALLOWED_PEERS = environment.networks("TURN_ALLOWED_PEERS")
TURN_DENIED_PEERS = environment.networks("TURN_DENIED_PEERS")
TURN_ALLOCATIONS = environment.number("TURN_ALLOCATIONS", 4000, least=1, most=1_000_000)
TURN_ALLOCATIONS_PER_USER = environment.number("TURN_ALLOCATIONS_PER_USER", 100, least=1, most=1_000_000)
TURN_BANDWIDTH = environment.number("TURN_BANDWIDTH", 1_250_000)  # bytes a second, each way, of one allocation; 0: no bound
TURN_ALTERNATES = environment.endpoints("TURN_ALTERNATES")  # where to send clients while this one is full, or drains
TURN_RFC5766_CHANNELS = environment.flag("TURN_RFC5766_CHANNELS", default=False)
TURN_TCP_RELAY = environment.flag("TURN_TCP_RELAY", default=False)  # opens TCP ports of the world to whoever has credentials
# How it does it.
TURN_WORKERS = environment.number("TURN_WORKERS", 1, least=1, most=64)
TURN_PLANE = environment.choice("TURN_PLANE", "auto", "native", "portable")
TURN_COALESCE_US = environment.number("TURN_COALESCE_US", 250, most=10_000)
TURN_DRAIN_SECONDS = environment.number("TURN_DRAIN_SECONDS", 30, most=86_400)
TURN_METRICS_PORT = environment.number("TURN_METRICS_PORT", 0, most=65535)  # on loopback; 0: none
# CONTRACT 3, announce delay, in seconds, on the real client's Engine.IO path.
ANNOUNCE_DELAY = environment.number("ANNOUNCE_DELAY_MS", 700, most=5000) / 1000
# Seconds: a connection that is lost without a word is noticed within the sum of both.
PING_INTERVAL = environment.number("PING_INTERVAL_MS", 10_000, least=1000, most=25_000) / 1000
PING_TIMEOUT = environment.number("PING_TIMEOUT_MS", 10_000, least=1000, most=25_000) / 1000

# Several web processes: how many there are on this machine, which one this is, where their Unix sockets lie (./run says
# so), and what tells this machine's sessions from those of other machines.
VOICE_WORKERS = environment.number("VOICE_WORKERS", 1, least=1, most=64)
VOICE_WORKER = environment.number("VOICE_WORKER", 0, most=VOICE_WORKERS - 1)
VOICE_SOCKETS = environment.text("VOICE_SOCKETS")
VOICE_MACHINE = environment.name("VOICE_MACHINE")

# The moderators' panel: nothing of it is sent to, or set by, any other path.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
SESSION_COOKIE_PATH = "/admin/"  # where CookieStorage takes it from
CSRF_COOKIE_NAME = "panel_csrf"
CSRF_COOKIE_PATH = "/admin/"
# Where the request did not come by https, but people do: behind a proxy that is not listed. panel/middleware.py
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_AGE = None
CSRF_FAILURE_VIEW = "panel.refusals.forged"
UNFOLD = {
    "SITE_TITLE": "ProjectVoice",
    "SITE_HEADER": "ProjectVoice",
    "SITE_SYMBOL": "graphic_eq",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("web/logo.svg")}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda request: static("panel/colours.css"), lambda request: static("panel/panel.css")],
    "SIDEBAR": {"navigation": "panel.navigation.sidebar"},
    "ACCOUNT": {"navigation": "panel.navigation.account"},
}

# What operators are told (telemetry/): figures for whoever has the token, lines, and if these are set, traces and errors.
METRICS_TOKEN = environment.token("METRICS_TOKEN")
LOG_FORMAT = environment.choice("LOG_FORMAT", "line", "json")
ACCESS_LOG = environment.flag("ACCESS_LOG", default=False)
SENTRY_DSN = environment.text("SENTRY_DSN")
OTLP_ENDPOINT = environment.text("OTEL_EXPORTER_OTLP_ENDPOINT")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "projectvoice.logs.LineFormatter", "format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
        "json": {"()": "projectvoice.logs.JsonFormatter"},
    },
    "filters": {"one_line": {"()": "projectvoice.logs.OneLine"}, "masked_path": {"()": "projectvoice.logs.MaskedPath"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT},
        "errors": {"class": "figures.counting.ErrorCounter", "level": "ERROR"},
    },
    "root": {"handlers": ["console", "errors"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR", "filters": ["masked_path"]},  # a 4xx is an answer, not an event
        "django.security": {"level": "ERROR"},
        "channels_redis.pubsub": {"filters": ["one_line"]},
        "projectvoice.access": {"level": "INFO" if ACCESS_LOG else "WARNING"},  # a line per request, join and leave
    },
}
