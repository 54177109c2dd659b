"""Closed forms."""

from .law import Law

CLOSED_FORMS: tuple[Law, ...] = ()
