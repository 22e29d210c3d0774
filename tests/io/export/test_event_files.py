"""TensorBoard event files, read back as protocol buffers by Google's own library."""

import io
import struct
import zipfile

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from segmenter.charts.learning import network_picture
from segmenter.io.export.learning import crc32c, event_file, event_files_zip
from segmenter.networks.network import LearningCurve


def event_type():
    """The parts of event.proto and summary.proto that a scalar needs."""
    file = descriptor_pb2.FileDescriptorProto(name="event.proto", package="t", syntax="proto3")
    kinds = descriptor_pb2.FieldDescriptorProto
    value = file.message_type.add(name="Value")
    value.field.add(name="tag", number=1, type=kinds.TYPE_STRING, label=kinds.LABEL_OPTIONAL)
    value.field.add(name="simple_value", number=2, type=kinds.TYPE_FLOAT, label=kinds.LABEL_OPTIONAL)
    summary = file.message_type.add(name="Summary")
    summary.field.add(name="value", number=1, type=kinds.TYPE_MESSAGE, type_name=".t.Value", label=kinds.LABEL_REPEATED)
    event = file.message_type.add(name="Event")
    event.field.add(name="wall_time", number=1, type=kinds.TYPE_DOUBLE, label=kinds.LABEL_OPTIONAL)
    event.field.add(name="step", number=2, type=kinds.TYPE_INT64, label=kinds.LABEL_OPTIONAL)
    event.field.add(name="file_version", number=3, type=kinds.TYPE_STRING, label=kinds.LABEL_OPTIONAL)
    event.field.add(
        name="summary", number=5, type=kinds.TYPE_MESSAGE, type_name=".t.Summary", label=kinds.LABEL_OPTIONAL
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("t.Event"))


def events(content):
    made, place, found = event_type(), 0, []
    while place < len(content):
        (length,) = struct.unpack_from("<Q", content, place)
        found.append(made.FromString(content[place + 12 : place + 12 + length]))
        place += 12 + length + 4
    assert place == len(content)
    return found


def test_the_checksum_is_the_published_one():
    # RFC 3720, appendix B.4, and the usual check value of CRC-32C.
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA


def test_every_epoch_is_an_event():
    first, *others = events(event_file({"loss": [0.5, 0.25, 0.125], "accuracy": [0.5] * 300}))
    assert first.file_version == "brain.Event:2"
    losses = [(each.step, each.summary.value[0].simple_value) for each in others if each.summary.value[0].tag == "loss"]
    assert losses == [(1, 0.5), (2, 0.25), (3, 0.125)]
    assert [each.step for each in others][-1] == 300


def test_training_and_validation_are_two_runs():
    curve = LearningCurve((0.9, 0.4), (1.0, 0.5), (0.001, 0.001))
    content = event_files_zip(curve)
    assert content == event_files_zip(curve)
    with zipfile.ZipFile(io.BytesIO(content)) as folder:
        names = folder.namelist()
        assert [name.split("/")[0] for name in names] == ["training", "validation"]
        values = [each.summary.value[0].simple_value for each in events(folder.read(names[1]))[1:]]
    assert values == pytest.approx([1.0, 0.5])


def test_a_network_is_drawn_layer_by_layer():
    figure = network_picture([("in", 3), ("hidden", 40), ("out", 2)])
    dots = [trace for trace in figure.data if trace.mode == "markers"]
    assert [len(trace.x) for trace in dots] == [3, 24, 2]
    assert "40 numbers" in dots[1].hovertemplate
