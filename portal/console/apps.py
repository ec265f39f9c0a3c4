"""Puts our site in the place of Django's own."""

from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AdminConfig):
    """`django.contrib.admin` with the site of the console; every `admin.site` is that one."""

    default_site = "portal.console.site.ConsoleSite"
