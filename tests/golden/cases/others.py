"""The verbs that look at one file, or at what is installed; of those that train or time, the errors."""

VERBS = (
    "plugins", "new", "check", "masks", "bundles", "inspect", "convert", "assemble", "lint", "train", "runs",
    "calibrate", "segment", "apply", "merge", "export", "models", "phantom", "report", "evaluate", "explain",
    "bench", "findings", "weights", "watch", "doctor",
)  # fmt: skip
KINDS = ("readers", "masks", "networks", "metrics", "writers", "steps")
ASSEMBLE = "assemble --masks mean_threshold --network basic_unet"

INSPECT = {
    "dicom": [
        *(f"inspect mixed/dicom/{name} -o OUT/{name}.png" for name in (
            "calibrated.dcm", "negative", "7.1.3", "CT.dcm")),
        "inspect mixed/dicom/negative --json --voi percentile",
    ],
    "others": [
        "inspect mixed/chest.png",
        "inspect mixed/-dash.jpg --json",
        "inspect mixed/nifti/slice.nii.gz",
        "inspect 'mixed/Zoë/Grüße & Co; 100 %, 图.PNG' -o OUT/picture.png",
    ],
    "errors": [
        *(f"inspect 'mixed/broken/{name}'" for name in (
            "text.png", "empty.dcm", "truncated.png", "one bit.png", "colour.png")),
        "inspect mixed/dicom/cut.dcm",
        "inspect mixed/dicom/Japanese.dcm",
        "inspect mixed/nifti/volume.nii",
        "inspect mixed/notes.txt",
        "inspect nowhere",
        "inspect mixed",
        "inspect mixed/chest.png --reader tiff",
        "inspect mixed/chest.png --voi best",
        "inspect mixed/chest.png -o OUT/a.jpg",
        "inspect 'mixed/dicom/lateral, burned in.dcm' -o OUT/b.png",
    ],
}  # fmt: skip
PLUGINS = {
    "table": [
        "plugins",
        "plugins --check",
        "plugins --kind networks --json --check",
        "plugins --kind readers --long",
        "plugins --kind none",
    ],
    "broken": ["plugins --kind masks", "plugins --kind masks --check"],
}
ONE_EACH = {
    "export": [
        "export runs/lungs-1 -o OUT/run.safetensors --full",
        "export whole.safetensors -o OUT/half.safetensors --name other",
        "export runs/findings-2 -o OUT/findings.pt",
        "export whole.safetensors -o OUT/half.safetensors",
        "export whole.safetensors -o OUT/a.pth",
        "export whole.safetensors -o OUT/a.pt --name x",
        "export nothing -o OUT/a.pt",
    ],
    "weights": [
        "weights runs/lungs-1/best.pt -o OUT/a.safetensors",
        "weights runs/lungs-1/best.pt -o OUT/a.safetensors",
        "weights runs/lungs-1/last.pt -o OUT/b.safetensors",
        "weights runs/lungs-1/run.json -o OUT/b.safetensors",
        "weights runs/lungs-1/best.pt -o OUT/b.pt",
    ],
    "runs": ["runs", "runs --json", "runs nowhere", "runs empty"],
    "models": ["models", "models --json", "models lungs", "models heart"],
    "bundles": ["bundles", "bundles --json", "bundles unet_cxr", "bundles none"],
    "lint": [
        "lint unet_cxr human_masks --set max_epochs=40",
        "lint unet_cxr --set reader#name=nih --set max_epoch=4 --json",
        "lint nothing",
    ],
    "assemble": [
        f"{ASSEMBLE} --reader nih_png --metrics dice,hd95 -o OUT/a.json --set max_epochs=3",
        f"{ASSEMBLE} --reader nih_png --metrics dice -o OUT/b.yaml",
        f"{ASSEMBLE} --reader nih_png --metrics dice -o OUT/b.yaml",
        f"{ASSEMBLE} --reader nih --metrics dice -o OUT/c.json",
        f"{ASSEMBLE} --reader nih_png --metrics dice -o OUT/c.txt",
    ],
    "new": [
        *(f"new {kind} my_{kind} --folder OUT" for kind in KINDS),
        "new masks my_masks --folder OUT",
        "new masks mean_threshold --folder OUT",
        "new masks Otsu --folder OUT",
    ],
    "phantom": [
        "phantom OUT/a --count 3 --size 64 --seed 5 --inverted 0.5",
        "phantom OUT/a --count 3 --size 64 --seed 5 --inverted 0.5",
        "phantom OUT/a --count 3 --size 64 --seed 6",
        "phantom OUT/b --count 4 --size 128 --findings",
        "phantom OUT/c --size 8",
        "phantom few",
    ],
    "train": [
        "train",
        "train nothing",
        "train unet_cxr --set max_epoch=4",
        "train unet_cxr --set max_epochs",
        "train --resume-from nowhere",
    ],
    "watch": [
        "watch --state OUT/state",
        "watch --state OUT/state --list",
        "watch --state OUT/state -i mixed --store dicom://PACS",
    ],
    "doctor": ["doctor everything"],
    "bench": ["bench --device warp", "bench --network nothing"],
    "help": ["--help", "--version", *(f"{verb} --help" for verb in VERBS), "", "unknown"],
}
OTHERS = {
    "inspect": INSPECT,
    "plugins": PLUGINS,
    **{verb: {"all": steps} for verb, steps in ONE_EACH.items()},
}
