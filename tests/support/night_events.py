"""Every event of a night delivered once more, as AWS may."""

import json
import time
from typing import Any

from tests.support.product import Product


def deliver_every_event_again(product: Product) -> None:
    """Send every object's and every job's event once more, and wait for silence."""
    queue = product.client("sqs")
    for kind, wanted, name in (
        ("input", "", "cci-lite-intake-queue"),
        ("results", "/enriched/", "cci-lite-result-queue"),
    ):
        url = queue.get_queue_url(QueueName=name)["QueueUrl"]
        for key in product.objects(kind):
            if wanted in key:
                event = _object_created(product.bucket(kind), key)
                queue.send_message(QueueUrl=url, MessageBody=json.dumps(event))
        _wait_until_empty(queue, url)
    url = queue.get_queue_url(QueueName="cci-lite-analysis-queue")["QueueUrl"]
    jobs = [item["job_name"] for item in product.calls("globex").values() if "job_name" in item]
    assert len(jobs) == 1
    for name in jobs:
        queue.send_message(QueueUrl=url, MessageBody=json.dumps(_job_completed(name)))
    _wait_until_empty(queue, url)


def _job_completed(name: str) -> dict[str, Any]:
    return {
        "source": "aws.transcribe",
        "detail-type": "Transcribe Job State Change",
        "detail": {"TranscriptionJobName": name, "TranscriptionJobStatus": "COMPLETED"},
    }


def _object_created(bucket: str, key: str) -> dict[str, Any]:
    return {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": bucket}, "object": {"key": key}},
    }


def _wait_until_empty(queue: Any, url: str) -> None:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    for _ in range(600):
        counts = queue.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        if not any(int(counts[name]) for name in names):
            return
        time.sleep(0.2)
    raise AssertionError(f"{url} still holds messages after two minutes")
