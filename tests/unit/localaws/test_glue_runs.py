"""What a Glue run hands its script, and what it says when the script fails."""

from collections import deque

from localaws.services.glue_runs import arguments, error_line


def test_arguments_are_glues_own_then_defaults_then_the_runs():
    job = {"DefaultArguments": {"--entry": "x", "--day": "1"}}
    run = {"JobName": "flatten", "Id": "jr_1", "Arguments": {"--day": "2"}}
    workflow = {"--WORKFLOW_NAME": "nightly", "--WORKFLOW_RUN_ID": "wr_1"}
    assert arguments(job, run, {"Workflow": workflow}) == [
        *("--JOB_NAME", "flatten", "--JOB_RUN_ID", "jr_1"),
        *("--WORKFLOW_NAME", "nightly", "--WORKFLOW_RUN_ID", "wr_1"),
        *("--entry", "x", "--day", "2"),
    ]


def test_the_error_is_the_last_exception_line():
    tail = [
        "Traceback (most recent call last):",
        '  File "a.py", line 1, in <module>',
        "KeyError: 'a'",
        "",
        "During handling of the above exception, another exception occurred:",
        "",
        "Traceback (most recent call last):",
        '  File "a.py", line 3, in <module>',
        "contracts.errors.Rejected: tenant acme: no form",
    ]
    assert error_line(deque(tail)) == "contracts.errors.Rejected: tenant acme: no form"


def test_a_script_that_only_exits_has_no_error_line():
    assert error_line(deque(["usage: x"])) == ""
