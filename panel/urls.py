from django.urls import URLPattern, URLResolver

from panel.site import site

app_name = "admin"  # as Django's templates call it
urlpatterns: list[URLPattern | URLResolver] = site.get_urls()
