"""`reality check --audit` says who sees what, and where what is disclosed."""

import json
from pathlib import Path

import pytest

from reality_engine.app.cli.commands import run_command

PACK = """
pack: safes
version: 1.0.0
roles:
  gm: {sees: everything}
  player: {default: true}
  warden: {}
kinds:
  vault:
    visible_to: [members]
    group: {through: safe.vault}
    fields:
      map: {type: text, visible_to: [group]}
  safe:
    owned: true
    visible_to: [everyone]
    owner_visible_to: [owner, warden]
    fields:
      vault: {type: ref, kind: vault}
      code: {type: text, required: true, visible_to: [owner]}
      open: {type: boolean, default: false}
      hint: {type: text, visible_to: [{when: self.open, to: [player]}]}
      dust: {type: text, visible_to: [player, group of vault]}
actions:
  try_code:
    target: safe
    input: {code: text}
    allow: "true"
    require:
      - {that: "input.code == target.code", else: "That does not fit"}
    effects:
      - set: {target.open: true}
      - reveal: {field: target.hint, to: [warden]}
      - conceal: {field: target.dust}
    discloses: [target.code]
"""
TEXT = """\
safes 1.0.0: who sees what

                   everyone  members  gm   player  warden  owner  group
vault              -         yes      yes  yes     yes            yes
vault.map          -         -        yes  -       -              yes
safe               yes       yes      yes  yes     yes     yes
safe.owner         -         -        yes  -       yes     yes
safe.vault         yes       yes      yes  yes     yes     yes
safe.code          -         -        yes  -       -       yes
safe.open          yes       yes      yes  yes     yes     yes
safe.hint          -         -        yes  if      if      -             player if self.open; revealed to warden
safe.dust          -         -        yes  if      -       -             group of vault; may be concealed
world              yes       yes      yes  yes     yes
world.title        yes       yes      yes  yes     yes
world.description  yes       yes      yes  yes     yes
world.public       yes       yes      yes  yes     yes
world.joining      yes       yes      yes  yes     yes
world.upgrades     yes       yes      yes  yes     yes
member             -         yes      yes  yes     yes
member.user        -         yes      yes  yes     yes
member.name        -         yes      yes  yes     yes
member.roles       -         yes      yes  yes     yes
member.manages     -         yes      yes  yes     yes
invite             -         -        yes  -       -
invite.roles       -         -        yes  -       -
invite.uses        -         -        yes  -       -
invite.expires_at  -         -        yes  -       -
invite.address     -         -        yes  -       -
ban                -         yes      yes  yes     yes
ban.user           -         yes      yes  yes     yes
ban.reason         -         -        yes  -       -

{file}:35:17: try_code discloses target.code to everyone: """

Captured = pytest.CaptureFixture[str]


def audited(folder: Path, *arguments: str) -> tuple[int, Path]:
    file = folder / "safes.yaml"
    file.write_text(PACK)
    with pytest.raises(SystemExit) as ended:
        run_command(["check", str(file), "--audit", *arguments])
    return int(ended.value.code or 0), file


def test_an_audit_says_who_sees_what_and_what_is_disclosed(tmp_path: Path, capsys: Captured) -> None:
    code, file = audited(tmp_path)
    told = capsys.readouterr().out
    assert code == 0
    assert told.startswith(TEXT.replace("{file}", str(file)))
    assert "the answer to require (line 30)" in told
    assert "target.open (line 32)" in told
    assert "the reveal of target.hint (line 33)" in told


def test_an_audit_is_there_for_programs(tmp_path: Path, capsys: Captured) -> None:
    code, file = audited(tmp_path, "--format", "json")
    told = json.loads(capsys.readouterr().out)
    assert (code, told["problems"]) == (0, [])
    (audit,) = told["audits"]
    (hint,) = [each for each in audit["sights"] if (each["kind"], each["name"]) == ("safe", "hint")]
    assert hint["seen_by"] == {
        "everyone": "no", "members": "no", "gm": "yes", "player": "if", "warden": "if", "owner": "no", "group": None,
    }  # fmt: skip
    assert hint["besides"] == ["player if self.open", "revealed to warden"]
    (disclosure,) = audit["disclosures"]
    place = disclosure["rule"], disclosure["path"], disclosure["file"], disclosure["line"], disclosure["column"]
    assert place == ("try_code", "target.code", str(file), 35, 17)
    assert {"what": "target.open", "line": 32, "to": "everyone"} in disclosure["flows"]


def test_a_pack_with_mistakes_has_no_audit(tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(PACK.replace("discloses: [target.code]", ""))
    with pytest.raises(SystemExit) as ended:
        run_command(["check", str(file), "--audit"])
    assert ended.value.code == 1
    assert "undeclared_flow" in capsys.readouterr().out
