"""A local stand-in for Stripe's test mode: API, hosted page and signed webhooks, no money.

It runs as its own process and imports nothing of the portal; the portal speaks to it through
the official SDK, exactly as it speaks to Stripe.
"""
