"""Allow-list of the modules and names that a config may use without ``--allow-code``."""

from __future__ import annotations

# Packages whose own definitions are allowed, with the exceptions below.
PACKAGES = ("monai", "torch", "ignite", "torchvision", "cxrtk")

# Modules of these packages that run commands, load pickles, download, write files, or evaluate text.
REFUSED_MODULES = (
    "cxrtk.bundles", "cxrtk.cli", "cxrtk.discovery", "cxrtk.local", "cxrtk.registry", "cxrtk.testing",
    "monai._extensions", "monai.apps.auto3dseg", "monai.apps.mmars", "monai.apps.nnunet",
    "monai.apps.tcia", "monai.apps.utils", "monai.auto3dseg", "monai.bundle",
    "monai.data.torchscript_utils", "monai.fl", "monai.utils.decorators", "monai.utils.jupyter_utils",
    "monai.utils.module",
    "monai.utils.safeeval", "monai.utils.state_cacher",
    "torch._classes", "torch._dynamo", "torch._export", "torch._inductor", "torch._library", "torch._ops",
    "torch.classes", "torch.export", "torch.fx", "torch.hub", "torch.jit", "torch.library",
    "torch.multiprocessing", "torch.onnx", "torch.ops", "torch.package", "torch.serialization",
    "torch.storage", "torch.testing",
    "torchvision.datasets", "torchvision.io",
)  # fmt: skip
# Refused names in modules that are otherwise allowed.
REFUSED_NAMES = {
    "monai.networks.nets.flexible_unet.FlexUNetEncoderRegister",
    "monai.utils.misc.run_cmd", "monai.utils.misc.save_obj",
    "torch.from_file", "torch.import_ir_module", "torch.import_ir_module_from_buffer",
    "torch.PyTorchFileReader", "torch.PyTorchFileWriter", "torch.parse_ir", "torch.parse_schema",
}  # fmt: skip
# Allowed names in modules that are otherwise refused.
ALLOWED_NAMES = {
    "monai.utils.module.get_torch_version_tuple", "monai.utils.module.look_up_option",
    "monai.utils.module.version_leq",
    "torch.multiprocessing.set_sharing_strategy", "torch.multiprocessing.set_start_method",
}  # fmt: skip
# Allowed attributes of ``torch``, apart from its functions and types.
TORCH = (
    "amp", "autograd", "backends", "cpu", "cuda", "distributed", "distributions", "fft", "functional",
    "linalg", "mps", "multiprocessing", "nn", "optim", "profiler", "random", "special", "utils.checkpoint",
    "utils.data", "utils.tensorboard", "version", "xpu",
)  # fmt: skip
TORCH_REFUSED_IN = ("torch.utils.data.datapipes",)
TORCH_DISTRIBUTED = (
    "torch.distributed", "torch.distributed.constants", "torch.distributed.distributed_c10d",
    "torch.distributed.fsdp", "torch.distributed.optim",
)  # fmt: skip

# Allowed names of the standard library, by module. "*" allows all public names.
STANDARD: dict[str, set[str]] = {
    "collections": {"Counter", "OrderedDict", "defaultdict", "deque"},
    "copy": {"copy", "deepcopy"},
    "datetime": {"date", "datetime", "timedelta", "timezone"},
    "functools": {"partial", "reduce"},
    "glob": {"escape", "glob", "iglob"},
    "itertools": {"*"},
    "json": {"dumps", "load", "loads"},
    "logging": {
        "CRITICAL", "DEBUG", "ERROR", "INFO", "NOTSET", "WARNING", "disable", "getLogger",
    },
    "math": {"*"},
    "numbers": {"*"},
    "operator": {
        "add", "and_", "concat", "contains", "eq", "floordiv", "ge", "getitem", "gt", "itemgetter", "le",
        "lt", "mod", "mul", "ne", "neg", "not_", "or_", "pow", "sub", "truediv", "xor",
    },
    "os": {
        "cpu_count", "environ", "environ.get", "getcwd", "getenv", "getpid", "linesep", "listdir", "name",
        "path.abspath", "path.basename", "path.commonpath", "path.dirname", "path.exists", "path.expanduser",
        "path.expandvars", "path.getmtime", "path.getsize", "path.isabs", "path.isdir", "path.isfile",
        "path.islink", "path.join", "path.normpath", "path.realpath", "path.relpath", "path.sep",
        "path.split", "path.splitext", "sep",
    },
    "pathlib": {"Path", "PosixPath", "PurePath", "PurePosixPath", "PureWindowsPath"},
    "random": {"choice", "randint", "random", "sample", "seed", "shuffle", "uniform"},
    "re": {
        "I", "IGNORECASE", "M", "MULTILINE", "compile", "escape", "findall", "fullmatch", "match", "search",
        "split", "sub",
    },
    "statistics": {"fmean", "mean", "median", "stdev"},
    "string": {"ascii_letters", "ascii_lowercase", "ascii_uppercase", "digits"},
    "sys": {
        "argv", "byteorder", "executable", "maxsize", "platform", "stderr.isatty", "stdin.isatty",
        "stdout.isatty", "version", "version_info",
    },
    "time": {"monotonic", "perf_counter", "strftime", "time"},
    "warnings": {"filterwarnings", "simplefilter", "warn"},
}  # fmt: skip
# Names of the standard library whose attributes are allowed: classes and plain values.
OPEN = {"Path", "PosixPath", "PurePath", "PurePosixPath", "PureWindowsPath", "argv", "date", "datetime",
        "timedelta", "timezone", "version_info", "version", "OrderedDict"}  # fmt: skip

NUMPY_FUNCTIONS = ("array", "copy", "select", "trace")  # named like modules of the standard library
NUMPY_PACKAGES = ("fft", "linalg", "random")
NUMPY_REFUSED = {
    "DataSource", "ctypeslib", "distutils", "f2py", "fromfile", "fromregex", "genfromtxt", "get_include",
    "info", "lib", "load", "loadtxt", "memmap", "rec", "save", "savetxt", "savez", "savez_compressed",
    "show_config",
    "test", "testing", "core", "compat", "ma", "char", "polynomial", "matlib", "source", "vectorize",
    "frompyfunc", "apply_along_axis", "apply_over_axes",
}  # fmt: skip

BUILTINS = {
    "abs", "all", "any", "bin", "bool", "bytes", "callable", "chr", "complex", "dict", "divmod", "enumerate",
    "filter", "float", "frozenset", "getattr", "hasattr", "hash", "hex", "int", "isinstance", "issubclass",
    "iter", "len", "list", "map", "max", "min", "next", "oct", "ord", "pow", "print", "range", "repr",
    "reversed", "round", "set", "setattr", "slice", "sorted", "str", "sum", "tuple", "type", "zip",
    "ArithmeticError", "Exception", "KeyError", "RuntimeError", "TypeError", "ValueError",
}  # fmt: skip
BUILTIN_TARGETS = {
    "bool", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "range", "set", "slice", "str",
    "tuple",
}  # fmt: skip
# Dunder attributes that only return a name.
PLAIN_DUNDERS = {"__doc__", "__len__", "__name__", "__qualname__", "__version__"}
# Attributes of any object that write files, start processes, load code, or expose frames and modules.
REFUSED_ATTRIBUTES = {
    "Popen", "ag_frame", "builtins", "call_tracing", "check_call", "check_output", "chmod", "cr_frame",
    "ctypes", "dump", "exec", "exec_module", "execfile", "execl", "execv", "execve", "f_back",
    "f_builtins", "f_code", "f_globals", "f_locals", "find_module", "find_spec", "fork", "format_map",
    "func_globals", "getoutput", "getstatusoutput", "gi_code", "gi_frame", "hardlink_to", "import_module",
    "importlib", "inspect", "kill", "lchmod", "link_to", "load_library", "load_module", "loader",
    "marshal", "mkdir", "mro", "open", "os", "pickle", "pkgutil", "popen", "posix", "posix_spawn",
    "pydoc", "rename", "rmdir", "rmtree", "runpy", "save", "shutil", "socket", "spawn", "spawnl", "spawnv",
    "startfile", "subprocess", "symlink_to", "sys", "system", "tb_frame", "tb_next", "to_file", "tofile",
    "touch", "unlink", "urlopen", "write", "write_bytes", "write_text", "writelines",
}  # fmt: skip
