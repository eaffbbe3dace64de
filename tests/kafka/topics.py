"""Topics of a Kafka: made, written, read whole."""

import collections
import json
import threading

from confluent_kafka import (OFFSET_BEGINNING, TIMESTAMP_NOT_AVAILABLE, Consumer, KafkaError,
                             KafkaException, Producer, TopicPartition)
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

from waiting import Timeout, wait_until

SEND_SECONDS = 120
READ_SECONDS = 180
# A topic of this configuration takes nothing that is older than the millisecond it arrives in: what
# a producer with a linger.ms sends is refused, and stays refused when it is sent again.
REFUSING = {"message.timestamp.before.max.ms": "0"}

Record = collections.namedtuple("Record", "topic partition offset key value headers timestamp_ms")


def create(bootstrap, partitions, config=None):
    """Makes topics {name: partitions} and returns when the broker lists them all."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    new = [NewTopic(name, num_partitions=count, replication_factor=1, config=config or {})
           for name, count in partitions.items()]
    for future in admin.create_topics(new, operation_timeout=30).values():
        future.result(30)

    def all_listed():
        listed = admin.list_topics(timeout=5).topics
        return all(name in listed and len(listed[name].partitions) == count
                   for name, count in partitions.items())
    wait_until(f"topics {sorted(partitions)} are listed", all_listed, 30)


def accept(bootstrap, name):
    """Makes a topic that was created as REFUSING take everything."""
    admin = AdminClient({"bootstrap.servers": bootstrap})
    resource = ConfigResource(ConfigResource.Type.TOPIC, name, set_config={})
    for future in admin.alter_configs([resource]).values():
        future.result(30)


def partitions_of(bootstrap, topics):
    """Every (topic, partition) of those topics that exist."""
    listed = AdminClient({"bootstrap.servers": bootstrap}).list_topics(timeout=10).topics
    return [(topic, partition) for topic in topics if topic in listed
            for partition in sorted(listed[topic].partitions)]


def names(bootstrap, prefix=""):
    listed = AdminClient({"bootstrap.servers": bootstrap}).list_topics(timeout=10).topics
    return sorted(name for name in listed if name.startswith(prefix))


class Sender:
    """Produces and remembers what the broker has acknowledged: {(topic, partition, offset): id}.

    A transactional sender keeps a batch aside until commit() and forgets it on abort().
    Threads: one sends; sent may be read after flush().
    """

    def __init__(self, bootstrap, transactional_id=None, properties=None):
        settings = {"bootstrap.servers": bootstrap, "enable.idempotence": True, "linger.ms": 2,
                    "log_level": 2,
                    "message.timeout.ms": 0, "message.max.bytes": 20_000_000,
                    "queue.buffering.max.messages": 1_000_000, **(properties or {})}
        if transactional_id:
            settings["transactional.id"] = transactional_id
        self.producer = Producer(settings)
        self.sent = {}
        self.aborted = {}
        self.batch = {}
        self.errors = []
        self.transactional = transactional_id is not None
        if self.transactional:
            self.producer.init_transactions(30)

    def send(self, topic, message_id, key, value, headers=None, partition=None):
        """message_id is what the message is called in reports; it may be None for no value."""
        def delivered(error, message):
            if error:
                self.errors.append(str(error))
                return
            place = (message.topic(), message.partition(), message.offset())
            (self.batch if self.transactional else self.sent)[place] = message_id
        options = {} if partition is None else {"partition": partition}
        while True:
            try:
                self.producer.produce(topic, key=key, value=value, headers=headers or [],
                                      on_delivery=delivered, **options)
                break
            except BufferError:
                self.producer.poll(0.1)
        self.producer.poll(0)

    def flush(self):
        left = self.producer.flush(SEND_SECONDS)
        if left or self.errors:
            raise Timeout(f"{left} messages not sent after {SEND_SECONDS} s; {self.errors[:3]}")

    def begin(self):
        self.producer.begin_transaction()

    def commit(self):
        self.producer.commit_transaction(60)
        self.sent.update(self.batch)
        self.batch = {}

    def abort(self):
        """The acknowledged offsets of an aborted batch exist, and no reader may see them."""
        self.producer.flush(SEND_SECONDS)
        self.producer.abort_transaction(60)
        self.aborted.update(self.batch)
        self.batch = {}


class Feeder(threading.Thread):
    """Sends count messages of a stream to topics, in bursts, over about `seconds`; stop() ends it."""

    def __init__(self, sender, stream, topics, count, seconds):
        super().__init__(daemon=True)
        self.sender, self.stream, self.topics = sender, stream, topics
        self.count, self.seconds = count, seconds
        self.stopping = threading.Event()
        self.failure = None

    def run(self):
        random = self.stream.random
        left = self.count
        try:
            while left > 0 and not self.stopping.is_set():
                burst = min(left, random.randint(1, 200))
                for _ in range(burst):
                    message_id, key, value = self.stream.next()
                    self.sender.send(random.choice(self.topics), message_id, key, value)
                left -= burst
                self.stopping.wait(self.seconds * burst / self.count)
            self.sender.flush()
        except Exception as error:  # handed to the thread that joins
            self.failure = error

    def finish(self, seconds):
        self.join(seconds)
        if self.is_alive():
            self.stopping.set()
            raise Timeout(f"the feeder has not ended after {seconds} s")
        if self.failure:
            raise self.failure


def reader(bootstrap, group="redress-test-reader", properties=None):
    return Consumer({"bootstrap.servers": bootstrap, "group.id": group, "log_level": 2,
                     "enable.auto.commit": False, "isolation.level": "read_committed",
                     "enable.partition.eof": True, "fetch.wait.max.ms": 50,
                     "fetch.message.max.bytes": 4_000_000, **(properties or {})})


def read_all(bootstrap, topics, isolation="read_committed"):
    """Every record of those topics from beginning to end, in order per partition."""
    places = partitions_of(bootstrap, topics)
    if not places:
        return []
    consumer = reader(bootstrap, properties={"isolation.level": isolation})
    consumer.assign([TopicPartition(topic, partition, OFFSET_BEGINNING)
                     for topic, partition in places])
    records = []
    open_places = set(places)

    def drain():
        for message in consumer.consume(5000, 0.2):
            if message.error():
                if message.error().code() != KafkaError._PARTITION_EOF:
                    raise KafkaException(message.error())
                open_places.discard((message.topic(), message.partition()))
                continue
            kind, timestamp = message.timestamp()
            records.append(Record(message.topic(), message.partition(), message.offset(),
                                  message.key(), message.value(), dict(message.headers() or []),
                                  -1 if kind == TIMESTAMP_NOT_AVAILABLE else timestamp))
        return not open_places
    wait_until(f"topics {topics} are read to their ends", drain, READ_SECONDS, 0)
    consumer.close()
    return records


def committed(bootstrap, group, places):
    """{(topic, partition): committed offset}; -1 where the group has none."""
    consumer = reader(bootstrap, group)
    try:
        answer = consumer.committed([TopicPartition(*place) for place in places], timeout=10)
    except KafkaException:
        return {place: -1 for place in places}
    finally:
        consumer.close()
    return {(item.topic, item.partition): max(item.offset, -1) for item in answer}


class Progress:
    """How far a group's commits are behind; one consumer that never joins the group."""

    def __init__(self, bootstrap, group):
        self.consumer = reader(bootstrap, group, {"socket.timeout.ms": 5000})

    def behind(self, sent):
        """Messages of sent ({(topic, partition, offset): id}) at or after the commit, by partition."""
        last = {}
        for topic, partition, offset in sent:
            last[topic, partition] = max(offset, last.get((topic, partition), -1))
        try:
            answer = self.consumer.committed([TopicPartition(*place) for place in last], timeout=5)
        except KafkaException:
            return None
        at = {(item.topic, item.partition): item.offset for item in answer}
        return {place: (at[place], offset) for place, offset in last.items() if at[place] <= offset}

    def wait_for(self, sent, seconds, engines=()):
        """Until everything sent is committed; fails early when an engine has ended by itself."""
        def caught_up():
            for engine in engines:
                engine.check_running()
            return self.behind(sent) == {}
        try:
            wait_until("every message sent is committed", caught_up, seconds, 0.1)
        except Timeout as error:
            raise Timeout(f"{error}; behind (committed, last): {self.behind(sent)}") from None

    def close(self):
        self.consumer.close()


def parse(record):
    """The record's value as JSON, or None."""
    try:
        return json.loads(record.value)
    except (TypeError, ValueError):
        return None
