"""`manage.py import_lines FILE`: an operator's lines from CSV, with a verdict for each row."""

import json
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from plans.lines_file import UnreadableLinesError
from plans.services.line_import import RowVerdict, Verdict, import_lines

FAILED = (Verdict.CONFLICT, Verdict.REJECTED)


class Command(BaseCommand):
    help = "Add lines from a CSV file; a bad row is refused, the others go in, none is changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--json", action="store_true", help="One JSON object on stdout.")

    def handle(self, *_args: Any, **options: Any) -> None:
        path = options["file"]
        try:
            with path.open("rb") as file:
                verdicts = import_lines(file, now=timezone.now())
                counts = self._as_json(verdicts) if options["json"] else self._as_text(verdicts)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        except UnreadableLinesError as error:
            raise CommandError(f"{path}: {error}") from error
        if any(counts[verdict] for verdict in FAILED):
            raise CommandError(_("Some rows were refused; see above."))

    def _as_text(self, verdicts: Iterable[RowVerdict]) -> Counter[Verdict]:
        counts = Counter[Verdict]()
        for row in verdicts:
            counts[row.verdict] += 1
            if row.verdict in FAILED:
                self.stderr.write(
                    _("line %(line)d, %(verdict)s: %(reason)s")
                    % {"line": row.line, "verdict": row.verdict.value, "reason": row.reason}
                )
        for verdict in Verdict:
            self.stdout.write(f"{verdict.value}: {counts[verdict]}")
        return counts

    def _as_json(self, verdicts: Iterable[RowVerdict]) -> Counter[Verdict]:
        """Rows are written as they come, the counts behind them: a file may be long."""
        counts = Counter[Verdict]()
        self.stdout.write('{"rows": [', ending="")
        for row in verdicts:
            separator = ",\n" if counts else "\n"
            counts[row.verdict] += 1
            self.stdout.write(separator + json.dumps(asdict(row)), ending="")
        totals = {verdict.value: counts[verdict] for verdict in Verdict}
        self.stdout.write("], " + json.dumps(totals)[1:])
        return counts
