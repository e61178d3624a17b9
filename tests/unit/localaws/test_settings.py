"""The environment: what localaws reads, and what its children may see."""

import pytest

from localaws import settings


def test_a_secret_of_the_shell_reaches_no_child():
    shell = {
        "PATH": "/bin",
        "HOME": "/home/x",
        "GITHUB_TOKEN": "hidden",
        "AWS_SECRET_ACCESS_KEY": "a real one",
        "LOCALAWS_ENGINE": "duckdb",
        "LOCALAWS_KEY": "of a model",
    }
    assert settings.scrubbed(shell) == {
        "PATH": "/bin",
        "HOME": "/home/x",
        "LOCALAWS_ENGINE": "duckdb",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def test_defaults_are_those_of_the_readme():
    found = settings.load({})
    assert (found.port, found.engine, found.auth, found.persist) == (4566, "duckdb", False, True)
    assert found.region == "eu-central-1"


def test_every_unknown_word_is_named_at_once():
    with pytest.raises(ValueError, match=r"LOCALAWS_ENGINE=spark .*LOCALAWS_PORT=many"):
        settings.load({"LOCALAWS_ENGINE": "spark", "LOCALAWS_PORT": "many"})


def test_ministack_is_told_to_stay_on_this_machine(tmp_path):
    chosen = settings.load({"LOCALAWS_STATE": str(tmp_path)})
    told = settings.ministack_variables(chosen, 12345)
    assert told["BIND_HOST"] == "127.0.0.1"
    assert told["IOT_MTLS_ENABLED"] == "0"
    assert told["S3_DATA_DIR"].startswith(str(tmp_path))
