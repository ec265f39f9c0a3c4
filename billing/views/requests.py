"""The request of somebody who is logged in: what LoginRequiredMiddleware lets through."""

from django.http import HttpRequest

from accounts.models import User

# After a POST: look there, by GET.
SEE_OTHER = 303


class CustomerRequest(HttpRequest):
    """A request whose user is known to be a customer or a member of staff."""

    user: User
