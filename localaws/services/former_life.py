"""What a killed localaws leaves half done -> done again, as AWS, which is never killed, would.

S3 keeps every object it acknowledged; queues and ledgers are as the last snapshot held them. So an
object may lie there whose event is lost, and a message may be hidden for a function that died.
"""

from datetime import datetime
from typing import Any

from ministack.core.responses import get_region, request_scope
from ministack.services import lambda_svc, s3, sqs

from localaws import clock

Record = dict[str, Any]


def rename_queues() -> None:
    """Give restored queues the URL of the address localaws has now; their names stay.

    ministack keys them by URL: on another port no function would read them again, and CreateQueue
    would make a second queue of the name.
    """
    with sqs._queues_lock:
        for (account, region, url), queue in list(sqs._queues._data.items()):
            now = sqs._queue_url_for_account(account, queue["name"])
            if now != url:
                del sqs._queues._data[account, region, url]
                sqs._queues._data[account, region, now] = queue
                sqs._queue_name_to_url._data[account, region, queue["name"]] = now
                queue["url"] = now


def release_messages(begun: float) -> None:
    """Show again what functions received before `begun` (epoch seconds).

    A message a client received stays hidden: the client may live and delete it.
    """
    with sqs._queues_lock:
        mapped = {str(mapping["EventSourceArn"]) for mapping in lambda_svc._esms._data.values()}
        for queue in sqs._queues._data.values():
            if queue["attributes"]["QueueArn"] in mapped:
                for message in queue["messages"]:
                    if _was_received(message, queue, begun):
                        message["visible_at"] = begun


def repeat_events(since: float) -> None:
    """Send the event of every object written since then (epoch seconds).

    S3 promises each event at least once, so one that did arrive may come again.
    """
    moved = since + clock.ahead()
    for (account, name), bucket in list(s3._buckets._data.items()):
        with request_scope(account, get_region()):
            for key, record in list(bucket["objects"].items()):
                if _written(record) >= moved:
                    _send(name, key, record)


def _was_received(message: Record, queue: Record, begun: float) -> bool:
    seconds = int(queue["attributes"]["VisibilityTimeout"])
    received = message["receipt_handle"] is not None
    return received and begun < message["visible_at"] < begun + seconds


def _written(record: Record) -> float:
    return datetime.fromisoformat(str(record["last_modified"])).timestamp()


def _send(bucket: str, key: str, record: Record) -> None:
    s3._fire_s3_event_async(
        bucket,
        key,
        "s3:ObjectCreated:Put",
        size=record.get("size", 0),
        etag=record.get("etag", ""),
        version_id=record.get("version_id"),
    )
