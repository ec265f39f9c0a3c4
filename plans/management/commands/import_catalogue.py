"""`manage.py import_catalogue FILE…`: brands and plans from CSV files."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from plans.catalogue_file import Table, UnreadableFileError, read_table
from plans.services.catalogue import Change, ImportReport, import_catalogue


class Command(BaseCommand):
    help = "Import brands and plans from CSV files; a bad row is refused, the others go in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="Check only; keep nothing.")

    def handle(self, *_args: Any, **options: Any) -> None:
        tables = [_read(path) for path in options["files"]]
        report = import_catalogue(tables, now=timezone.now(), dry_run=options["dry_run"])
        self.stdout.write(_summary(report))
        if options["dry_run"]:
            self.stdout.write(_("Nothing was kept: this was a dry run."))
        for row in report.refused:
            self.stderr.write(
                _("%(file)s, line %(line)d, %(column)s: %(reason)s")
                % {
                    "file": row.file,
                    "line": row.line,
                    "column": row.column or _("row"),
                    "reason": row.reason,
                }
            )
        if report.refused:
            raise CommandError(_("Some rows were refused; see above."))


def _read(path: Path) -> Table:
    try:
        return read_table(path.name, path.read_bytes())
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except UnreadableFileError as error:
        raise CommandError(str(error)) from error


def _summary(report: ImportReport) -> str:
    return _("%(created)d created, %(changed)d changed, %(unchanged)d unchanged.") % {
        change.value: report.counts[change] for change in Change
    }
