"""The admin and, where Django REST framework is installed, the API."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path

urlpatterns = [
    path("admin/", admin.site.urls),
]

if settings.HAS_API:
    from django.views.generic import RedirectView
    from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

    from plaza.api import health, problems
    from plaza.media.views import File

    GETS = ["get", "head"]  # the page is all there is: DRF's answer to an OPTIONS would look for a template of its own
    urlpatterns += [
        path("", RedirectView.as_view(pattern_name="docs")),
        path("livez", health.livez),
        path("readyz", health.readyz),
        path("api/schema", SpectacularAPIView.as_view(), name="schema"),
        path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema", http_method_names=GETS), name="docs"),
        path("api/media/<path:name>", File.as_view()),
        *(path("api/", include(f"plaza.{app}.api.urls")) for app in ("accounts", "social", "videos", "bookings")),
        re_path(r"^api/(?:.|\n)*", problems.not_found),  # also while DEBUG is on
    ]
    handler400 = "plaza.api.problems.bad_request"
    handler404 = "plaza.api.problems.not_found"
    handler500 = "plaza.api.problems.server_error"
