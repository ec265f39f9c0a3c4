"""Every setting of the portal, in Django's order; values come only through portal.env.

`.env.example` documents each variable; a test keeps both in step.
"""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _

from portal import env
from portal.console.look import UNFOLD as CONSOLE_LOOK

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

# Core. The variable DEBUG marks a local test installation: demo, stand-in and /dev/ pages need it.
LOCAL_TEST = env.flag("DEBUG", default=False)
# Django's own error pages, for people at work on the code; others see the portal's, as always.
DEBUG = LOCAL_TEST and env.flag("DEBUG_PAGES", default=False)
SECRET_KEY = env.secret("SECRET_KEY", "django-insecure-only-for-debug" if LOCAL_TEST else None)
ALLOWED_HOSTS = env.names(
    "ALLOWED_HOSTS", "localhost,127.0.0.1,[::1],testserver" if LOCAL_TEST else ""
)
if not LOCAL_TEST and (not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS):
    raise ImproperlyConfigured("ALLOWED_HOSTS must name the portal's own host names.")
CSRF_TRUSTED_ORIGINS = env.names("CSRF_TRUSTED_ORIGINS")
# Where links in mails and SMS point to; a brand's own host may override it later.
SITE_URL = env.text("SITE_URL", "http://localhost:8000" if LOCAL_TEST else None).rstrip("/")

INSTALLED_APPS = [
    # Before the admin, whose templates they replace; the site itself is ours.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "portal.console.apps.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "django_htmx",
    "messaging",
    "accounts",
    "plans",
    "billing",
    "support",
    "portal",
]

MIDDLEWARE = [
    "portal.middleware.RequestIdMiddleware",
    "portal.middleware.NotIndexedMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Pages, and the static files of a test installation, which lie there uncompressed. Safe with
    # forms: Django masks the CSRF token anew each time and varies the length (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.RateLimitMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "accounts.middleware.MainAddressMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = ("portal",)
CRISPY_TEMPLATE_PACK = "portal"

# The operators' console: looks, sidebar and callbacks.
UNFOLD = CONSOLE_LOOK

# Database, cache. Never ATOMIC_REQUESTS: on SQLite every page view would take the write lock.
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var")))
DATABASES = {"default": env.database("DATABASE_URL", DATA_DIR / "xuka.sqlite3")}
if DATABASES["default"]["NAME"] == str(DATA_DIR / "xuka.sqlite3"):
    DATA_DIR.mkdir(parents=True, exist_ok=True)
REDIS_URL = env.secret("REDIS_URL", "")
if REDIS_URL and urlsplit(REDIS_URL).scheme not in {"redis", "rediss"}:
    raise ImproperlyConfigured("REDIS_URL must begin with redis:// or rediss://.")
# Limits must hold over all processes, hence never a cache per process. With Redis away the
# database takes over, so that pages keep working and limits keep counting.
CACHE_TABLE = "portal_cache"
_database_cache = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": CACHE_TABLE,
    # Django's 300 would throw counters away while they still limit somebody.
    "OPTIONS": {"MAX_ENTRIES": 50_000},
}
CACHES = {
    "default": (
        {
            "BACKEND": "portal.cache.FallbackCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"fallback": "database"},
        }
        if REDIS_URL
        else _database_cache
    ),
    "database": _database_cache,
}

# Accounts. Both ways in are equal: e-mail or phone, one box.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/lines/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.forms.LoginForm",
    "signup": "accounts.forms.SignupForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "add_email": "accounts.forms.AddEmailForm",
    "change_phone": "accounts.forms.ChangePhoneForm",
    "verify_phone": "accounts.forms.CodeForm",
}
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
ACCOUNT_SIGNUP_FIELDS = ["email", "phone", "password1*"]
# "optional", because "mandatory" would lock out customers who have a number only; accounts.stages
# asks for either of the two instead.
ACCOUNT_EMAIL_VERIFICATION = "optional"
# The link of the mail logs in the browser that signed up, and no other.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_CHANGE = True
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Per key and per source, with day windows against SMS pumping; mobile carriers share addresses.
ACCOUNT_RATE_LIMITS = {
    "change_phone": "3/m/user,10/d/user",
    "verify_phone": "1/30s/key,8/d/key,20/m/ip",
    "login_failed": "30/m/ip,5/5m/key",
    # Renewal links that are none: guesses, and mail scanners gone wild.
    "renewal_link": "30/10m/ip",
    # Adding a line: codes sent, to whom; tries of a code; tries of card numbers with their code,
    # and of one card by one customer.
    "line_claim_code": "10/d/user,20/h/ip",
    "line_claim_number": "1/30s/key,5/d/key",
    "line_claim_try": "10/5m/user",
    "line_claim_card": "5/h/user,20/h/ip",
    "line_claim_iccid": "5/d/key",
}
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
# Countries whose national writings of a phone number are understood: those of the brands, and
# that of most customers. Accounts know no brands, so the list stands here.
PHONE_REGIONS = ["TH", "GB", "US", "CN"]
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0, maximum=5)

# Language and time. Pages show each line in its brand's zone; storage is UTC.
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Static files, compressed and hashed; a local test installation serves them as they lie there.
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = LOCAL_TEST
STATIC_ROOT = env.text("STATIC_ROOT", str(DATA_DIR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL_TEST
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Messages. Without a gateway a message stays in the outbox, where /dev/outbox/ shows it.
EMAIL_URL = env.secret("EMAIL_URL", "")
_mail = urlsplit(EMAIL_URL)
if EMAIL_URL and _mail.scheme not in {"smtp", "smtps", "smtp+tls"}:
    raise ImproperlyConfigured("EMAIL_URL must begin with smtp://, smtp+tls:// or smtps://.")
MAILERS = {
    "default": (
        {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {
                "host": _mail.hostname or "localhost",
                "port": _mail.port or 25,
                "username": unquote(_mail.username or ""),
                "password": unquote(_mail.password or ""),
                "use_tls": _mail.scheme == "smtp+tls",
                "use_ssl": _mail.scheme == "smtps",
                "timeout": 15,
            },
        }
        if EMAIL_URL
        else {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    )
}
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Xuka <no-reply@xuka.example>")
EMAIL_GATEWAY = bool(EMAIL_URL)
# No SMS gateway exists yet: every SMS stays in the outbox.
SMS_GATEWAY = False

# Stripe, test mode only: billing.E001 and the client itself refuse anything else.
STRIPE_SANDBOX_KEY = "sk_test_sandbox_xuka"
STRIPE_SECRET_KEY = env.secret("STRIPE_SECRET_KEY", STRIPE_SANDBOX_KEY if LOCAL_TEST else None)
STRIPE_WEBHOOK_SECRET = env.secret(
    "STRIPE_WEBHOOK_SECRET", "whsec_sandbox_xuka" if LOCAL_TEST else None
)
STRIPE_SANDBOX_ALLOWED = LOCAL_TEST
# Two at once while a secret is being changed.
STRIPE_WEBHOOK_SECRETS = [part for part in STRIPE_WEBHOOK_SECRET.split(",") if part]
# Empty = Stripe. The stand-in has two addresses: the SDK's, and the one the browser is sent to.
_sandbox = STRIPE_SECRET_KEY == STRIPE_SANDBOX_KEY
STRIPE_API_BASE = env.text("STRIPE_API_BASE", "http://127.0.0.1:8010" if _sandbox else "")
STRIPE_PUBLIC_BASE = env.text(
    "STRIPE_PUBLIC_BASE", "http://localhost:8010" if _sandbox else "https://checkout.stripe.com"
)

# Rules of the shop that an installation may tune.
# Minutes a checkout may stay unpaid; Stripe takes 30 minutes at the least.
CHECKOUT_MINUTES = env.number("CHECKOUT_MINUTES", 35, minimum=31, maximum=1440)
# Seconds a worker owns a row before another may take it: longer than any call it makes.
WORK_LEASE_SECONDS = env.number("WORK_LEASE_SECONDS", 60, minimum=1, maximum=3600)
# Which adapter reaches the operator's network, and for `http` where it is and how calls are signed.
NETWORK = env.text("NETWORK", "simulator", choices=("simulator", "http"))
NETWORK_URL = env.text("NETWORK_URL", "").rstrip("/")
NETWORK_KEY_ID = env.text("NETWORK_KEY_ID", "")
# `name:secret`, two of them parted by a comma while a secret is being changed.
NETWORK_SECRETS = env.named_secrets("NETWORK_SECRETS")
# Seconds the simulated network needs to confirm an order.
SIMULATOR_SECONDS = env.number("SIMULATOR_SECONDS", 1, maximum=3600)
# Secrets by key id with which the operator's system signs what it posts; empty = nobody may.
USAGE_HOOK_SECRETS = env.named_secrets("USAGE_HOOK_SECRETS", shortest=32)

# Seconds between two looks for rows that are due and not done; 0 switches the sweep off.
SWEEP_SECONDS = env.number("SWEEP_SECONDS", 30, maximum=3600)
# Seconds between two comparisons with Stripe.
RECONCILE_SECONDS = env.number("RECONCILE_SECONDS", 600, minimum=1, maximum=86_400)

# Celery: the bell, never the queue (docs/adr). No Redis: threads of one process and memory.
CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# For ever: by default worker and beat would end for good after a longer outage of Redis.
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# In memory, no file in whatever folder the beat was started in: what is due is in the database.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "socket_timeout": 0.5,
        "socket_connect_timeout": 0.5,
        "visibility_timeout": 300,
        "max_retries": 0,
    }
    if REDIS_URL
    else {"polling_interval": 0.05}
)

# Security. Strict: nothing inline, no other origin; the browser may post on to the checkout page.
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "worker-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "form-action": [CSP.SELF, STRIPE_PUBLIC_BASE],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=not LOCAL_TEST)
SECURE_REDIRECT_EXEMPT = [r"^healthz/$", r"^readyz/$"]
SECURE_HSTS_SECONDS = env.number("SECURE_HSTS_SECONDS", 0 if LOCAL_TEST else 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = not LOCAL_TEST
SECURE_HSTS_PRELOAD = not LOCAL_TEST
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if not LOCAL_TEST else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SAMESITE = "Lax"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
# allauth says that e-mail and phone are both optional; our sign-up form asks for one of them.
SILENCED_SYSTEM_CHECKS = ["account.W001"]

# Logs: one JSON object a line, with the request's id, and no card number ever.
LOG_LEVEL = env.text("LOG_LEVEL", "INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "portal.logs.RequestIdFilter"},
        "card_numbers": {"()": "portal.logs.CardNumberFilter"},
    },
    "formatters": {"json": {"()": "portal.logs.JsonFormatter"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "json",
            "filters": ["request_id", "card_numbers"],
        }
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django.server": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.request": {"level": "ERROR"},
        # Every call and its answer at INFO; ours say enough.
        "stripe": {"level": "WARNING"},
    },
}
