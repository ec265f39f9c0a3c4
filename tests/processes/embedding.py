"""Worker and beat in threads of one process, as in the demo; run by test_embedded.

Answers the one webhook whose body and signature come as a line of JSON on standard input, prints
its status, and goes on until standard input ends.
"""

import json
import sys

from django.test import Client

from portal.embedded import EmbeddedCelery
from tests.processes.harness import WEBHOOK


def main() -> None:
    """Start, answer, wait for the end, stop."""
    celery = EmbeddedCelery()
    celery.start()
    said = json.loads(sys.stdin.readline())
    answer = Client().post(
        WEBHOOK,
        said["body"],
        content_type="application/json",
        headers={"Stripe-Signature": said["signature"]},
    )
    sys.stdout.write(f"{answer.status_code}\n")
    sys.stdout.flush()
    sys.stdin.read()
    celery.stop()
    sys.stdout.write("stopped\n")


if __name__ == "__main__":
    main()
