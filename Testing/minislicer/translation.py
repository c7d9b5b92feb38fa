"""slicer.i18n: texts stay as they are."""


def tr(text: str) -> str:
    return text


def translate(_context: str, text: str) -> str:
    return text
