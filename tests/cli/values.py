"""Values that cannot be meant, of each option and argument of each verb; see test_values.py.

All paths are below the folder that the test makes.
"""

from collections.abc import Mapping, Sequence

LONGEST = 500  # characters of the one line
SECONDS = 20  # in which a value must be refused, on a machine that is busy

WHOLE = ("0", "-1", "1.5", "nan", "1e99", "many", "")  # of a number from 1 on
FROM_ZERO = ("-1", "1.5", "nan", "1e99", "")  # of a number from 0 on
SEED = (*FROM_ZERO, str(2**32))
SHARE = ("nan", "inf", "-inf", "-1", "2", "1e99", "half", "")  # of a number between 0 and 1
NAME = ("no_such_thing", "")
DEVICE = ("mps", "gpu", "cuda:99", "cpu:7", "meta", "-1", "")
IMAGES = ("nowhere", "@nowhere.txt", "@empty.txt", "@empty", "empty", "")
SET = ("", "a", "=1", "a=1", "a#b=1", "reader#no_such=1", "reader#=1")
OUTPUT_FOLDER = ("text.txt", "text.txt/out", "images", "")
NEW_FILE = ("text.txt", "a.gif", "empty", "")
MODEL = ("nowhere", "empty", "text.txt", "broken.safetensors", "no.safetensors", "")

Words = Mapping[str, Sequence[str]]

PASS: Words = {"output": ["-o", "out"], "quiet": ["-q"]}
IMAGE: Words = {"inputs": ["-i", "images"]}
SET_OF: Words = {"dataset_dir": ["--dataset_dir", "set"], "reader": ["--reader", "nih_png"], "quiet": ["-q"]}

# What each verb is given besides the value in question: parameter -> words.
BASE: Mapping[str, Words] = {
    "plugins": {},
    "new": {"kind": ["masks"], "name": ["mine"], "folder": ["--folder", "out"]},
    "check": {**SET_OF, "output": ["-o", "out"]},
    "masks": {
        **PASS, "dataset_dir": ["--dataset_dir", "images"], "generator": ["--generator", "mean_threshold"],
    },
    "bundles": {},
    "inspect": {"file": ["images/a.png"]},
    "convert": {"source": ["dicom"], "target": ["out"], "quiet": ["-q"]},
    "assemble": {
        "reader": ["--reader", "nih_png"], "masks": ["--masks", "mean_threshold"],
        "network": ["--network", "basic_unet"], "metrics": ["--metrics", "dice"],
        "output": ["-o", "out.json"],
    },
    "lint": {"bundle": ["unet_cxr"]},
    "train": {"bundle": ["unet_cxr"]},
    "runs": {},
    "calibrate": {"runs": ["RUN"], "output": ["-o", "out.safetensors"]},
    "segment": {**PASS, **IMAGE, "model": ["--model", "model.safetensors"]},
    "apply": {**PASS, **IMAGE, "step": ["convert"]},
    "export": {"model": ["model.safetensors"], "output": ["-o", "out.safetensors"]},
    "models": {},
    "merge": {"output": ["segmented"], "quiet": ["-q"]},
    "phantom": {"output": ["out"], "count": ["--count", "2"], "size": ["--size", "64"]},
    "report": {"folder": ["segmented"], "output": ["-o", "out.html"], "quiet": ["-q"]},
    "evaluate": {**SET_OF, "output": ["-o", "out"], "masks": ["--masks", "mean_threshold"]},
    "explain": {**PASS, **IMAGE, "model": ["--model", "model.safetensors"]},
    "bench": {
        "devices": ["-d", "cpu"], "seconds": ["--seconds", "0.01"], "image_size": ["--image-size", "32"],
        "batch_size": ["--batch-size", "1"], "quiet": ["-q"],
    },
    "findings": {**PASS, **IMAGE, "model": ["--model", "findings.safetensors"]},
    "weights": {"checkpoint": ["a.pt"], "output": ["-o", "out.safetensors"]},
    "watch": {
        "state": ["--state", "out"], "source": ["-i", "dicom"], "store": ["--store", "stored"],
        "model": ["--model", "model.safetensors"], "quiet_for": ["--quiet-for", "0"], "once": ["--once"],
    },
    "doctor": {},
}  # fmt: skip
MODEL_EVALUATED: Words = {"masks": [], "model": ["--model", "model.safetensors"]}
# What an option needs besides.
EXTRA: Mapping[tuple[str, str], Words] = {
    ("evaluate", "model"): MODEL_EVALUATED,
    ("evaluate", "lungs"): MODEL_EVALUATED,
    ("evaluate", "threshold"): MODEL_EVALUATED,
    ("evaluate", "device"): MODEL_EVALUATED,
    ("evaluate", "backend"): MODEL_EVALUATED,
    ("evaluate", "precision"): MODEL_EVALUATED,
    ("export", "bundle"): {"output": []},
    ("export", "evaluation"): {"output": [], "bundle": ["--bundle", "out"]},
    ("evaluate", "folds"): {"masks": []},
    ("evaluate", "predictions"): {"masks": []},
    ("evaluate", "classes"): {"masks": [], "predictions": ["--predictions", "set/masks"]},
    ("train", "resume_from"): {"bundle": []},
    ("segment", "credentials"): {"store": ["--store", "https://localhost:9/dicom-web"]},
    ("segment", "ca_file"): {"store": ["--store", "https://localhost:9/dicom-web"]},
    ("convert", "source"): {"target": ["out.png"]},
    ("explain", "images"): {"sanity": ["--sanity"]},
    ("explain", "draws"): {"sanity": ["--sanity"]},
    ("explain", "seed"): {"sanity": ["--sanity"]},
}

LISTENING: Words = {"source": [], "once": [], "listen": ["--listen", "65535"]}
EXTRA = {
    **EXTRA,
    **{("watch", name): LISTENING for name in ("bind", "aet", "peers")},
    ("watch", "listen"): {"source": [], "once": []},
}

_OF_A_PASS: Mapping[str, Sequence[str]] = {
    "reader": NAME,
    "settings": SET,
    "modality": ("", "x-ray", "cr"),
    "workers": (*WHOLE, "100000"),
    "num_parts": (*WHOLE, "100000000"),
    "part_id": (*FROM_ZERO, "1"),
    "on_error": ("retry", "Skip", ""),
    "runner": ("threads", ""),
    "processes": (*WHOLE, "2", "100000"),  # 2 needs another runner
    "address": ("nowhere", ""),  # likewise
}
_VERBS_OF_A_PASS = ("masks", "convert", "segment", "apply", "explain", "findings", "evaluate")
BAD: Mapping[tuple[str, str], Sequence[str]] = {
    **{
        (verb, name): values
        for verb in _VERBS_OF_A_PASS
        for name, values in _OF_A_PASS.items()
        if verb not in ("convert", "evaluate") or name not in ("reader", "settings", "modality")
        if (verb, name) != ("evaluate", "modality")
    },
    **{(verb, "inputs"): IMAGES for verb in ("segment", "apply", "explain", "findings")},
    **{(verb, "output"): OUTPUT_FOLDER for verb in ("masks", "segment", "apply", "explain", "findings")},
    **{(verb, "model"): MODEL for verb in ("segment", "watch", "explain", "findings", "export", "evaluate")},
    **{
        (verb, "device"): DEVICE for verb in ("segment", "watch", "explain", "findings", "evaluate", "report")
    },
    **{(verb, "batch_size"): (*WHOLE, "100000000") for verb in ("segment", "apply", "findings", "bench")},
    **{(verb, "seed"): SEED for verb in ("check", "calibrate", "phantom", "evaluate", "explain", "findings")},
    ("convert", "modality"): ("", "x-ray", "cr"),
    ("check", "output"): ("text.txt", "text.txt/out", "set", "set/out", ""),
    ("merge", "output"): ("nowhere", "text.txt", "empty", ""),
    ("plugins", "kind"): ("nets", "masks,readers", ""),
    ("new", "kind"): ("nets", ""),
    ("new", "name"): ("My-net", "class", ""),
    ("new", "folder"): ("text.txt", "text.txt/sub", ""),
    ("check", "dataset_dir"): ("nowhere", "text.txt", "empty", ""),
    ("check", "reader"): NAME,
    ("check", "settings"): SET,
    ("check", "split_file"): ("nowhere", "empty", "text.txt", ""),
    ("check", "workers"): (*WHOLE, "100000"),
    ("check", "timeout"): ("0", "-1", "nan", "inf", "1e99", "long", ""),
    ("check", "columns"): ("no_such_column", ""),
    ("check", "accept"): NAME,
    ("masks", "dataset_dir"): ("nowhere", "empty", ""),
    ("masks", "generator"): NAME,
    ("bundles", "name"): NAME,
    ("inspect", "file"): ("nowhere", "empty", "text.txt", "empty.txt", ""),
    ("inspect", "output"): ("a.gif", "images/a.png", "empty", "text.txt/a.png", ""),
    ("inspect", "reader"): ("jpg", "dicom", ""),
    ("inspect", "voi"): NAME,
    ("convert", "source"): ("nowhere", "empty", "images", ""),
    ("convert", "target"): ("text.txt", "dicom", ""),
    ("convert", "bits"): ("0", "-1", "12", "many", "1e99", ""),
    ("convert", "voi"): NAME,
    ("convert", "form"): ("jpg", ""),
    ("convert", "refuse"): NAME,
    ("assemble", "reader"): NAME,
    ("assemble", "masks"): NAME,
    ("assemble", "network"): NAME,
    ("assemble", "metrics"): (*NAME, ",", "dice,,iou", "dice,nothing"),
    ("assemble", "output"): (*NEW_FILE, "text.txt/a.json"),
    ("assemble", "settings"): ("", "max_epochs", "=1", "no_such_id=1"),
    ("lint", "bundle"): ("nowhere", "text.txt", "empty", ""),
    ("lint", "settings"): ("", "max_epochs", "=1"),
    ("train", "bundle"): ("nowhere", "text.txt", "empty", ""),
    ("train", "settings"): ("", "max_epochs", "=1", "no_such_id=1"),
    ("train", "resume_from"): ("nowhere", "empty", "text.txt", ""),
    ("runs", "folders"): ("nowhere", "text.txt", ""),
    ("train", "folds"): ("0", "1", *WHOLE[1:]),
    ("calibrate", "runs"): ("nowhere", "empty", "text.txt", ""),
    ("calibrate", "output"): NEW_FILE,
    ("calibrate", "dataset_dir"): ("nowhere", "text.txt", "empty", ""),
    ("watch", "state"): ("text.txt", "text.txt/out", "dicom", "images", ""),
    ("watch", "source"): ("nowhere", "text.txt", "https://h/studies/1", "https://joe:x@h", ""),
    ("watch", "store"): ("dicom/out", "dicom://h", "https://h/studies/1", "ftp://h", "text.txt", ""),
    ("watch", "listen"): ("0", "-1", "65536", "1.5", "many", ""),
    ("watch", "aet"): ("", "A" * 17, "a\\b"),
    ("watch", "bind"): ("host", ""),
    ("watch", "peers"): ("", "@10.0.0.1", "XRAY@host"),
    ("watch", "quiet_for"): ("-1", "nan", "inf", "1e99", "long", ""),
    ("watch", "every"): ("0", "-1", "nan", "inf", "1e99", "long", ""),
    ("watch", "days"): (*FROM_ZERO, "100000"),
    ("watch", "attempts"): (*WHOLE, "1000000"),
    ("watch", "modality"): ("", "x-ray", "cr"),
    ("watch", "backend"): ("tensorflow", ""),
    ("watch", "precision"): ("int8", "64", ""),
    ("watch", "credentials"): ("nowhere", "empty", "text.txt", ""),
    ("watch", "ca_file"): ("nowhere", "empty", ""),
    ("segment", "store"): ("folder", "https://joe:x@h", "https://h/studies/1", "ftp://h", "http://", ""),
    ("segment", "credentials"): ("nowhere", "empty", "text.txt", ""),
    ("segment", "ca_file"): ("nowhere", "empty", ""),
    ("segment", "formats"): ("", ",", "png,", "png,gif", "png;json"),
    ("segment", "threshold"): ("0", "1", *SHARE),
    ("segment", "convention"): (*NAME, "included"),
    ("apply", "step"): NAME,
    ("export", "output"): (*NEW_FILE, "text.txt/a.safetensors"),
    ("export", "format_"): ("onnx", "monai", ""),
    ("models", "name"): NAME,
    ("phantom", "output"): ("images", "text.txt", "text.txt/sub", ""),
    ("phantom", "count"): (*WHOLE, "1000000000"),
    ("phantom", "size"): (*WHOLE, "8", "1000000"),
    ("phantom", "inverted"): SHARE,
    ("report", "folder"): ("nowhere", "text.txt", "empty", "images", ""),
    ("report", "output"): ("empty", "text.txt/a.html", ""),
    ("report", "images"): ("nowhere", ""),
    ("report", "compare"): ("nowhere", "text.txt", "empty", ""),
    ("report", "formats"): ("pdf", ",", "html,pdf", ""),
    ("report", "figures"): ("text.txt", ""),
    ("report", "most"): WHOLE,
    ("report", "reader"): NAME,
    ("report", "workers"): (*WHOLE, "100000"),
    ("evaluate", "output"): ("text.txt", "text.txt/out", "set", ""),
    ("evaluate", "folds"): ("nowhere", ",", "empty", ""),
    ("evaluate", "predictions"): ("nowhere", "text.txt", "empty", ""),
    ("evaluate", "masks"): NAME,
    ("evaluate", "dataset_dir"): ("nowhere", "text.txt", ",", "empty", ""),
    ("evaluate", "reader"): NAME,
    ("evaluate", "truth"): NAME,
    ("evaluate", "split"): ("tests", ""),
    ("evaluate", "splits"): ("nowhere", "text.txt", "empty", ""),
    ("evaluate", "metrics"): ("no_such_thing", ",", "dice,,iou", "dice,nothing", ""),
    ("evaluate", "by"): ("no_such_column", ",", ""),
    ("evaluate", "compare"): ("nowhere", "text.txt", "empty", ""),
    ("evaluate", "lungs"): ("spleen", ",", ""),
    ("evaluate", "threshold"): ("0", "1", *SHARE),
    ("evaluate", "classes"): ("lungs", "0", "256", "-1", "1,,2", ",", ""),
    ("evaluate", "settings"): ("", "a", "=1", "nothing#a=1", "reader#no_such=1", "dice#no_such=1"),
    ("evaluate", "rows"): FROM_ZERO,
    ("explain", "method"): ("lime", ""),
    ("explain", "layer"): NAME,
    ("explain", "classes"): ("spleen", ",", "lungs,,", ""),
    ("explain", "images"): WHOLE,
    ("explain", "draws"): WHOLE,
    ("bench", "network"): NAME,
    ("bench", "model"): MODEL[:-1],  # empty: no model
    ("check", "model"): MODEL[:-1],
    **{(verb, "backend"): ("tensorflow", "") for verb in ("segment", "evaluate")},
    **{(verb, "precision"): ("int8", "64", "") for verb in ("segment", "evaluate")},
    ("export", "bundle"): ("text.txt", "text.txt/out", "images", ""),
    ("export", "evaluation"): ("nowhere", "empty", "text.txt", ""),
    ("bench", "devices"): (*DEVICE, ","),
    ("bench", "seconds"): ("0", "-1", "nan", "inf", "1e99", "long", ""),
    ("bench", "image_size"): (*WHOLE, "1000000"),
    ("bench", "workers"): (*FROM_ZERO, "100000"),
    ("findings", "boxes"): ("nowhere", "text.txt", "empty", ""),
    ("findings", "tolerance"): ("-1", "nan", "inf", "1e99", "wide", ""),
    ("findings", "pictures"): FROM_ZERO,
    ("findings", "split"): ("tests", ""),
    ("weights", "checkpoint"): ("nowhere", "empty", "text.txt", ""),
    ("weights", "output"): (*NEW_FILE, "text.txt/a.safetensors"),
}
FREE: Mapping[tuple[str, str], str] = {
    ("calibrate", "name"): "a name that outputs show",
    ("export", "name"): "a name that outputs show",
    ("report", "title"): "a title that the page shows",
}
DAMAGED = 5  # a file of weights
CODES: Mapping[tuple[str, str, str], int] = {
    **{
        (verb, "model", file): DAMAGED
        for verb in ("segment", "watch", "explain", "findings", "export", "evaluate", "bench", "check")
        for file in ("broken.safetensors", "no.safetensors")
    },
    ("weights", "checkpoint", "text.txt"): DAMAGED,
    ("weights", "checkpoint", "nowhere"): DAMAGED,
    ("weights", "checkpoint", "empty"): DAMAGED,
}
# What messages call the value instead of the option.
CALLED: Mapping[str, Sequence[str]] = {
    "part_id": ("Part 1 of 1",),
    "target": ("OUT is",),
    "output": ("OUT is",),
    "format_": (".pt",),
    "store": ("address", "server"),
    "source": ("IN is", "--input", "server", "address"),
}
ON_STDOUT = ("lint",)  # whose findings are its output, one a line
LONG = (("check", "accept"), ("assemble", "settings"))  # all codes, or all ids, are told
