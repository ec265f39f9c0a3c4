"""The operator's network: the contract (port), and who fulfils it."""

from django.conf import settings

from plans.network.http import HttpNetwork
from plans.network.port import Network
from plans.network.simulator import Simulator


def get_network() -> Network:
    """Return the adapter that the setting NETWORK names."""
    return HttpNetwork.from_settings() if settings.NETWORK == "http" else Simulator()
