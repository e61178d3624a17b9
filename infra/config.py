"""What may differ between environments: CloudFormation parameters with their defaults.

Structure is code, values are parameters; nothing real is ever written here (infra.md §2).
"""

from dataclasses import dataclass

from aws_cdk import CfnParameter, Fn, Stack, Tags

PROJECT_TAGS = {"Project": "cci-lite", "Owner": "data-platform", "CostCenter": "contact-centre"}


@dataclass(frozen=True, slots=True)
class Number:
    """A whole-number parameter with its allowed range."""

    name: str
    default: int
    minimum: int
    maximum: int
    description: str

    def declare(self, stack: Stack) -> int:
        """Declare the parameter in `stack` and return it as a token."""
        parameter = CfnParameter(
            stack,
            self.name,
            type="Number",
            default=self.default,
            min_value=self.minimum,
            max_value=self.maximum,
            description=self.description,
        )
        return parameter.value_as_number  # type: ignore[return-value]  # a number token


INPUT_DAYS = Number("InputDays", 1, 1, 7, "Days an object stays in the input bucket")
TRANSCRIPT_DAYS = Number("TranscriptDays", 14, 1, 30, "Days a working object of a call stays")
RESULTS_DAYS = Number("ResultsDays", 30, 7, 400, "Days an enriched or final call stays")
STAGING_DAYS = Number("StagingDays", 7, 1, 7, "Days an Athena result stays")
LOG_DAYS = Number("LogDays", 30, 1, 365, "Days a log line stays")
JOB_INIT_CONCURRENCY = Number("JobInitConcurrency", 50, 2, 1000, "Concurrent job-init runs")
ANALYSER_CONCURRENCY = Number("AnalyserConcurrency", 10, 2, 1000, "Concurrent analyser runs")


def bucket_name(kind: str) -> str:
    """Return the name of a bucket, with account and region left to CloudFormation."""
    return Fn.sub(f"cci-lite-{kind}-${{AWS::AccountId}}-${{AWS::Region}}")


def arn(service: str, resource: str) -> str:
    """Return the ARN of a resource in the stack's own account and region."""
    return Fn.sub(f"arn:aws:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}")


def bucket_arn(kind: str, pattern: str = "") -> str:
    """Return the ARN of a bucket, or of the objects in it that match `pattern`."""
    tail = f"/{pattern}" if pattern else ""
    return Fn.sub(f"arn:aws:s3:::cci-lite-{kind}-${{AWS::AccountId}}-${{AWS::Region}}{tail}")


def role_arn(name: str) -> str:
    """Return the ARN of one of our roles."""
    return Fn.sub(f"arn:aws:iam::${{AWS::AccountId}}:role/{name}")


def master_key_arn() -> str:
    """Return the ARN of the master key, the one export of all stacks."""
    return Fn.import_value("cci-lite-master-key-arn")


def tag(stack: Stack, component: str, data_class: str) -> None:
    """Put the canonical tags on everything in `stack`."""
    for key, value in PROJECT_TAGS.items():
        Tags.of(stack).add(key, value)
    Tags.of(stack).add("Component", component)
    Tags.of(stack).add("DataClass", data_class)
