"""What can go wrong with an account, by name."""


class PhoneTakenError(Exception):
    """Another account proved the number first."""
