"""A PostgreSQL server of the tests' own, from the distribution's binaries, in a temporary folder."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

PASSWORD = "sesame-5d2a/91"
SPELLED = "sesame-5d2a%2F91"
_SETTINGS = "-c fsync=off -c shared_buffers=8MB -c max_connections=40 -c autovacuum=off -c jit=off"


def binaries() -> Path | None:
    """Where the server's programs are; None if it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    other = shutil.which("initdb")
    return Path(other).parent if other else None


class Server:
    """Starts and stops one cluster on a free loopback port; root runs it as another user, as it must."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._as_user: list[str] = []
        if os.getuid() == 0:
            self._as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
            shutil.chown(self.folder, "nobody", "nogroup")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        options = ["--no-sync", "--username=penstock", "--encoding=UTF8", "--locale=C"]
        options += ["--auth=scram-sha-256", f"--pwfile={secret}", "-D", str(self.folder / "data")]
        self._run("initdb", *options)

    @property
    def url(self) -> str:
        return f"postgresql://penstock:{SPELLED}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder} {_SETTINGS}"
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "-w", "-D", str(self.folder / "data"), "-l", log, "-o", options)

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(self.folder / "data"))

    def freeze(self) -> None:
        """Stop every process of the server where it stands."""
        os.kill(self._first, signal.SIGSTOP)  # before it can start more of them
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End every process of the server at once; what the system has of its files stays."""
        self.freeze()  # else they would notice each other's end, and have last words
        gone = self._signal(signal.SIGKILL)
        while any(_runs(process) for process in gone):
            time.sleep(0.001)
        for lock in (self.folder / "data" / "postmaster.pid", self.folder / f".s.PGSQL.{self.port}.lock"):
            lock.unlink(missing_ok=True)  # a zombie that nobody has buried would count as running

    @property
    def _first(self) -> int:
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def _signal(self, number: int) -> list[int]:
        processes = [self._first]
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                if int(stat.read_text().rpartition(")")[2].split()[1]) == processes[0]:
                    processes.append(int(stat.parent.name))
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, number)
        return processes

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as_user, str(self._programs / program), *arguments]
        done = subprocess.run(
            command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=60
        )
        assert done.returncode == 0, done.stderr.decode()


def _runs(process: int) -> bool:
    """Return whether it still has files and memory; a zombie has not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
