"""`manage.py import_usage FILE [--json]`: usage records of the operator's system, CSV or NDJSON."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.utils import timezone

from plans.services.usage_import import UsageReport, import_usage
from plans.usage_file import RowVerdict, UnreadableUsageFileError, Verdict

REFUSED = {Verdict.CONFLICT, Verdict.REJECT}


class Command(BaseCommand):
    help = (
        "Import usage records from CSV or NDJSON. A bad row is refused, the others go in, and a"
        " second import changes nothing; start a killed one again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument(
            "--json", action="store_true", help="One JSON object with the verdict on every row."
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"]
        tell = _Rows(self.stdout) if options["json"] else _refusals(self.stderr)
        first_refused: list[RowVerdict] = []

        def hear(verdict: RowVerdict) -> None:
            if verdict.verdict in REFUSED and not first_refused:
                first_refused.append(verdict)
            tell(verdict)

        try:
            with path.open("rb") as content:
                report = import_usage(content=content, now=timezone.now(), tell=hear)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        except UnreadableUsageFileError as error:
            raise CommandError(f"{path.name}: {error}") from error
        if isinstance(tell, _Rows):
            tell.end(report)
        else:
            self.stdout.write(_summary(report))
        if first_refused:
            raise CommandError(
                f"{path.name}: {_said(first_refused[0])}. Refused in all: "
                f"{sum(report.counts[one] for one in REFUSED)} rows; the others are in."
            )


class _Rows:
    """Writes the JSON object while the rows come in: no file is too long for it."""

    def __init__(self, out: OutputWrapper) -> None:
        self._out = out
        self._before = '{"rows": [\n'

    def __call__(self, verdict: RowVerdict) -> None:
        self._out.write(self._before + json.dumps(verdict._asdict()), ending="")
        self._before = ",\n"

    def end(self, report: UsageReport) -> None:
        """Close the list and tell the sums."""
        opened = self._before if self._before.startswith("{") else ""
        self._out.write(f"{opened}\n], {json.dumps(report.plain)[1:]}")


def _refusals(err: OutputWrapper) -> Callable[[RowVerdict], None]:
    def tell(verdict: RowVerdict) -> None:
        if verdict.verdict in REFUSED:
            err.write(_said(verdict))

    return tell


def _said(verdict: RowVerdict) -> str:
    return f"line {verdict.line}, {verdict.record_id or '(no id)'}: {verdict.reason}"


def _summary(report: UsageReport) -> str:
    sums = ", ".join(f"{count} {word}" for word, count in report.sums.items())
    return "\n".join([f"{sums}.", *(f"Files missing: {gap}" for gap in report.gaps)])
