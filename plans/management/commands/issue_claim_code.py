"""`manage.py issue_claim_code MSISDN`: a code with which a customer adds the line by its card."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from plans.identifiers import parse
from plans.selectors.claims import line_of_numbers
from plans.services.claim_cards import CARD_CODE_LIFE, issue_claim_code


class Command(BaseCommand):
    help = (
        "Print a new claim code of a line, once. Give it only to the person who was checked:"
        " with the card number it moves the line to that person's account."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("msisdn", help="The line's number with its country code.")
        parser.add_argument("--by", default="command", help="Who asked for it, for the records.")

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            number = parse("msisdn", options["msisdn"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        line = line_of_numbers({number})
        if line is None:
            raise CommandError(f"No living line has the number {number}.")
        if not line.iccid:
            raise CommandError(f"The line {number} has no card number (ICCID) to go with a code.")
        code = issue_claim_code(line=line, by=options["by"], now=timezone.now())
        self.stdout.write(code)
        self.stderr.write(f"For {number}, card {line.iccid}; good for {CARD_CODE_LIFE.days} days.")
