"""The filters of messaging.formats; a missing value stays an empty text in a page."""

from datetime import datetime, tzinfo

from django import template

from messaging import formats

register = template.Library()


@register.filter
def money(amount_minor: int | str | None, currency: str) -> str:
    """`{{ order.total_minor|money:order.currency }}` → ฿359"""
    return formats.money(amount_minor, currency) if isinstance(amount_minor, int) else ""


@register.filter
def money_exact(amount_minor: int | str | None, currency: str) -> str:
    """`{{ payment.amount_minor|money_exact:payment.currency }}` → ฿359.00"""
    return formats.money_exact(amount_minor, currency) if isinstance(amount_minor, int) else ""


@register.filter
def day(moment: datetime | str | None, tz: tzinfo | str) -> str:
    """`{{ period.start_at|day:brand.time_zone }}` → Sat 26 Dec"""
    return formats.day(moment, tz) if moment else ""


@register.filter
def day_time(moment: datetime | str | None, tz: tzinfo | str) -> str:
    """`{{ order.paid_at|day_time:brand.time_zone }}` → 26 Dec 14:05"""
    return formats.day_time(moment, tz) if moment else ""


@register.filter
def last_day(end: datetime | str | None, tz: tzinfo | str) -> str:
    """`{{ period.end_at|last_day:brand.time_zone }}` → 26 Dec"""
    return formats.last_day(end, tz) if end else ""


@register.filter
def until(end: datetime | str | None, tz: tzinfo | str) -> str:
    """`{{ period.end_at|until:brand.time_zone }}` → 26 Dec 23:59 (Bangkok)"""
    return formats.until(end, tz) if end else ""


@register.filter
def with_place(text: str, tz: tzinfo | str) -> str:
    """`{{ moment|day_time:zone|with_place:zone }}` → 26 Dec 14:05 (Bangkok)"""
    return formats.with_place(text, tz) if text else ""


@register.filter
def place(tz: tzinfo | str | None) -> str:
    """`{{ brand.time_zone|place }}` → Bangkok"""
    return formats.place(tz) if tz else ""


@register.filter
def msisdn(number: str | None) -> str:
    """`{{ line.msisdn|msisdn }}` → +66 81 234 5678"""
    return formats.msisdn(number) if number else ""


@register.filter
def masked(number: str | None) -> str:
    """`{{ line.msisdn|masked }}` → ending 5678"""
    return formats.masked(number) if number else ""
