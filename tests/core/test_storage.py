"""One contract for every place files may lie: a local folder, and an S3-compatible store (a server on loopback)."""

import os
from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from core import storage


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of a bucket, with the way there in the environment, as an installation has it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    way = {
        "AWS_ACCESS_KEY_ID": "known-to-the-test",
        "AWS_SECRET_ACCESS_KEY": "known-to-the-test",
        "AWS_REGION": "eu-central-1",
        "AWS_ENDPOINT": f"http://{host}:{port}",
        "AWS_ALLOW_HTTP": "true",
    }
    before = {name: os.environ.get(name) for name in way}
    os.environ.update(way)
    client = boto3.client("s3", endpoint_url=way["AWS_ENDPOINT"], region_name=way["AWS_REGION"])
    client.create_bucket(
        Bucket="guildhall", CreateBucketConfiguration={"LocationConstraint": way["AWS_REGION"]}
    )
    yield "s3://guildhall"
    server.stop()
    for name, value in before.items():
        os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)


@pytest.fixture(params=["file", "s3"])
def place(request, app, tmp_path, monkeypatch):
    """The application with its files in one place or the other."""
    url = request.getfixturevalue("s3") if request.param == "s3" else f"file://{tmp_path / 'files'}"
    monkeypatch.setitem(app.config, "STORAGE_URL", url)
    return request.param


def test_what_is_kept_is_read_again(place):
    content = os.urandom(300_000)
    key = storage.keep(content, folder="receipts")
    assert storage.read(key) == content


def test_the_same_content_twice_is_two_files_under_names_nobody_guesses(place):
    one, other = (storage.keep(b"the same", folder="receipts") for _time in range(2))
    assert one != other
    assert one.startswith("receipts/") and len(one) > 40
    storage.forget(one)
    assert storage.read(other) == b"the same"


def test_what_is_forgotten_is_gone_and_may_be_forgotten_again(place):
    key = storage.keep(b"short-lived", folder="receipts")
    storage.forget(key)
    storage.forget(key)
    with pytest.raises(FileNotFoundError):
        storage.read(key)


def test_what_was_never_there_is_not_found(place):
    with pytest.raises(FileNotFoundError):
        storage.read("receipts/nothing")


@pytest.mark.parametrize("key", ["../../etc/passwd", "receipts/../../etc/passwd"])
def test_a_key_never_leaves_its_place(place, key):
    with pytest.raises((FileNotFoundError, ValueError, OSError)):
        storage.read(key)


def test_an_empty_file_is_a_file(place):
    assert storage.read(storage.keep(b"", folder="receipts")) == b""
