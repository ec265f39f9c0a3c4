"""No file, function or template grows past what one can read in one go (a hard stop, no aim)."""

from tests.architecture.source import files, functions, python_files, shown

FILE_LINES = 400
FUNCTION_LINES = 60
TEMPLATE_LINES = 200


def test_no_file_is_longer_than_the_stop() -> None:
    long = {
        shown(path): lines
        for path in python_files()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES
    }

    assert long == {}


def test_no_function_is_longer_than_the_stop() -> None:
    long = {
        f"{shown(path)}:{function.name}": lines
        for path in python_files()
        for function in functions(path)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES
    }

    assert long == {}


def test_no_template_is_longer_than_the_stop() -> None:
    long = {
        shown(path): lines
        for path in files("templates", suffixes=(".html", ".txt", ".mjml"))
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > TEMPLATE_LINES
    }

    assert long == {}
