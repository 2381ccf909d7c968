# syntax=docker/dockerfile:1
# check=error=true
#
# Built once and deployed by digest. Building it needs no secret, and no layer holds one.
# Images are named by version for people and by digest for the builder: a tag can be moved, a digest cannot.
# The digest of a newer one: docker buildx imagetools inspect python:3.13-slim-trixie
FROM ghcr.io/astral-sh/uv:0.11.32@sha256:df4cae8f3a96d175e2e5f992e597550000edbe78fdc2594d5cd8de1a217f504c AS uv

FROM python:3.13.15-slim-trixie@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285 AS base
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/venv/bin:$PATH
WORKDIR /app

FROM base AS build
COPY --from=uv /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=0 UV_PROJECT_ENVIRONMENT=/venv VIRTUAL_ENV=/venv
COPY requirements/ requirements/
RUN --mount=type=cache,target=/root/.cache/uv \
    uv venv /venv \
    && uv pip install --requirement requirements/plaza.txt
COPY . .
# The settings want a key to be loaded; this one signs nothing, and is in no layer.
RUN --mount=type=cache,target=/root/.cache/uv \
    uv pip install --no-deps . \
    && DJANGO_SETTINGS_MODULE=plaza.settings SECRET_KEY=for-this-step-only \
       python manage.py collectstatic --noinput

FROM base AS run
RUN groupadd --gid 1000 app \
    && useradd --uid 1000 --gid app --no-create-home --shell /usr/sbin/nologin app \
    && install -d -o app -g app /srv/site /srv/site/static /srv/site/media
COPY --from=build /venv /venv
COPY --from=build /app /app
# A number, so that "runs as root" can be refused without looking into the image.
USER 1000:1000
EXPOSE 8000
STOPSIGNAL SIGTERM
# --start-interval: a new version is known to be ready within a second, not within --interval
HEALTHCHECK --interval=10s --timeout=6s --start-period=60s --start-interval=1s --retries=3 \
    CMD ["python", "deploy/ready.py"]
ENTRYPOINT ["sh", "deploy/entrypoint.sh"]
CMD ["gunicorn", "--config", "deploy/gunicorn.conf.py"]
