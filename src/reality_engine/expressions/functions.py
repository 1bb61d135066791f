"""The table of what packs may name in expressions: functions and variables, each with an example that a test runs."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Function:
    """A function, macro or special form. `gives` is what the example yields, as an expression."""

    name: str
    signature: str
    meaning: str
    example: str
    gives: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable, and where it stands for something."""

    name: str
    meaning: str
    example: str


FORM_FUNCTIONS: Final = (
    Function(
        "is_set",
        "is_set(path) → boolean",
        "whether a field, input or entity has a value",
        "is_set(target.plot)",
        "false",
    ),
    Function(
        "referring",
        "referring(path, 'kind.field') → list of records",
        "the live entities whose ref field holds this entity, by id, with their fields, id and owner",
        "referring(target, 'character.faction').map(c, c.name)",
        "['Mira', 'Tam']",
    ),
    Function(
        "find",
        "find('kind', 'unique_field', value) → entity",
        "the live entity with this value; a path must follow, and has no value where there is none",
        "find('faction', 'name', 'Knives').plan",
        "3",
    ),
)

LIST_FUNCTIONS: Final = (
    Function(
        "all", "list.all(x, condition) → boolean", "whether it holds for every element", "[1, 2].all(x, x > 0)", "true"
    ),
    Function(
        "exists", "list.exists(x, condition) → boolean", "whether it holds for any", "[1, 2].exists(x, x > 1)", "true"
    ),
    Function(
        "exists_one",
        "list.exists_one(x, condition) → boolean",
        "whether it holds for exactly one",
        "[1, 2].exists_one(x, x > 0)",
        "false",
    ),
    Function(
        "filter",
        "list.filter(x, condition) → list",
        "those for which it holds",
        "[1, 2, 3].filter(x, x != 2)",
        "[1, 3]",
    ),
    Function("map", "list.map(x, value) → list", "a value for each element", "[1, 2].map(x, x * 2)", "[2, 4]"),
    Function("has", "has(x.member) → boolean", "whether a record or map has a member", "has({'a': 1}.b)", "false"),
    Function("size", "size(x) → integer", "elements, entries or characters", "size('abc')", "3"),
    Function("sum", "sum(list) → integer or number", "the total", "sum([1, 2, 3])", "6"),
    Function(
        "join",
        "list.join(separator) → text",
        "the texts in one; no separator by default",
        "['a', 'b'].join('-')",
        "'a-b'",
    ),
)

TEXT_FUNCTIONS: Final = (
    Function(
        "contains", "text.contains(part) → boolean", "whether it holds the part", "'harbor'.contains('arb')", "true"
    ),
    Function(
        "startsWith", "text.startsWith(part) → boolean", "whether it starts so", "'harbor'.startsWith('h')", "true"
    ),
    Function("endsWith", "text.endsWith(part) → boolean", "whether it ends so", "'harbor'.endsWith('or')", "true"),
    Function(
        "matches",
        "text.matches(pattern) → boolean",
        "whether an RE2 pattern occurs in it",
        "'k7'.matches('^k[0-9]$')",
        "true",
    ),
    Function("lowerAscii", "text.lowerAscii() → text", "A to Z in lower case", "'Mira'.lowerAscii()", "'mira'"),
    Function("upperAscii", "text.upperAscii() → text", "a to z in upper case", "'Mira'.upperAscii()", "'MIRA'"),
    Function("trim", "text.trim() → text", "without white space at both ends", "' a '.trim()", "'a'"),
    Function(
        "indexOf", "text.indexOf(part) → integer", "where a part first stands, or -1", "'harbor'.indexOf('r')", "2"
    ),
    Function(
        "substring",
        "text.substring(from, to) → text",
        "from a character up to another, or to the end",
        "'harbor'.substring(0, 3)",
        "'har'",
    ),
    Function(
        "replace", "text.replace(old, new) → text", "with every old part made new", "'a-b'.replace('-', '+')", "'a+b'"
    ),
    Function(
        "split",
        "text.split(separator) → list of text",
        "the parts between separators",
        "'a,b'.split(',')",
        "['a', 'b']",
    ),
)

CONVERSIONS: Final = (
    Function("string", "string(x) → text", "a number, timestamp, duration or boolean as text", "string(3)", "'3'"),
    Function("int", "int(x) → integer", "a number cut down, a text read, a timestamp in seconds", "int(2.7)", "2"),
    Function("double", "double(x) → number", "an integer or text as a number", "double(3)", "3.0"),
    Function("bool", "bool(text) → boolean", "'true' or 'false' read", "bool('true')", "true"),
    Function(
        "timestamp",
        "timestamp(text) → timestamp",
        "RFC 3339 read, or seconds since 1970",
        "timestamp('2026-05-01T18:00:00Z')",
        "timestamp(1777658400)",
    ),
    Function(
        "duration",
        "duration(text) → duration",
        "hours, minutes, seconds read",
        "duration('1h30m')",
        "duration('5400s')",
    ),
    Function(
        "dyn", "dyn(x) → json", "the value with its type left open until it is evaluated", "dyn(1) == 1.0", "true"
    ),
)

_MOMENT: Final = "timestamp('2026-05-01T18:30:15.250Z')"


def _part(name: str, meaning: str, gives: str) -> Function:
    signature = f"timestamp.{name}(zone) → integer"
    return Function(
        name, signature, f"{meaning}; in UTC, or in a zone such as 'Europe/Lisbon'", f"{_MOMENT}.{name}()", gives
    )


TIME_FUNCTIONS: Final = (
    _part("getFullYear", "the year", "2026"),
    _part("getMonth", "the month, January being 0", "4"),
    _part("getDate", "the day of the month, from 1", "1"),
    _part("getDayOfMonth", "the day of the month, from 0", "0"),
    _part("getDayOfWeek", "the day of the week, Sunday being 0", "5"),
    _part("getDayOfYear", "the day of the year, from 0", "120"),
    _part("getHours", "the hour (of a duration: all its hours)", "18"),
    _part("getMinutes", "the minute (of a duration: all its minutes)", "30"),
    _part("getSeconds", "the second (of a duration: all its seconds)", "15"),
    _part("getMilliseconds", "the millisecond", "250"),
)

MATH_FUNCTIONS: Final = (
    Function(
        "math.greatest",
        "math.greatest(a, b, …) → number",
        "the greatest; also of a list",
        "math.greatest(1, 3, 2)",
        "3",
    ),
    Function("math.least", "math.least(a, b, …) → number", "the least; also of a list", "math.least(1, 3, 2)", "1"),
    Function("math.abs", "math.abs(x) → number", "without its sign", "math.abs(-2)", "2"),
    Function("math.sign", "math.sign(x) → number", "-1, 0 or 1", "math.sign(-2)", "-1"),
    Function("math.ceil", "math.ceil(number) → number", "rounded up", "math.ceil(1.2)", "2.0"),
    Function("math.floor", "math.floor(number) → number", "rounded down", "math.floor(1.8)", "1.0"),
    Function("math.round", "math.round(number) → number", "rounded, halves away from zero", "math.round(2.5)", "3.0"),
    Function("math.trunc", "math.trunc(number) → number", "rounded towards zero", "math.trunc(-1.8)", "-1.0"),
    Function("math.sqrt", "math.sqrt(number) → number", "the square root", "math.sqrt(9.0)", "3.0"),
)

FUNCTIONS: Final = (
    *FORM_FUNCTIONS,
    *LIST_FUNCTIONS,
    *TEXT_FUNCTIONS,
    *CONVERSIONS,
    *TIME_FUNCTIONS,
    *MATH_FUNCTIONS,
)

CALLABLE: Final = frozenset(function.name for function in FUNCTIONS)

VARIABLES: Final = (
    Variable("me", "who acts: id, name, roles, member, admin, kind", "'player' in me.roles"),
    Variable("world", "the world as an entity: its settings", "world.title"),
    Variable("actor", "the entity that acts, where the action names its kind", "actor.coin >= 2"),
    Variable("target", "the entity that is acted on, where the action names its kind", "target.plan"),
    Variable("input", "what the caller gave", "input.effort > 1"),
    Variable("rolls", "the totals of dice rolled before, by name", "rolls.attack >= 10"),
    Variable("now", "when the action is decided", "now - duration('1h') < now"),
    Variable("self", "the entity itself, in computed fields and invariants", "self.stress == 9"),
    Variable("entity", "what an event is about, in reactions", "entity.name"),
    Variable("event", "the event answered: type, by, data", "event.data.amount > 0"),
)
