# One image for web, worker and beat; docker-compose.yml says which process it is.
FROM python:3.13-slim

# uv from PyPI: no second registry to trust.
RUN pip install --no-cache-dir "uv>=0.9"

WORKDIR /app
ENV PATH="/app/.venv/bin:$PATH" \
    PYTHONUNBUFFERED=1 \
    UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_PYTHON_DOWNLOADS=never \
    DATA_DIR=/data \
    STATIC_ROOT=/app/collected

# Dependencies first: they change less often than the code.
COPY pyproject.toml uv.lock .python-version ./
RUN uv sync --frozen --no-dev --no-cache

COPY . .
# No database, no secret: copying files needs settings that are complete, not true.
RUN useradd --system --uid 10001 --home-dir /data --create-home xuka \
    && SECRET_KEY=only-while-files-are-copied ALLOWED_HOSTS=localhost SITE_URL=https://localhost \
       STRIPE_SECRET_KEY=sk_test_build STRIPE_WEBHOOK_SECRET=whsec_build \
       python manage.py collectstatic --noinput --verbosity 0

USER xuka
VOLUME /data
EXPOSE 8000

# Liveness only; an orchestrator asks /readyz/ before it sends traffic.
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s CMD ["python", "-c", "import os, urllib.request as r; h = os.environ.get('ALLOWED_HOSTS', 'localhost').split(',')[0].lstrip('.'); r.urlopen(r.Request('http://127.0.0.1:8000/healthz/', headers={'Host': h}), timeout=2)"]

# Worker processes and threads: pages wait for the database, rarely for the processor.
CMD ["gunicorn", "portal.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--graceful-timeout", "30", "--access-logfile", "-"]
