"""Settings, read from the environment: Django, our choices in it, dependencies, the project.

A laptop needs none. In production, every setting without a safe default is required: a wrong or
missing one stops the start with a message that says what to do.
"""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from registry import environment
from registry.environment import env, env_flag, env_integer
from registry.local.sockets import socket_folder
from registry.staff import staff_provider

BASE_DIR = Path(__file__).resolve().parent.parent

REGISTER_MODE = env.str("REGISTER_MODE", default="local")
if REGISTER_MODE not in ("local", "production"):
    raise ImproperlyConfigured(
        f"REGISTER_MODE is {REGISTER_MODE!r}. Set it to 'local' (a laptop, a demonstration) "
        "or 'production'."
    )
PRODUCTION = REGISTER_MODE == "production"
REGISTER_HOME = Path(env.str("REGISTER_HOME", default=str(BASE_DIR / "var"))).absolute()


def required_in_production(name: str, *, default: str, meaning: str) -> str:
    """Return a setting that production requires; the error for a missing one explains it."""
    value = env.str(name, default="")
    if not value and PRODUCTION:
        raise ImproperlyConfigured(f"{name} is not set. It is {meaning}. See docs/operating.md.")
    return value or default


# --- Django ---------------------------------------------------------------------------------------

DEBUG = env_flag("DEBUG", default=False)
if DEBUG and PRODUCTION:
    raise ImproperlyConfigured(
        "DEBUG shows the inside of the register to visitors. Take it out of production."
    )
SECRET_KEY = required_in_production(
    "SECRET_KEY", default="", meaning="a long random text that signs sessions; keep it secret"
) or environment.local_secret_key(REGISTER_HOME)

PORT = env_integer("PORT", default=8000)
PUBLIC_URL = required_in_production(
    "PUBLIC_URL",
    default=f"http://localhost:{PORT}",
    meaning="the register's address, such as https://register.example.gov.uk; links begin with it",
).rstrip("/")
PUBLIC_HOST = PUBLIC_URL.partition("://")[2].partition("/")[0].partition(":")[0]
ALLOWED_HOSTS = (
    [PUBLIC_HOST] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]", "testserver", PUBLIC_HOST]
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "registry.operations.error_pages.csrf_failure"

INSTALLED_APPS = [
    "reporting",
    "charter",
    "registry",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "drf_spectacular",
    "pgtrigger",
    "rest_framework",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "registry.operations.caching.forbid_keeping",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "charter.middleware.QuestionsMiddleware",
    "charter.sessions.limit_idle_time",
]
ROOT_URLCONF = "registry.urls"
WSGI_APPLICATION = "registry.wsgi.application"
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
            ],
        },
    },
]
EMBEDDED_POSTGRES = socket_folder(REGISTER_HOME, "postgres")
DATABASES = environment.databases(
    required_in_production(
        "DATABASE_URL",
        default=f"postgres://register_app@/register?host={EMBEDDED_POSTGRES}",
        meaning="the database as the role register_app, which cannot change the log",
    ),
    required_in_production(
        "DATABASE_PUBLIC_URL",
        default=f"postgres://register_public@/register?host={EMBEDDED_POSTGRES}",
        meaning="the database as the role register_public, which reads what is public",
    ),
    env.str("DATABASE_REPLICA_URL", default=""),
    must_differ=PRODUCTION,
)
DATABASE_ROUTERS = ["registry.log.snapshot.SnapshotRouter"]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"

# --- Our choices of Django ------------------------------------------------------------------------

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False
AUTH_USER_MODEL = "charter.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
if PRODUCTION:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health$"]
    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
EVIDENCE_URL = env.str("EVIDENCE_URL", default="")
CLAMD_ADDRESS = env.str("CLAMD_ADDRESS", default="")
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "evidence": environment.evidence_storage(EVIDENCE_URL, REGISTER_HOME),
    "staticfiles": {
        # Hashed names need a build step; a laptop serves the files as they are.
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# The first handler refuses a body larger than any of our forms.
FILE_UPLOAD_HANDLERS = [
    "reporting.evidence.files.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
WHITENOISE_USE_FINDERS = not PRODUCTION
# Counters of sign-in attempts: shared by all workers, and available without Redis.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "registry_counter",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- Dependencies ---------------------------------------------------------------------------------

ACCOUNT_ADAPTER = "charter.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = (
    "none"  # an invitation has verified the address before the account exists
)
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # nobody can make us email strangers
ACCOUNT_RATE_LIMITS = {
    "public_form": "10/h/ip",  # forms open to anyone
    "typed": "20/h/ip",  # forms saved for people whose session expired
}
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True  # an intruder cannot hide a changed sign-in method
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60  # email may be slow; templates state this time
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
SOCIALACCOUNT_ADAPTER = "charter.adapters.StaffAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # an account here is found by its verified address
STAFF_SIGN_IN_URL = env.str("STAFF_SIGN_IN_URL", default="")
STAFF_EMAIL_DOMAIN = env.str("STAFF_EMAIL_DOMAIN", default="")
STAFF_APPS, STAFF_ORIGINS = staff_provider(
    STAFF_SIGN_IN_URL, STAFF_EMAIL_DOMAIN, allow_http=not PRODUCTION
)
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": STAFF_APPS}}
LOGIN_URL = "/account/login/"
LOGIN_REDIRECT_URL = "/account/home"
# The number of our own proxies in front of the web server; rate limits count clients behind them.
ALLAUTH_TRUSTED_PROXY_COUNT = env_integer("TRUSTED_PROXY_COUNT", default=0)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_FORMS = {"add_webauthn": "charter.forms.signing_in.PasskeyForm"}
MFA_TOTP_ISSUER = "Charter Register"

EMBEDDED_VALKEY = socket_folder(REGISTER_HOME, "valkey") / "valkey.sock"
REDIS_URL = env.str("REDIS_URL", f"redis+socket://{EMBEDDED_VALKEY}?virtual_host=0")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        # Some browsers apply this to redirects of a form too, such as to the council's sign-in.
        "form-action": [SELF, *STAFF_ORIGINS],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "registry.api.problems.handle_exception",
    "UNAUTHENTICATED_USER": None,
    # Lists of records read `format` themselves; other addresses have JSON only.
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Charter Register API",
    "DESCRIPTION": "Commitments under a council's charter, their progress and successes.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "LICENSE": {
        "name": "Open Government Licence v3.0",
        "url": "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    },
    "ENUM_NAME_OVERRIDES": {
        "Cadence": "registry.schema.code_lists.Cadence",
        "Standing": "registry.schema.code_lists.Standing",
        "CorrectionGround": "registry.schema.code_lists.CorrectionGround",
    },
}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "lines": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processor": "structlog.processors.JSONRenderer",
            "foreign_pre_chain": [
                "structlog.stdlib.add_log_level",
                "structlog.stdlib.add_logger_name",
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}

# --- The project ----------------------------------------------------------------------------------

DEMO = env_flag("DEMO", default=not PRODUCTION)
if DEMO and PRODUCTION:
    raise ImproperlyConfigured("DEMO has accounts with a known password. Set DEMO=0 in production.")
REGISTER_CLOCK_OFFSET = env_integer("REGISTER_CLOCK_OFFSET", default=0)
if REGISTER_CLOCK_OFFSET and PRODUCTION:
    raise ImproperlyConfigured(
        "REGISTER_CLOCK_OFFSET is for tests: a public register tells the true time."
    )

HEAD_SIGNING_KEY = environment.signing_key(
    required_in_production(
        "HEAD_SIGNING_KEY", default="", meaning="the secret key that signs the head of the log"
    ),
    REGISTER_HOME,
)
EMAIL_URL = required_in_production(
    "EMAIL_URL",
    default=f"smtp://localhost:{PORT + 25}",
    meaning="the mail server, such as smtp+tls://user:password@mail.example.gov.uk:587",
)
# A laptop's own mail server lets nothing out.
SENDS_REAL_EMAIL = PRODUCTION or bool(env.str("EMAIL_URL", default=""))
MAIL_DAY_LIMIT = env_integer("MAIL_DAY_LIMIT", default=500)
SENDER_ADDRESS = required_in_production(
    "SENDER_ADDRESS",
    default="register@localhost.test",
    meaning="the address that email comes from until the page Set up names another, and that of "
    "email by none of several councils",
)
REPLY_ADDRESS = required_in_production(
    "REPLY_ADDRESS",
    default="charter@localhost.test",
    meaning="a mailbox that a person reads; replies go to it",
)
COMPANIES_HOUSE_KEY = env.str("COMPANIES_HOUSE_KEY", default="")  # empty: no look-ups
# Servers report undelivered email to it; "+token" is inserted before the @. Empty: no reports.
BOUNCE_ADDRESS = env.str("BOUNCE_ADDRESS", default="" if PRODUCTION else "bounce@localhost.test")
POSTAL_ADDRESS = required_in_production(
    "POSTAL_ADDRESS",
    default="Charter Team, Example Council House, 1 Example Square",
    meaning="the council's postal address, printed in every email and on the contact page",
)
TELEPHONE = required_in_production(
    "TELEPHONE",
    default="01632 960 000",  # Ofcom reserves this number for fiction
    meaning="the charter team's telephone number, printed in every email and on the contact page",
)
