#!/usr/bin/env python
"""Django's command line: `uv run manage.py demo` starts everything."""

import os
import sys

from django.core.management import execute_from_command_line

from portal import demo_environment

if __name__ == "__main__":
    if sys.argv[1:2] in (["demo"], ["seed_demo"]):
        demo_environment.prepare(sys.argv[2:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    execute_from_command_line(sys.argv)
