"""Whether the days of use are the sum of their records (invariant I11)."""

from django.db import connection

# Both ways round: days whose figures differ, and records whose day is not there.
DIFFERENCES = """
WITH summed AS (
    SELECT line_id, "on",
        sum(CASE WHEN type = 'data' THEN units ELSE 0 END) AS data_bytes,
        sum(CASE WHEN type = 'voice' THEN units ELSE 0 END) AS voice_seconds,
        sum(CASE WHEN type = 'sms' THEN units ELSE 0 END) AS sms_count
    FROM plans_usagerecord WHERE type <> 'other'
    GROUP BY line_id, "on"
), differing AS (
    SELECT day.line_id, day."on" FROM plans_usageday day
    LEFT JOIN summed ON summed.line_id = day.line_id AND summed."on" = day."on"
    WHERE day.data_bytes <> coalesce(summed.data_bytes, 0)
    OR day.voice_seconds <> coalesce(summed.voice_seconds, 0)
    OR day.sms_count <> coalesce(summed.sms_count, 0)
    UNION ALL
    SELECT summed.line_id, summed."on" FROM summed
    LEFT JOIN plans_usageday day ON day.line_id = summed.line_id AND day."on" = summed."on"
    WHERE day.id IS NULL
)
SELECT line.public_id, differing."on" FROM differing
JOIN plans_line line ON line.id = differing.line_id
ORDER BY 1, 2
"""


def days_unlike_their_records() -> list[tuple[str, str]]:
    """Public id of the line and local day wherever the day is not the sum of its records."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENCES)
        return [(line, str(on)) for line, on in cursor.fetchall()]
