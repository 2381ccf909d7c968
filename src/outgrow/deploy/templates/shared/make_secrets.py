#!/usr/bin/env python3
"""Make the secrets that are missing in deploy/secrets; what is there stays. No value is printed.

Only the folder's owner may enter it. The files inside can be read by anybody who gets there, as the containers do under
numbers of their own: Compose mounts each file by itself, as it is.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import quote

FOLDER = Path(__file__).resolve().parent / "secrets"
SCHEME, HOST, PORT = "@@{scheme}", "database", @@{port}
OPTIONS = "@@{url_options}"
DATABASES = {  # by alias
@@{databases}
}


def wanted() -> dict[str, str]:
    """Every secret by its file's name; passwords that exist already are used again in what is made of them."""
    found = {
        "secret_key": kept("secret_key", secrets.token_urlsafe(64)),
        "database_root_password": kept("database_root_password", secrets.token_hex(24)),
    }
    for alias, database in DATABASES.items():
        for role in ("app", "migrate"):
            password = kept(f"{alias}_{role}_password", secrets.token_hex(24))
            found[f"{alias}_{role}_password"] = password
            login = f"{database}_{role}:{quote(password, safe='')}"  # which somebody may have chosen
            found[f"{alias}_{role}_url"] = f"{SCHEME}://{login}@{HOST}:{PORT}/{database}{OPTIONS}"
@@{option_files}    return found


def kept(name: str, made: str) -> str:
    file = FOLDER / name
    return (file.read_text() if file.exists() else "").strip() or made  # an editor ends a file with a newline


def write(file: Path, value: str) -> None:
    """All of it or nothing, as what is there stays."""
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "w") as out:
        out.write(value)
        out.flush()
        os.fsync(out.fileno())
        os.fchmod(out.fileno(), 0o444)  # whatever the umask is
    new.replace(file)


def main() -> None:
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    FOLDER.chmod(0o700)
    made = []
    for name, value in wanted().items():
        file = FOLDER / name
        if not file.exists() or not file.read_text().strip():  # an empty one is of a disk that was full
            write(file, value)
            made.append(name)
    print(f"made in {FOLDER}: {', '.join(made)}" if made else f"all secrets are in {FOLDER} already")


if __name__ == "__main__":
    main()
