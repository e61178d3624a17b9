"""The environment -> one frozen object, and the environment ministack and its children may see.

This module alone reads the environment. ministack hands its own to Lambda processes, so the
process keeps an allow-list only; whatever else the shell held (tokens, keys) never gets there.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from localaws.caller import Caller

ACCOUNT = "000000000000"
PASSED_ON = ("PATH", "HOME", "LANG", "TZ", "TMPDIR")
TEST_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
MODEL_KEY = "LOCALAWS_KEY"

_DEFAULTS = {
    "LOCALAWS_PORT": "4566",
    "LOCALAWS_STATE": ".localaws",
    "LOCALAWS_PERSIST": "1",
    "LOCALAWS_ENGINE": "duckdb",
    "LOCALAWS_AUTH": "0",
    "LOCALAWS_JOB_SECONDS": "1",
    "LOCALAWS_REPLAY": "",
    "LOCALAWS_UNKNOWN_RECORDING": "synthetic",
    "LOCALAWS_MODEL_URL": "",
    "LOCALAWS_MODEL": "",
    MODEL_KEY: "",
    "LOCALAWS_TRINO": "",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What one localaws was told; `port` 0 means any free one, `job_seconds` a Transcribe job's.

    `trino` is the folder the second engine's files are kept in, once fetched.
    """

    port: int
    state: Path
    persist: bool
    engine: Literal["duckdb", "trino"]
    auth: bool
    job_seconds: float
    replay: Path | None
    unknown_recording: Literal["synthetic", "fail"]
    model_url: str
    model: str
    model_key: str
    region: str
    trino: Path
    java_home: Path | None


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings: those entered, else the environment's.

    Raise ValueError that lists every variable with an unknown word.
    """
    if environment is None and _entered:
        return _entered[-1]
    found = os.environ if environment is None else environment
    value = {name: found.get(name) or default for name, default in _DEFAULTS.items()}
    _refuse_unknown_words(value)
    return Settings(
        port=int(value["LOCALAWS_PORT"]),
        state=Path(value["LOCALAWS_STATE"]).absolute(),
        persist=value["LOCALAWS_PERSIST"] == "1",
        engine="trino" if value["LOCALAWS_ENGINE"] == "trino" else "duckdb",
        auth=value["LOCALAWS_AUTH"] == "1",
        job_seconds=float(value["LOCALAWS_JOB_SECONDS"]),
        replay=Path(value["LOCALAWS_REPLAY"]).absolute() if value["LOCALAWS_REPLAY"] else None,
        unknown_recording="fail" if value["LOCALAWS_UNKNOWN_RECORDING"] == "fail" else "synthetic",
        model_url=value["LOCALAWS_MODEL_URL"],
        model=value["LOCALAWS_MODEL"],
        model_key=value[MODEL_KEY],
        region=found.get("AWS_REGION") or found.get("AWS_DEFAULT_REGION") or "eu-central-1",
        trino=Path(value["LOCALAWS_TRINO"] or _cache(found) / "localaws").absolute(),
        java_home=Path(found["JAVA_HOME"]) if found.get("JAVA_HOME") else None,
    )


def enter(settings: Settings, port: int) -> None:
    """Replace this process's environment by the allow-list and ministack's variables.

    Call it once, before ministack is imported: it reads them while it is imported.
    """
    _entered[:] = [settings]
    allowed = scrubbed(os.environ)
    os.environ.clear()
    os.environ.update({**allowed, **ministack_variables(settings, port)})


def endpoint() -> str:
    """Return the address of the localaws this process belongs to; raise KeyError outside one."""
    return os.environ["AWS_ENDPOINT_URL"]


def child_environment(caller: Caller) -> dict[str, str]:
    """Return what a process started for `caller` sees: its AWS, and of this machine no secret."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    found = {
        "AWS_ENDPOINT_URL": caller.endpoint,
        "AWS_REGION": caller.region,
        "AWS_DEFAULT_REGION": caller.region,
        "AWS_ACCESS_KEY_ID": caller.access_key,
        "AWS_SECRET_ACCESS_KEY": caller.secret_key,
    }
    token = {"AWS_SESSION_TOKEN": caller.session_token} if caller.session_token else {}
    return {**passed, **found, **token}


def scrubbed(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what a child process may see: the allow-list, our own variables, test credentials.

    Of ours the model's key alone stays behind.
    """
    kept = {
        name: value
        for name, value in environment.items()
        if name in PASSED_ON or (name.startswith("LOCALAWS_") and name != MODEL_KEY)
    }
    return {**kept, **TEST_CREDENTIALS}


def ministack_variables(settings: Settings, port: int) -> dict[str, str]:
    """Return what makes ministack listen on 127.0.0.1 only and keep its state where ours is."""
    persist = "1" if settings.persist else "0"
    return {
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_REGION": settings.region,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "AUTH": "true" if settings.auth else "false",
        "PERSIST_STATE": persist,
        "S3_PERSIST": persist,
        "STATE_DIR": str(settings.state / "ministack"),
        "S3_DATA_DIR": str(settings.state / "s3"),
        "LAMBDA_EXECUTOR": "local",
        "LOG_LEVEL": "WARNING",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _refuse_unknown_words(value: Mapping[str, str]) -> None:
    words = {
        "LOCALAWS_PERSIST": ("0", "1"),
        "LOCALAWS_ENGINE": ("duckdb", "trino"),
        "LOCALAWS_AUTH": ("0", "1"),
        "LOCALAWS_UNKNOWN_RECORDING": ("synthetic", "fail"),
    }
    wrong = [
        f"{name}={value[name]} (one of {', '.join(allowed)})"
        for name, allowed in words.items()
        if value[name] not in allowed
    ]
    wrong += [
        f"{name}={value[name]} (a number)"
        for name in ("LOCALAWS_PORT", "LOCALAWS_JOB_SECONDS")
        if not value[name].replace(".", "", name.endswith("SECONDS")).isdigit()
    ]
    if (value["LOCALAWS_ENGINE"], value["LOCALAWS_AUTH"]) == ("trino", "1"):
        wrong.append("LOCALAWS_ENGINE=trino and LOCALAWS_AUTH=1 (Trino reads with its own rights)")
    if wrong:
        raise ValueError("localaws cannot start with " + "; ".join(wrong))


def _cache(found: Mapping[str, str]) -> Path:
    return Path(found.get("XDG_CACHE_HOME") or Path.home() / ".cache")


_entered: list[Settings] = []
