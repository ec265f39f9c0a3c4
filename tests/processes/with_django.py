"""Sets Django up and runs a module of the tests as a program, with the portal's real settings.

`python -m tests.processes.with_django MODULE ARGUMENT…`: so that the module itself can import
models and services at its top.
"""

import os
import runpy
import sys

import django

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    django.setup()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
