# The register as an image: locked dependencies, no compiler, no root, static files collected.

FROM python:3.11-slim-bookworm AS dependencies
COPY requirements/prod.txt .
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes --no-deps --only-binary :all: -r prod.txt

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --uid 1000 --create-home register \
    && install --directory --owner=register --group=register /var/lib/register
COPY --from=dependencies /venv /venv
WORKDIR /app
COPY manage.py CHANGELOG.md LICENSE NOTICE ./
COPY docs/data.md docs/verify.py docs/log-vectors.json docs/threats.md docs/
COPY registry registry
COPY charter charter
COPY reporting reporting
COPY templates templates
# Collecting needs no secret. The values below exist in this step only.
RUN REGISTER_MODE=production SECRET_KEY=build DATABASE_URL=postgresql://app@/build \
    DATABASE_PUBLIC_URL=postgresql://public@/build REDIS_URL=redis://build \
    PUBLIC_URL=https://build.example EMAIL_URL=smtp://build SENDER_ADDRESS=build@example.org \
    REPLY_ADDRESS=build@example.org POSTAL_ADDRESS=build TELEPHONE=build \
    python manage.py collectstatic --no-input
USER register
VOLUME /var/lib/register
EXPOSE 8000
