"""Describes records to the engine's checker as protobuf messages, so that their members have static types."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from google.protobuf import (
    any_pb2,
    api_pb2,
    descriptor_pb2,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    source_context_pb2,
    struct_pb2,
    timestamp_pb2,
    type_pb2,
    wrappers_pb2,
)
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool

from reality_engine.expressions.types import Base, Type

# The engine looks all of these up in the pool it is given, whether or not anything refers to them.
_WELL_KNOWN: Final = (
    any_pb2,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    source_context_pb2,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
    type_pb2,
    api_pb2,
)
_IMPORTS: Final = (duration_pb2, struct_pb2, timestamp_pb2)
PACKAGE: Final = "reality"

_VALUE: Final = ".google.protobuf.Value"
_Form: TypeAlias = "tuple[FieldDescriptorProto.Type.ValueType, str]"
_FORMS: Final[Mapping[Base, _Form]] = {
    Base.TEXT: (FieldDescriptorProto.TYPE_STRING, ""),
    Base.REF: (FieldDescriptorProto.TYPE_STRING, ""),
    Base.INTEGER: (FieldDescriptorProto.TYPE_INT64, ""),
    Base.NUMBER: (FieldDescriptorProto.TYPE_DOUBLE, ""),
    Base.BOOLEAN: (FieldDescriptorProto.TYPE_BOOL, ""),
    Base.TIMESTAMP: (FieldDescriptorProto.TYPE_MESSAGE, ".google.protobuf.Timestamp"),
    Base.DURATION: (FieldDescriptorProto.TYPE_MESSAGE, ".google.protobuf.Duration"),
    # Protobuf cannot nest lists and maps directly; inside of others they are checked only as far as this.
    Base.LIST: (FieldDescriptorProto.TYPE_MESSAGE, ".google.protobuf.ListValue"),
    Base.MAP: (FieldDescriptorProto.TYPE_MESSAGE, ".google.protobuf.Struct"),
}


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The messages that stand for some record types: the pool that holds them, and their names both ways."""

    pool: DescriptorPool | None
    names: Mapping[Type, str]
    types: Mapping[str, Type]


def catalogue_of(types: Iterable[Type]) -> Catalogue:
    """Return the messages for all records within these types; cached, since a pool takes milliseconds to build."""
    return _catalogue(tuple(sorted({record for type_ in types for record in _records(type_)}, key=repr)))


@lru_cache(maxsize=256)
def _catalogue(records: tuple[Type, ...]) -> Catalogue:
    if not records:
        return Catalogue(None, {}, {})
    names = {record: f"{PACKAGE}.{record.kind or f'Record{index}'}" for index, record in enumerate(records)}
    return Catalogue(_pool(names), names, {name: record for record, name in names.items()})


def _records(type_: Type) -> Iterator[Type]:
    if type_.base is Base.RECORD:
        yield type_
    for inner in (type_.of, *(of for _, of in type_.fields)):
        if inner is not None:
            yield from _records(inner)


def _pool(names: Mapping[Type, str]) -> DescriptorPool:
    pool = DescriptorPool()
    for module in _WELL_KNOWN:
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    file = descriptor_pb2.FileDescriptorProto(name="reality.proto", package=PACKAGE, syntax="proto3")
    file.dependency.extend(module.DESCRIPTOR.name for module in _IMPORTS)
    for record, name in names.items():
        message = file.message_type.add(name=name.removeprefix(f"{PACKAGE}."))
        # Else `a_b` and `a__b` could not be together: they would have one name in JSON, which nothing here uses.
        message.options.deprecated_legacy_json_field_conflicts = True
        for number, (member, of) in enumerate(record.fields, 1):
            _add(message, names, member, number, of)
    pool.AddSerializedFile(file.SerializeToString())
    return pool


def _add(message: DescriptorProto, names: Mapping[Type, str], name: str, number: int, of: Type) -> None:
    field = message.field.add(name=name, number=number, json_name=f"f{number}")
    field.label = FieldDescriptorProto.LABEL_OPTIONAL
    if of.base is Base.LIST and of.of is not None:
        field.label = FieldDescriptorProto.LABEL_REPEATED
        _give(field, names, of.of)
    elif of.base is Base.MAP and of.of is not None and _entry_name(name) not in _nested(message):
        field.label = FieldDescriptorProto.LABEL_REPEATED
        field.type = FieldDescriptorProto.TYPE_MESSAGE
        field.type_name = _map_entry(message, names, _entry_name(name), of.of)
    else:
        _give(field, names, of)


def _nested(message: DescriptorProto) -> set[str]:
    return {nested.name for nested in message.nested_type}


def _entry_name(name: str) -> str:
    """Return the only name under which protobuf takes the entries of a map field."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_")) + "Entry"


def _map_entry(message: DescriptorProto, names: Mapping[Type, str], entry: str, of: Type) -> str:
    nested = message.nested_type.add(name=entry)
    nested.options.map_entry = True
    key = nested.field.add(name="key", number=1, label=FieldDescriptorProto.LABEL_OPTIONAL)
    key.type = FieldDescriptorProto.TYPE_STRING
    _give(nested.field.add(name="value", number=2, label=FieldDescriptorProto.LABEL_OPTIONAL), names, of)
    return f".{PACKAGE}.{message.name}.{entry}"


def _give(field: FieldDescriptorProto, names: Mapping[Type, str], of: Type) -> None:
    record: _Form = (FieldDescriptorProto.TYPE_MESSAGE, f".{names.get(of)}")
    anything: _Form = (FieldDescriptorProto.TYPE_MESSAGE, _VALUE)
    field.type, name = record if of.base is Base.RECORD else _FORMS.get(of.base, anything)
    if name:
        field.type_name = name
