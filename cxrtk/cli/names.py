"""Other spellings of options: each verb has one name for one thing, and takes what people type for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

# Verb -> other spelling -> name. Underscores in place of hyphens are taken everywhere.
ALIASES: Mapping[str, Mapping[str, str]] = {
    "bench": {"--device": "--devices"},
    "check": {"--num-workers": "--workers", "--split-file": "--splits"},
    "evaluate": {"--models": "--model", "--datasets": "--dataset-dir"},
    "masks": {"--input": "--dataset-dir", "-i": "--dataset-dir"},
}
INPUT, OUTPUT = ("-i", "--input"), ("-o", "--output")
# Verbs whose input or output is an argument without a name, and takes the option as well.
UNNAMED: Mapping[str, Collection[str]] = {
    "convert": (*INPUT, *OUTPUT),
    "inspect": INPUT,
    "phantom": OUTPUT,
    "merge": OUTPUT,
}


def respelled(verb: str, words: Sequence[str], known: Collection[str]) -> list[str]:
    """Spell the options of a command line as the verb declares them; other words stay as they are.

    Args:
        verb: Name of the verb.
        words: Words after the verb.
        known: Declared options, as ``--dataset-dir`` and ``-o``.

    >>> respelled("check", ["--dataset_dir", "A", "--num_workers=2"], {"--dataset-dir", "--workers"})
    ['--dataset-dir', 'A', '--workers=2']
    >>> respelled("convert", ["-o", "b.png", "-i", "a.dcm", "-q"], {"-q"})
    ['a.dcm', '-q', 'b.png']
    """
    inputs: list[str] = []
    outputs: list[str] = []
    rest: list[str] = []
    left = iter(words)
    for word in left:
        if word == "--":  # what follows are no options
            rest += [word, *left]
            break
        given, equals, value = word.partition("=")
        name = _declared(verb, given, known)
        if name in UNNAMED.get(verb, ()) and name not in known:
            place = inputs if name in INPUT else outputs
            place.append(value if equals else next(left, ""))
        else:
            rest.append(name + equals + value)
    return [*inputs, *rest, *outputs]


def _declared(verb: str, name: str, known: Collection[str]) -> str:
    """Return the declared name of an option, or the given one if there is none."""
    if name in known or not name.startswith("-"):
        return name
    hyphened = f"--{name[2:].replace('_', '-')}" if name.startswith("--") else name
    chosen = ALIASES.get(verb, {}).get(hyphened, hyphened)
    return chosen if chosen in known else name
