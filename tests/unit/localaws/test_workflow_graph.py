"""What a workflow does next, decided from its triggers and job runs alone."""

from localaws.services import workflow_graph

START = {"Name": "at-two", "Type": "SCHEDULED", "State": "ACTIVATED", "Actions": [{"JobName": "a"}]}


def after(job, then, state="SUCCEEDED", **more):
    condition = {"LogicalOperator": "EQUALS", "JobName": job, "State": state}
    return {
        "Name": f"after-{job}",
        "Type": "CONDITIONAL",
        "State": "ACTIVATED",
        "Predicate": {"Logical": "AND", "Conditions": [condition]},
        "Actions": [{"JobName": then}],
        **more,
    }


def run(job, state):
    return {"Id": f"jr_{job}", "JobName": job, "JobRunState": state}


CHAIN = [START, after("a", "b"), after("b", "c")]


def names(triggers):
    return [trigger["Name"] for trigger in triggers]


def test_a_scheduled_trigger_starts_the_run():
    assert names(workflow_graph.start_triggers(CHAIN)) == ["at-two"]


def test_the_next_job_waits_for_its_predecessor():
    assert workflow_graph.due(CHAIN, [run("a", "RUNNING")], []) == []
    assert names(workflow_graph.due(CHAIN, [run("a", "SUCCEEDED")], [])) == ["after-a"]


def test_a_failed_predecessor_ends_the_chain():
    assert workflow_graph.due(CHAIN, [run("a", "FAILED")], []) == []


def test_a_trigger_fires_once_in_a_run():
    assert workflow_graph.due(CHAIN, [run("a", "SUCCEEDED")], ["after-a"]) == []


def test_a_trigger_that_was_not_activated_never_fires():
    sleeping = [START, after("a", "b", State="CREATED")]
    assert workflow_graph.due(sleeping, [run("a", "SUCCEEDED")], []) == []


def test_any_needs_one_condition_and_all_needs_each():
    conditions = [
        {"LogicalOperator": "EQUALS", "JobName": "a", "State": "SUCCEEDED"},
        {"LogicalOperator": "EQUALS", "JobName": "b", "State": "FAILED"},
    ]
    one = after("a", "c", Predicate={"Logical": "ANY", "Conditions": conditions})
    both = after("a", "c", Predicate={"Logical": "AND", "Conditions": conditions})
    runs = [run("a", "SUCCEEDED")]
    assert workflow_graph.due([one], runs, [])
    assert not workflow_graph.due([both], runs, [])
    assert workflow_graph.due([both], [*runs, run("b", "FAILED")], [])


def test_the_newest_run_of_a_job_counts():
    runs = [run("a", "FAILED"), run("a", "SUCCEEDED")]
    assert names(workflow_graph.due(CHAIN, runs, [])) == ["after-a"]
    assert workflow_graph.statistics(CHAIN, runs)["FailedActions"] == 0


def test_statistics_show_the_failure_and_the_jobs_never_reached():
    found = workflow_graph.statistics(CHAIN, [run("a", "SUCCEEDED"), run("b", "TIMEOUT")])
    assert found["TotalActions"] == 3
    assert (found["SucceededActions"], found["TimeoutActions"]) == (1, 1)


def test_the_graph_joins_triggers_and_jobs():
    graph = workflow_graph.graph(CHAIN, [run("a", "SUCCEEDED")])
    named = {node["UniqueId"]: node["Name"] for node in graph["Nodes"]}
    edges = {(named[e["SourceId"]], named[e["DestinationId"]]) for e in graph["Edges"]}
    assert edges == {
        ("at-two", "a"),
        ("a", "after-a"),
        ("after-a", "b"),
        ("b", "after-b"),
        ("after-b", "c"),
    }
    job = next(node for node in graph["Nodes"] if node["Name"] == "a")
    assert job["JobDetails"]["JobRuns"][0]["JobRunState"] == "SUCCEEDED"
