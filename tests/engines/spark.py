"""A real Spark Connect server, started for the tests and gone after them."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_SECONDS_TO_START = 240


def why_not() -> str:
    """Return why no server can be started here; empty where one can."""
    if importlib.util.find_spec("pyspark") is None or importlib.util.find_spec("grpc") is None:
        return "pyspark is not installed: pip install -r requirements-engines.txt -c constraints.txt"
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        return "Java is not installed; tests/engines/install_java.sh installs it"
    return ""


@contextmanager
def running(folder: Path, *, codegen: bool = False, memory: str = "1g") -> Iterator[tuple[str, Callable[[], None]]]:
    """Start a server on a port of this machine alone; give its address, and what ends it before this does."""
    port = _free_port()
    found = importlib.util.find_spec("pyspark")
    assert found is not None
    assert found.origin is not None
    home = Path(found.origin).parent
    settings = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": port,
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.local.dir": folder / "local",
        "spark.sql.warehouse.dir": folder / "warehouse",
        "spark.sql.shuffle.partitions": 1,
        "spark.default.parallelism": 1,
        "spark.sql.files.minPartitionNum": 1,
        # For a few hundred rows no plan is worth a second one.
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.ansi.enabled": "true",
    }
    if not codegen:
        # Compiling a query takes longer than answering it for a few hundred rows.
        settings |= {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
    options = [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]
    command = [
        str(home / "bin" / "spark-submit"), "--master", "local[2]", "--driver-memory", memory,
        "--driver-java-options", "-XX:+UseSerialGC" + ("" if codegen else " -XX:TieredStopAtLevel=1"), *options,
        "--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal",
    ]  # fmt: skip
    environment = {**os.environ, "SPARK_HOME": str(home), "PYSPARK_PYTHON": sys.executable}
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait(port, process, folder / "server.log")
            yield f"sc://127.0.0.1:{port}", lambda: _end(process)
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    # The launcher's own child is the server; both are of this session and of no other.
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + _SECONDS_TO_START
    while True:
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(log.read_text(errors="replace")[-2_000:])
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.2)
