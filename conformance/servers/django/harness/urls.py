"""Paths below /harness/."""

from django.urls import path

from harness import views

urlpatterns = [
    path("versions", views.versions),
    path("memory", views.memory),
    path("end-session", views.end_session),
    path("expire", views.expire),
    path("users", views.users),
]
