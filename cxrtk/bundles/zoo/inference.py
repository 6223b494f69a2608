"""``configs/inference.json`` of an exported bundle: MONAI's own transforms, inferer and engine.

It does the same as `cxrtk segment`, except for two steps that MONAI has no component for: the two views are
averaged on the grid of the shifted view, so that three rows and columns at the border come from one view
only; and regions are found at the size of the file, after MONAI's interpolation. Images are used as stored.
"""

from __future__ import annotations

from typing import Any

from cxrtk.bundles.zoo.head import definition, labels_of
from cxrtk.classes import SIDES
from cxrtk.models.model_file import ModelSpec
from cxrtk.models.postprocess import regions_of
from cxrtk.models.views import CENTRE, MOVE, PERCENTILES, SPREAD

PICTURES = (".png", ".nii", ".nii.gz")
WITHOUT_DICOM = (
    "is neither PNG nor NIfTI. MONAI reads DICOM without polarity and window, so this config does not; "
    "use configs/inference_dicom.json, which `cxrtk export --standalone` adds"
)
UPRIGHT = (
    "$lambda image: image if (lambda affine: affine is None or numpy.array_equal(affine, numpy.eye(4)) "
    "or nibabel.aff2axcodes(affine)[:2] in (('L', 'P'), ('L', 'I')))(image.meta.get('original_affine')) "
    "else @refuse(@name(image) + ': is not stored upright, with x to the left of the patient and y down; "
    "turn it, or use configs/inference_dicom.json')"
)


def inference(spec: ModelSpec, backbone: dict[str, Any]) -> dict[str, Any]:
    """Return the config.

    Args:
        spec: Description of the model.
        backbone: Definition of its network; see `cxrtk.bundles.zoo.head.definition`.
    """
    return {
        "imports": ["$import glob", "$import os", "$import sys", "$import nibabel", "$import numpy"],
        "bundle_root": ".",
        "dataset_dir": "/workspace/data/chest_xrays",
        "output_dir": "$@bundle_root + '/eval'",
        "output_postfix": "labels",
        "datalist": "$sorted(path for path in glob.glob(@dataset_dir + '/*') if os.path.isfile(path))",
        "output_ext": "$'.nii.gz' if any('.nii' in os.path.basename(path) for path in @datalist) else '.png'",
        "image_size": spec.image_size,
        "threshold": spec.threshold,
        "device": "$torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')",
        **definition(spec, backbone),
        **readable(),
        "preprocessing": {
            "_target_": "Compose",
            "transforms": [*loading("image"), *preparing(spec), *moving()],
        },
        "dataset": {
            "_target_": "Dataset",
            "data": "$[{'image': path} for path in @datalist]",
            "transform": "@preprocessing",
        },
        "dataloader": {
            "_target_": "DataLoader",
            "dataset": "@dataset",
            "batch_size": 1,
            "shuffle": False,
            "num_workers": 0,
        },
        "inferer": two_views(),
        "postprocessing": {"_target_": "Compose", "transforms": [*masks(spec), saving()]},
        "handlers": [
            {
                "_target_": "CheckpointLoader",
                "load_path": "$@bundle_root + '/models/model.pt'",
                "load_dict": {"model": "@network"},
            },
            {"_target_": "StatsHandler", "iteration_log": False},
        ],
        "evaluator": {
            "_target_": "SupervisedEvaluator",
            "device": "@device",
            "val_data_loader": "@dataloader",
            "network": "@network",
            "inferer": "@inferer",
            "postprocessing": "@postprocessing",
            "val_handlers": "@handlers",
        },
        "initialize": [
            "$monai.utils.set_determinism(seed=123)",
            "$@datalist or sys.exit(@dataset_dir + ': no file; name a folder by --dataset_dir')",
            f"$[sys.exit(f'{{path}}: {WITHOUT_DICOM}.') for path in @datalist if not @is_picture(path)]",
        ],
        "run": ["$@evaluator.run()"],
    }


def readable() -> dict[str, Any]:
    """Return the ids that define which images are accepted, and that refuse others with one line."""
    return {
        "refuse": "$lambda reason: (_ for _ in ()).throw(ValueError(reason))",
        "name": "$lambda image: str(image.meta.get('filename_or_obj', 'the image'))",
        "is_picture": f"$lambda path: str(path).lower().endswith({PICTURES})",
        "picture": "$lambda image: image if @is_picture(@name(image)) or not os.path.isfile(@name(image)) "
        f"else @refuse(@name(image) + ': {WITHOUT_DICOM}')",
        "grey": "$lambda image: image if image.shape[0] == 1 and image.shape[3:] in ((), (1,)) "
        "else @refuse(@name(image) + f': is not one grey picture but {tuple(image.shape)}')",
        "flat": "$lambda image: image if image.ndim == 3 else image[..., 0]",
        "upright": UPRIGHT,
    }


def loading(keys: str | list[str]) -> list[dict[str, Any]]:
    """Return the transforms that load images: (1, H, W) as displayed, from files that hold [x, y]."""
    checks = ("picture", "grey", "flat", "upright")
    return [
        {"_target_": "LoadImaged", "keys": keys},
        {"_target_": "EnsureChannelFirstd", "keys": keys},
        *({"_target_": "Lambdad", "keys": keys, "func": f"@{name}"} for name in checks),
        {"_target_": "Transposed", "keys": keys, "indices": [0, 2, 1]},
    ]


def preparing(spec: ModelSpec) -> list[dict[str, Any]]:
    """Return the transforms from grey values to the network's input."""
    lower, upper = PERCENTILES
    steps: list[dict[str, Any]] = [
        {
            "_target_": "ScaleIntensityRangePercentilesd",
            "keys": "image",
            "lower": lower,
            "upper": upper,
            "b_min": 0.0,
            "b_max": 1.0,
            "clip": True,
        },
        {
            "_target_": "Resized",
            "keys": "image",
            "spatial_size": "$(@image_size, @image_size)",
            "mode": "bilinear",
            "anti_aliasing": True,
        },
        {"_target_": "NormalizeIntensityd", "keys": "image", "subtrahend": CENTRE, "divisor": SPREAD},
    ]
    if spec.in_channels > 1:
        steps.append({"_target_": "RepeatChanneld", "keys": "image", "repeats": spec.in_channels})
    return steps


def moving() -> list[dict[str, Any]]:
    """Return the transform that pads for the shifted view, repeating the edge above and to the left."""
    border = [MOVE, 0, MOVE, 0]
    return [{"_target_": "BorderPadd", "keys": "image", "spatial_border": border, "mode": "edge"}]


def two_views() -> dict[str, Any]:
    """Return the inferer, which averages the probabilities of the image and of its shifted view."""
    return {
        "_target_": "PatchInferer",
        "_desc_": f"the image, and the image {MOVE} pixels further down and right: patches on the diagonal",
        "splitter": {
            "_target_": "SlidingWindowSplitter",
            "patch_size": "$(@image_size, @image_size)",
            "overlap": f"$@image_size - {MOVE}",
            "filter_fn": "$lambda patch, location: location[0] == location[1]",
            "pad_mode": None,
        },
        "merger_cls": "AvgMerger",
        "postprocessing": "$torch.sigmoid",
        "batch_size": 2,
    }


def masks(spec: ModelSpec) -> list[dict[str, Any]]:
    """Return the transforms from probabilities to a label map of the size of the file."""
    names = labels_of(spec)
    numbers = list(range(1, 1 + len(names)))
    largest = [
        {
            "_target_": "KeepLargestConnectedComponentd",
            "keys": "pred",
            "applied_labels": [
                number for number, name in zip(numbers, names, strict=True) if regions_of(name) == count
            ],
            "is_onehot": True,
            "num_components": count,
        }
        for count in sorted({regions_of(name) for name in names})
    ]
    return [
        {"_target_": "EnsureTyped", "keys": "pred", "_desc_": "which remembers what Invertd takes back"},
        {
            "_target_": "Invertd",
            "keys": "pred",
            "transform": "@preprocessing",
            "orig_keys": "image",
            "nearest_interp": False,
            "to_tensor": True,
        },
        {
            "_target_": "Lambdad",
            "keys": "pred",
            "func": one_hot(names),
            "_desc_": "a pixel is of one lung only",
        },
        *largest,
        {"_target_": "FillHolesd", "keys": "pred", "applied_labels": numbers, "connectivity": 1},
        {
            "_target_": "Lambdad",
            "keys": "pred",
            "func": label_map(len(names)),
            "_desc_": "the first class covers others",
        },
    ]


def one_hot(names: tuple[str, ...]) -> str:
    """Return an expression that maps (1 + C, H, W) probabilities to masks; the background mask is empty."""
    above = "(p >= @threshold)"
    if set(SIDES) <= set(names):
        right, left = (names.index(side) + 1 for side in SIDES)
        both = f"(p[{right}:{right + 1}] >= p[{left}:{left + 1}])"
        likelier = [
            f"{both}" if n == right else f"~{both}" if n == left else "" for n in range(1, 1 + len(names))
        ]
        parts = [
            f"{above}[{n}:{n + 1}]" + (f" & {word}" if word else "")
            for n, word in enumerate(likelier, start=1)
        ]
        return f"$lambda p: torch.cat([torch.zeros_like({above}[:1]), {', '.join(parts)}]).float()"
    return f"$lambda p: torch.cat([torch.zeros_like({above}[:1]), {above}[1:]]).float()"


def label_map(count: int) -> str:
    """Return an expression that maps (1 + C, H, W) masks to (1, H, W) class numbers, 0 without a mask."""
    numbers = f"torch.arange({count}, 0, -1, device=m.device)[:, None, None]"
    return (
        f"$lambda m: (lambda top: ({count} + 1 - top) * (top > 0))((m[1:] * {numbers}).amax(0, keepdim=True))"
    )


def saving() -> dict[str, Any]:
    """Return the transform that writes only the label map, under the name of its image."""
    return {
        "_target_": "SaveImaged",
        "keys": "pred",
        "output_dir": "@output_dir",
        "output_ext": "@output_ext",
        "output_postfix": "@output_postfix",
        "output_dtype": "$numpy.uint8",
        "separate_folder": False,
        "resample": False,
    }
