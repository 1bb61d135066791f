"""Makes up small packs, of which some tell what they should not: the check of packs refuses them, or the proof does."""

from typing import Any

from reality_engine.app.proving.fate import Picker
from reality_engine.kernel.json import encode

AUDIENCES: Any = (["everyone"], ["members"], ["members"], ["owner", "gm"], ["gm"], ["scout", "gm"], ["nobody"])
TYPES: Any = (
    {"type": "text", "max_length": 60},
    {"type": "integer", "default": 1},
    {"type": "meter", "max": 3},
    {"type": "boolean", "default": False},
    {"type": "enum", "values": ["calm", "cross"], "default": "calm"},
)
GIVEN = {"text": "text", "integer": "integer", "meter": "integer", "boolean": "boolean"}


def random_pack(number: int) -> str:
    """Return the source of a pack, the same one for the same number; JSON is YAML too."""
    return encode(_Making(Picker("pack", number), number).pack()).decode()


class _Making:
    def __init__(self, picker: Picker, number: int) -> None:
        self._picker = picker
        self._number = number
        self._kinds: dict[str, Any] = {}

    def pack(self) -> dict[str, Any]:
        for name in ("stone", "leaf", "river")[: self._picker.between(2, 3)]:
            self._kinds[name] = self._kind(name)
        if self._picker.often(50):
            self._kinds["stone"]["group"] = {"through": "leaf.of"}
            self._kinds["leaf"]["owned"] = True
            self._kinds["stone"]["fields"]["plot"] = {"type": "text", "visible_to": ["group", "gm"]}
        actions: dict[str, Any] = {}
        for name in self._kinds:
            actions |= self._actions(name)
        return {
            "pack": f"random{self._number}", "version": "1.0.0",
            "roles": {"gm": {"sees": "everything"}, "player": {"default": True}, "scout": {}},
            "kinds": self._kinds, "actions": actions, **self._reactions(),
        }  # fmt: skip

    def _kind(self, name: str) -> dict[str, Any]:
        picker = self._picker
        owned = name == "leaf" or picker.often(60)
        fields: dict[str, Any] = {"name": {"type": "text", "required": True, "max_length": 60}}
        for number in range(picker.between(2, 4)):
            fields[f"f{number}"] = {**picker.one(TYPES), **self._seen(owned=owned, percent=60)}
        if name == "leaf":
            fields["of"] = {"type": "ref", "kind": "stone", **self._seen(owned=True, percent=30)}
        seen: Any = self._audience(owned=owned)
        if picker.often(30):
            fields["open"] = {"type": "boolean", "default": True, "visible_to": ["everyone"]}
            seen = [{"when": "self.open", "to": ["everyone"]}, "gm"]
        return {"owned": owned, "visible_to": seen, "fields": fields}

    def _audience(self, *, owned: bool) -> list[str]:
        found: list[str] = self._picker.one(AUDIENCES[:-1])
        return found if owned or "owner" not in found else ["members"]

    def _seen(self, *, owned: bool, percent: int) -> dict[str, Any]:
        return {"visible_to": self._audience(owned=owned)} if self._picker.often(percent) else {}

    def _actions(self, kind: str) -> dict[str, Any]:
        fields = self._kinds[kind]["fields"]
        settable = {name: spec for name, spec in fields.items() if spec["type"] in GIVEN and name != "name"}
        given = {name: {"type": GIVEN[spec["type"]], "required": False} for name, spec in settable.items()}
        if "of" in fields:
            given["of"] = {"type": "ref", "kind": "stone", "required": False}
        made = {"name": "=input.name", **{name: f"=?input.{name}" for name in given}}
        inputs = {"name": {"type": "text", "max_length": 60}, **given}
        create = {"create": {"kind": kind, "name": "made", "fields": made}}
        found: dict[str, Any] = {f"make_{kind}": self._rule([create], inputs, "made")}
        for name in settable:
            found[f"change_{kind}_{name}"] = self._change(kind, name, settable)
        if self._kinds[kind]["owned"]:
            found[f"drop_{kind}"] = {**self._rule([{"delete": "target"}], {}, "target"), "target": kind}
        return found

    def _change(self, kind: str, name: str, fields: dict[str, Any]) -> dict[str, Any]:
        """Return an action that sets a field: mostly to what is given, else to what another field holds."""
        base = fields[name]["type"]
        others = [other for other, spec in fields.items() if other != name and spec["type"] == base]
        source = f"=target.{self._picker.one(others)}" if others and self._picker.often(8) else "=input.value"
        verb = "add" if base == "meter" else "set"
        rule = self._rule([{verb: {f"target.{name}": source}}], {"value": {"type": GIVEN[base]}}, "target")
        return {**rule, "target": kind}

    def _rule(self, effects: list[Any], inputs: dict[str, Any], subject: str) -> dict[str, Any]:
        picker = self._picker
        told = ("Something happens", 12.0), (f"{{{subject}.name}} is touched", 1.0), (f"It is {{{subject}.f0}}", 0.5)
        narrative = picker.weighted(told)
        return {
            "input": inputs, "allow": picker.one(("true", "true", "me.admin", "'scout' in me.roles || me.admin")),
            "effects": effects, "visible_to": picker.one((["everyone"], ["members"], ["gm"], ["actor"])),
            "narrative": narrative,
        }  # fmt: skip

    def _reactions(self) -> dict[str, Any]:
        meters = [
            (kind, name)
            for kind, spec in self._kinds.items()
            for name, field in spec["fields"].items()
            if field["type"] == "meter"
        ]
        if not meters:
            return {}
        kind, name = self._picker.one(meters)
        empty = {"set": {f"entity.{name}": 0}}
        emit = {"emit": {"type": "overflowed", "visible_to": self._picker.one((["members"], ["gm"]))}}
        rule = {"to": {"event": "meter.filled", "kind": kind, "field": name}, "effects": [empty, emit]}
        return {"reactions": {"overflow": {**rule, "visible_to": ["gm"]}}}
