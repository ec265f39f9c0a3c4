"""The door for the operator's own system: verify before any write, import, answer the verdicts."""

import logging
from io import BytesIO

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from plans.network.signing import BadSignature, Keyring
from plans.services.usage_import import import_usage
from plans.usage_file import RowVerdict, UnreadableUsageFileError

logger = logging.getLogger(__name__)


@csrf_exempt
@login_not_required
@require_POST
def usage_hook(request: HttpRequest) -> JsonResponse:
    """Take usage records as CSV or NDJSON, up to a megabyte; the same body again changes nothing.

    200 with the verdict on every row; 400 and no row when the sender cannot be trusted; 413 when
    the body is too large; 422 when it is no list of records.
    """
    now = timezone.now()
    try:
        body = request.body
        Keyring("", settings.USAGE_HOOK_SECRETS).verify(body, request.headers, now=now)
    except RequestDataTooBig:
        return JsonResponse({"error": "Please send it in smaller parts."}, status=413)
    except BadSignature as error:
        logger.warning("usage refused", extra={"reason": str(error)})
        return JsonResponse({"error": "refused"}, status=400)
    rows: list[RowVerdict] = []
    try:
        report = import_usage(content=BytesIO(body), now=now, tell=rows.append)
    except UnreadableUsageFileError as error:
        return JsonResponse({"error": str(error)}, status=422)
    return JsonResponse({**report.plain, "rows": [row._asdict() for row in rows]})
