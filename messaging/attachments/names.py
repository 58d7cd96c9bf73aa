"""A file's name as others may see it. The storage never sees it."""

import unicodedata

NAME_LENGTH = 255
EXTENSION_LENGTH = 16
NAMELESS = "file"


def clean_name(name: str) -> str:
    """In NFC, without folders, and without characters one cannot see: controls, surrogates, those that turn the text around."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    name = "".join(letter for letter in name if letter.isprintable()).strip()
    if not name.strip(". "):
        return NAMELESS
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > EXTENSION_LENGTH:
        return name[:NAME_LENGTH]
    return stem[: NAME_LENGTH - len(extension) - 1] + dot + extension
