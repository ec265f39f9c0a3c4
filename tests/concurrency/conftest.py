"""Installations of the portal, in processes of their own."""

from tests.processes.fixtures import gate, install, redis_server, stripe, template

__all__ = ["gate", "install", "redis_server", "stripe", "template"]
