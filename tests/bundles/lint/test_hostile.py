"""Configs that would run a stranger's code: each gets a security issue, and none runs its payload."""

import json
import logging.config
import pickle
import warnings
from pathlib import Path

import pytest

from cxrtk.bundles.lint import lint
from tests.bundles.lint.logging_text import TEXT

# Name -> config; {marker} is the file that the payload makes. What is under "x" is what MONAI would make.
CONFIGS = {
    "target_os_system": {"x": {"_target_": "os.system", "command": "touch {marker}"}},
    "target_builtin": {"x": {"_target_": "eval", "__source": "1"}},
    "target_subprocess": {"x": {"_target_": "subprocess.run", "args": ["touch", "{marker}"]}},
    "target_through_monai": {
        "x": {"_target_": "monai.bundle.scripts.os.system", "command": "touch {marker}"}
    },
    "target_through_torch": {"x": {"_target_": "torch.os.system", "command": "touch {marker}"}},
    "target_runs_commands": {
        "x": {"_target_": "monai.utils.misc.run_cmd", "cmd_list": ["touch", "{marker}"]}
    },
    "target_path_write": {
        "x": {"_target_": "pathlib.Path.write_text", "self": "$pathlib.Path('{marker}')", "data": ""},
        "imports": ["$import pathlib"],
    },
    "target_expression": {"x": {"_target_": "$__import__('os').system", "command": "touch {marker}"}},
    "target_callable_mode": {
        "f": {"_target_": "os.system", "_mode_": "callable"},
        "x": "$@f('touch {marker}')",
    },
    "target_registry_of_modules": {
        "m": {"_target_": "monai.bundle.scripts"},
        "x": "$@m.os.mknod('{marker}')",
    },
    "import_inside": {"x": "$__import__('os').system('touch {marker}')"},
    "imports_os": {"imports": ["$import os"], "x": "$os.system('touch {marker}')"},
    "imports_shutil_from": {
        "imports": ["$from subprocess import call"],
        "x": "$call(['touch', '{marker}'])",
    },
    "imports_in_a_component": {
        "x": {"_target_": "Identity", "_desc_": "$import subprocess"},
        "y": "$subprocess.run(['touch', '{marker}'])",
    },
    "module_by_reference": {"m": ["$import os"], "x": "$@m#0.system('touch {marker}')"},
    "module_in_a_list": {"x": "$[monai][0].bundle.scripts.os.system('touch {marker}')"},
    "module_by_argument": {"x": "$(lambda m: m.os.system('touch {marker}'))(monai.bundle.scripts)"},
    "pathlib_touch": {"imports": ["$import pathlib"], "x": "$pathlib.Path('{marker}').touch()"},
    "pathlib_write": {"imports": ["$import pathlib"], "x": "$pathlib.Path('{marker}').write_text('x')"},
    "pathlib_rename": {
        "imports": ["$import pathlib"],
        "x": "$pathlib.Path('{victim}').replace('{marker}')",
    },
    "open_for_writing": {"x": "$open('{marker}', 'w').close()"},
    "eval_in_expression": {"x": "$eval('__imp' + 'ort__(\"os\").system(\"touch {marker}\")')"},
    "subclasses": {
        "x": "$[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == '_wrap_close'][0]"
        ".__init__.__globals__['system']('touch {marker}')"
    },
    "generator_frame": {
        "x": "$(i for i in [1]).gi_frame.f_builtins['eval']('__import__(\"os\").system(\"touch {marker}\")')"
    },
    "getattr_spelled_out": {"x": "$getattr(getattr(torch, 'os'), 'system')('touch {marker}')"},
    "getattr_put_together": {"x": "$getattr(torch, 'o' + 's').system('touch {marker}')"},
    "optional_import": {"x": "$monai.utils.optional_import('os')[0].system('touch {marker}')"},
    "torch_load": {"x": "$torch.load('{pickle}', weights_only=False)"},
    "torch_load_by_target": {"x": {"_target_": "torch.load", "f": "{pickle}", "weights_only": False}},
    "torch_load_by_partial": {
        "imports": ["$import functools"],
        "x": "$functools.partial(torch.load, '{pickle}')(weights_only=False)",
    },
    "numpy_pickle": {"x": "$np.load('{pickle}', allow_pickle=True)"},
    "import_of_a_main_module": {"x": "$import numpy.f2py.__main__"},
    "requires": {"x": {"_target_": "Identity", "_requires_": "$__import__('os').system('touch {marker}')"}},
    "disabled": {"x": {"_target_": "Identity", "_disabled_": "$__import__('os').system('touch {marker}')"}},
    "deep_inside": {"x": [{"a": [{"_target_": "Identity", "b": ["$__import__('os').mknod('{marker}')"]}]}]},
    "assignment_by_loop": {
        "x": "$[torch.compile for torch.compile in [__import__('os').mknod('{marker}')]]",
    },
    "reader_by_name": {"x": {"_target_": "LoadImage", "reader": "os.system", "command": "touch {marker}"}},
    "reader_by_reference": {
        "r": "os.system",
        "x": {"_target_": "LoadImaged", "keys": "a", "reader": ["@r"], "command": "touch {marker}"},
    },
    "reader_put_together": {
        "x": {"_target_": "LoadImage", "reader": "$'o' + 's.system'", "command": "touch {marker}"},
    },
    "reader_in_expression": {"x": "$monai.transforms.LoadImage('os.system', command='touch {marker}')"},
    "reader_by_partial": {
        "f": {"_target_": "LoadImage", "_mode_": "callable"},
        "x": "$@f(*['os.system'], command='touch {marker}')",
    },
    "writer_by_name": {
        "x": {"_target_": "SaveImage", "writer": "os.system", "output_dir": "{marker}", "print_log": False},
    },
    "debugger": {"x": {"_target_": "Identity", "_mode_": "debug"}},
}
# These stop for input, or need more than this to do anything.
NOT_LIVE = {"debugger", "import_of_a_main_module", "target_builtin", "writer_by_name"}


class Payload:
    """Pickled, it makes a file when it is loaded."""

    def __init__(self, marker: str) -> None:
        self.marker = marker

    def __reduce__(self):
        return Path.touch, (Path(self.marker),)


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """The file that must not come to be."""
    (tmp_path / "victim").write_text("x")
    (tmp_path / "pickle").write_bytes(pickle.dumps(Payload(str(tmp_path / "marker")), protocol=2))
    return tmp_path / "marker"


def write(folder: Path, config: object, name: str = "hostile.json") -> Path:
    """A config with the paths of this test put in."""
    text = json.dumps(config)
    for word in ("marker", "victim", "pickle"):
        text = text.replace("{" + word + "}", str(folder / word))
    path = folder / name
    path.write_text(text)
    return path


def security(issues) -> list[str]:
    return [str(issue) for issue in issues if issue.kind == "security"]


@pytest.mark.parametrize("name", CONFIGS)
def test_refused_and_not_run(name, tmp_path, marker):
    """Each is a security issue with a line, and its payload has not run."""
    config = {**CONFIGS[name], "run": ["$@x"]}
    issues = lint([write(tmp_path, config)])
    assert security(issues)
    assert all(issue.line and issue.id and issue.cure for issue in issues)
    assert not marker.exists()


@pytest.mark.parametrize("name", sorted(CONFIGS.keys() - {"reader_by_reference"}))
def test_refused_where_nothing_refers_to_it(name, tmp_path, marker):
    """What a run would not reach today is refused all the same (one needs its reference to be hostile)."""
    config = {"_unused": CONFIGS[name], "run": ["$print(1)"]}
    assert security(lint([write(tmp_path, config)]))
    assert not marker.exists()


@pytest.mark.parametrize("name", sorted(CONFIGS.keys() - NOT_LIVE))
def test_the_payloads_are_real(name, tmp_path, marker):
    """MONAI, given the same config, makes the marker: the corpus tests something."""
    import torch
    from monai.bundle import ConfigParser

    compiled = torch.compile
    parser = ConfigParser(ConfigParser.load_config_file(write(tmp_path, CONFIGS[name])))
    try:
        warnings.simplefilter("ignore")  # MONAI's own, of a target that is a module
        for id in sorted(parser.get().keys() - {"_meta_"}):
            parser.get_parsed_content(id)
    except Exception:  # noqa: BLE001 - some fail after the deed
        pass
    finally:
        torch.compile = compiled
    assert marker.exists()


def test_override(tmp_path, marker):
    """A payload in an override is refused, and the message says that it is on the command line."""
    config = write(tmp_path, {"x": 1, "run": ["$@x"]})
    issues = lint([config], {"x": f"$__import__('os').system('touch {marker}')"})
    assert security(issues) and all(str(each).startswith("--set: x: ") for each in issues)
    assert not marker.exists()


def test_other_file(tmp_path, marker):
    """A payload in a file that a macro names is refused there, with that file's name."""
    other = write(tmp_path, {"a": {"b": CONFIGS["target_os_system"]["x"]}}, "other.json")
    config = write(tmp_path, {"x": f"%{other}#a", "run": ["$@x"]})
    assert any(line.startswith(f"{other}:1: x#b: ") for line in security(lint([config])))
    assert not marker.exists()


def test_metadata(tmp_path, marker):
    """MONAI makes what is in metadata.json beside the config; so that is looked at too."""
    write(tmp_path, {"version": "1", "x": CONFIGS["import_inside"]["x"]}, "metadata.json")
    config = write(tmp_path, {"run": ["$print(1)"]})
    assert "_meta_#x" in security(lint([config]))[0]
    assert not marker.exists()


@pytest.mark.parametrize(
    "text",
    [
        "x: !!python/object/apply:os.system ['touch {marker}']",
        "x: !!python/name:os.system",
        "x: [!!python/object/new:os.system ['touch {marker}']]",
        "x: !<tag:yaml.org,2002:python/module:os> ''",
    ],
)
def test_yaml_tag(text, tmp_path, marker):
    """A YAML tag that builds an object is refused with its line."""
    config = tmp_path / "hostile.yaml"
    config.write_text("run: [$@x]\n" + text.replace("{marker}", str(marker)))
    lines = security(lint([config]))
    assert lines and lines[0].startswith(f"{config}:2: x")
    assert not marker.exists()


def logging_text(handler: str, args: str, formatter: str) -> str:
    """A ``logging.conf`` with this handler and this class of a formatter."""
    return TEXT.format(
        handler=f"class={handler}\nargs={args}", formatter=f"class={formatter}", head="", level="INFO"
    )


@pytest.mark.parametrize(
    ("handler", "args", "formatter", "key"),
    [
        (
            "StreamHandler",
            "(__import__('os').system('touch {marker}'),)",
            "logging.Formatter",
            "handler_h#args",
        ),
        ("__import__('os').mknod('{marker}')", "()", "logging.Formatter", "handler_h#class"),
        ("handlers.SocketHandler", "('example.org', 1)", "logging.Formatter", "handler_h#class"),
        ("StreamHandler", "(sys.stdout,)", "evil.Formatter", "formatter_f#class"),
        ("StreamHandler", "(sys.modules,)", "logging.Formatter", "handler_h#args"),
    ],
)
def test_logging_conf(handler, args, formatter, key, tmp_path, marker):
    """Code in logging.conf beside the config is refused with its line."""
    text = logging_text(handler, args, formatter)
    (tmp_path / "logging.conf").write_text(text.replace("{marker}", str(marker)))
    config = write(tmp_path, {"run": ["$print(1)"]})
    (line,) = security(lint([config]))
    assert f" {key}: " in line and line.startswith(f"{tmp_path / 'logging.conf'}:")
    assert not marker.exists()


def test_pythons_own_logging_would_run_it(tmp_path, marker):
    """The payload in logging.conf is real."""
    text = logging_text("StreamHandler", f"(__import__('os').mknod('{marker}'),)", "logging.Formatter")
    (tmp_path / "logging.conf").write_text(text)
    logger = logging.getLogger()
    handlers, level = logger.handlers[:], logger.level
    try:
        logging.config.fileConfig(tmp_path / "logging.conf", disable_existing_loggers=False)
    finally:
        logger.handlers[:], logger.level = handlers, level
    assert marker.exists()


@pytest.mark.parametrize(
    ("name", "refused"),
    [("ignite.py", True), ("glob.py", True), ("yaml/__init__.py", True), ("my_own_net.py", False)],
)
def test_module_beside_the_config(name, refused, tmp_path):
    """A module beside the config that takes an installed one's place is refused; any other is not."""
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("")
    issues = lint([write(tmp_path, {"run": ["$print(1)"]})])
    assert [(issue.file, issue.kind) for issue in issues] == [(str(file), "security")] * refused


def test_own_code(tmp_path, marker):
    """Code that the bundle brings along wants --allow-code; its arguments are checked even so."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "net.py").write_text(f"open({str(marker)!r}, 'w')\ndef net(width): ...\n")
    config = write(tmp_path, {"x": {"_target_": "scripts.net.net", "widht": 1}, "run": ["$@x"]})
    assert "the bundle's own code" in security(lint([config]))[0]
    rest = [str(issue) for issue in lint([config], allow_code=True)]
    assert any("did you mean 'width'?" in line for line in rest)
    assert not marker.exists()


def test_allow_code(tmp_path):
    """--allow-code leaves out security issues, and no others."""
    config = write(tmp_path, {**CONFIGS["imports_os"], "run": ["$@x", "$@y"]})
    assert {issue.kind for issue in lint([config])} == {"error", "security"}
    assert {issue.kind for issue in lint([config], allow_code=True)} == {"error"}


def test_a_config_cannot_forge_lines(tmp_path):
    """Line breaks and terminal codes in a config come out escaped."""
    config = write(tmp_path, {"run": ["$print(1)"], "a\nx.json:1: ok\x1b[2J": 1})
    (issue,) = lint([config])
    assert "\n" not in str(issue) and "\x1b" not in str(issue)


def test_torch_load_that_is_harmless(tmp_path):
    """With weights_only, torch.load is let through, as a target and in an expression."""
    target = {"_target_": "torch.load", "f": "a.pt", "weights_only": True}
    config = {"x": target, "y": "$torch.load('a.pt', weights_only=True)", "run": ["$print(@x, @y)"]}
    assert lint([write(tmp_path, config)]) == []
