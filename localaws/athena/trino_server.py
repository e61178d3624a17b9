"""A Trino server as a child of localaws: 127.0.0.1 only, on a free port, ended with it."""

import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from localaws.athena.engine import EngineDied
from localaws.athena.failures import QueryFailed
from localaws.athena.trino_client import HOST, Client
from localaws.athena.trino_files import Files
from localaws.settings import TEST_CREDENTIALS

READY_SECONDS = 300
CATALOG, ICEBERG = "awsdatacatalog", "iceberg"
_NODES = "select count(*) from system.runtime.nodes where state = 'active'"
_JAVA_OPTIONS = (
    "-Xmx1G",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",  # many short queries: compiling further costs more than it saves
    "-Djdk.attach.allowAttachSelf=true",
    "--enable-native-access=ALL-UNNAMED",
    "-Dnode.environment=local",
    "-Dnode.id=local",
)


class NotStarted(Exception):
    """The server ended or did not answer; the text says why and where its log is."""


@dataclass(frozen=True, slots=True)
class TrinoServer:
    """A running server: its port, the process that guards it, its log."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def wait(self) -> None:
        """Return once a query runs; raise NotStarted if the server ends or stays silent.

        Its own "starting: false" comes seconds before a node takes queries.
        """
        end = time.monotonic() + READY_SECONDS
        while not self._runs_queries():
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                tail = self.log.read_text(errors="replace").strip()[-2000:]
                raise NotStarted(f"Trino did not start (log: {self.log}):\n{tail}")
            time.sleep(0.5)

    def fault(self) -> str:
        """Return why the server answers no more and what to do, or nothing while it runs."""
        if self.process.poll() is None:
            return ""
        return f"Trino has ended (log: {self.log}): stop localaws and start it again"

    def stop(self) -> None:
        """End the server: its guard does when its input ends."""
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait(timeout=20)

    def _runs_queries(self) -> bool:
        try:
            return next(Client(self.port).ask(_NODES, "runtime").rows) == ["1"]
        except (QueryFailed, EngineDied):
            return False


def start(files: Files, folder: Path, endpoint: str, region: str) -> TrinoServer:
    """Start a server that reads the Glue and S3 at `endpoint`; `folder` holds its state."""
    port = _free_port()
    folder.mkdir(parents=True, exist_ok=True)
    for name, properties in configuration(port, endpoint, region).items():
        file = folder / "etc" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{key}={value}\n" for key, value in properties.items()))
    log = folder / "server.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(  # noqa: S603 -- our own command, no shell
            _command(files, folder),
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
    return TrinoServer(port, process, log)


def configuration(port: int, endpoint: str, region: str) -> dict[str, dict[str, str]]:
    """Return the properties of each configuration file."""
    access, secret = (
        TEST_CREDENTIALS["AWS_ACCESS_KEY_ID"],
        TEST_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )
    storage = {
        "fs.native-s3.enabled": "true",
        "s3.endpoint": endpoint,
        "s3.region": region,
        "s3.path-style-access": "true",
        "s3.aws-access-key": access,
        "s3.aws-secret-key": secret,
        "hive.metastore.glue.endpoint-url": endpoint,
        "hive.metastore.glue.region": region,
        "hive.metastore.glue.aws-access-key": access,
        "hive.metastore.glue.aws-secret-key": secret,
    }
    return {
        "config.properties": {
            "coordinator": "true",
            "node-scheduler.include-coordinator": "true",
            "http-server.http.port": str(port),
            "discovery.uri": f"http://{HOST}:{port}",
            # Without the first it listens on all addresses, without the second queries hang.
            "node.bind-ip": HOST,
            "node.internal-address": HOST,
            "query.max-memory": "400MB",
            "query.max-memory-per-node": "400MB",
            "memory.heap-headroom-per-node": "150MB",
        },
        f"catalog/{CATALOG}.properties": {
            "connector.name": "hive",
            "hive.metastore": "glue",
            "hive.iceberg-catalog-name": ICEBERG,
            "hive.non-managed-table-writes-enabled": "true",
            "hive.recursive-directories": "true",
            **storage,
        },
        f"catalog/{ICEBERG}.properties": {
            "connector.name": "iceberg",
            "iceberg.catalog.type": "glue",
            "iceberg.hive-catalog-name": CATALOG,
            "iceberg.allowed-extra-properties": "*",
            **storage,
        },
    }


def _command(files: Files, folder: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "localaws.athena.trino_guard", str(folder), str(files.java)),
        *_JAVA_OPTIONS,
        f"-Dconfig={folder}/etc/config.properties",
        f"-Dcatalog.config-dir={folder}/etc/catalog",
        f"-Dnode.data-dir={folder}/data",
        f"-Dplugin.dir={files.plugins}",
        *("-cp", f"{files.libraries}/*", "io.trino.server.TrinoServer"),
    ]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
