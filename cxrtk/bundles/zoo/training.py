"""``train.json`` and ``evaluate.json`` of an exported bundle: MONAI's own components, on plain paths.

A training set is a folder with ``images/`` and ``labels/``, or a list of ``{"image": path, "label": path}``,
as passed by MONAI Label. A label is an image of class numbers, the same as written by the inference.
"""

from __future__ import annotations

from typing import Any

from cxrtk.bundles.zoo.head import definition, labels_of
from cxrtk.bundles.zoo.inference import loading, preparing, readable
from cxrtk.models.model_file import ModelSpec

BOTH = ["image", "label"]


def train(spec: ModelSpec, backbone: dict[str, Any]) -> dict[str, Any]:
    """Return ``train.json``, which starts from ``models/model.pt`` and writes the best weights there.

    Args:
        spec: Description of the model.
        backbone: Definition of its network; see `cxrtk.bundles.zoo.head.definition`.
    """
    channels = 1 + len(labels_of(spec))
    return {
        "imports": [
            "$import glob",
            "$import os",
            "$import nibabel",
            "$import numpy",
            "$import torch.distributed as dist",
        ],
        "bundle_root": ".",
        "ckpt_dir": "$@bundle_root + '/models'",
        "output_dir": "$@bundle_root + '/eval'",
        "dataset_dir": "/workspace/data/chest_xrays",
        "images": "$sorted(glob.glob(@dataset_dir + '/images/*'))",
        "labels": "$sorted(glob.glob(@dataset_dir + '/labels/*'))",
        "pairs": "$list(zip(@images, @labels, strict=True))",
        "validated": "$max(1, len(@images) // 5)",
        "pretrained": True,
        "image_size": spec.image_size,
        "max_epochs": 40,
        "learning_rate": 0.0003,
        "batch_size": 4,
        "val_interval": 1,
        "num_workers": 0,
        "device": "$torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')",
        **definition(spec, backbone),
        **readable(),
        "loss": {
            "_target_": "DiceFocalLoss",
            "_desc_": "with gamma 0 the focal loss is binary cross entropy; the background is not a class",
            "include_background": False,
            "to_onehot_y": True,
            "sigmoid": True,
            "gamma": 0.0,
            "batch": True,
        },
        "optimizer": {
            "_target_": "torch.optim.AdamW",
            "params": "$@network.parameters()",
            "lr": "@learning_rate",
        },
        "train": _train(spec, channels),
        "validate": _validate(channels),
        "initialize": ["$monai.utils.set_determinism(seed=123)"],
        "run": ["$@train#trainer.run()"],
    }


def evaluate() -> dict[str, Any]:
    """Return ``evaluate.json``, which evaluates ``models/model.pt`` at the size of the files."""
    return {
        "validate#postprocessing": {
            "_target_": "Compose",
            "transforms": [
                {"_target_": "Activationsd", "keys": "pred", "sigmoid": True},
                {
                    "_target_": "Invertd",
                    "keys": ["pred", "label"],
                    "transform": "@validate#preprocessing",
                    "orig_keys": BOTH,
                    "nearest_interp": [False, True],
                    "to_tensor": True,
                },
                "%validate#cut",
            ],
        },
        "validate#handlers": [
            {
                "_target_": "CheckpointLoader",
                "load_path": "$@ckpt_dir + '/model.pt'",
                "load_dict": {"model": "@network"},
            },
            {"_target_": "StatsHandler", "iteration_log": False},
            {
                "_target_": "MetricsSaver",
                "save_dir": "@output_dir",
                "metrics": ["val_mean_dice"],
                "metric_details": ["val_mean_dice"],
                "summary_ops": "*",
            },
        ],
        "run": ["$@validate#evaluator.run()"],
    }


def _train(spec: ModelSpec, channels: int) -> dict[str, Any]:
    """Return the part ``train``."""
    image, *rest = preparing(spec)
    resize, *normalise = rest
    return {
        "deterministic_transforms": [
            *loading(BOTH),
            image,
            {**resize, "keys": BOTH, "mode": ["bilinear", "nearest-exact"], "anti_aliasing": [True, False]},
        ],
        "random_transforms": [
            {
                "_target_": "RandAffined",
                "keys": BOTH,
                "prob": 0.8,
                "rotate_range": 0.15,
                "scale_range": 0.15,
                "translate_range": "$0.06 * @image_size",
                "mode": ["bilinear", "nearest"],
                "padding_mode": "zeros",
            },
            {"_target_": "RandAdjustContrastd", "keys": "image", "prob": 0.5, "gamma": [0.7, 1.5]},
            {"_target_": "RandGaussianNoised", "keys": "image", "prob": 0.2, "std": 0.03},
        ],
        "final_transforms": normalise,
        "preprocessing": {
            "_target_": "Compose",
            "transforms": "$@train#deterministic_transforms + @train#random_transforms "
            "+ @train#final_transforms",
        },
        "dataset": {
            "_target_": "Dataset",
            "data": "$[{'image': i, 'label': l} for i, l in @pairs[:-@validated]]",
            "transform": "@train#preprocessing",
        },
        "dataloader": {
            "_target_": "DataLoader",
            "dataset": "@train#dataset",
            "batch_size": "@batch_size",
            "shuffle": True,
            "num_workers": "@num_workers",
        },
        "inferer": {"_target_": "SimpleInferer"},
        "postprocessing": "%validate#postprocessing",
        "handlers": [
            {
                "_target_": "CheckpointLoader",
                "_disabled_": "$not @pretrained",
                "load_path": "$@ckpt_dir + '/model.pt'",
                "load_dict": {"model": "@network"},
            },
            {
                "_target_": "ValidationHandler",
                "validator": "@validate#evaluator",
                "interval": "@val_interval",
            },
            {
                "_target_": "StatsHandler",
                "tag_name": "train_loss",
                "output_transform": "$monai.handlers.from_engine(['loss'], first=True)",
            },
        ],
        "key_metric": {"train_mean_dice": _dice()},
        "trainer": {
            "_target_": "SupervisedTrainer",
            "max_epochs": "@max_epochs",
            "device": "@device",
            "train_data_loader": "@train#dataloader",
            "network": "@network",
            "loss_function": "@loss",
            "optimizer": "@optimizer",
            "inferer": "@train#inferer",
            "postprocessing": "@train#postprocessing",
            "key_train_metric": "@train#key_metric",
            "train_handlers": "@train#handlers",
        },
    }


def _validate(channels: int) -> dict[str, Any]:
    """Return the part ``validate``."""
    return {
        "preprocessing": {
            "_target_": "Compose",
            "transforms": "$@train#deterministic_transforms + @train#final_transforms",
        },
        "dataset": {
            "_target_": "Dataset",
            "data": "$[{'image': i, 'label': l} for i, l in @pairs[-@validated:]]",
            "transform": "@validate#preprocessing",
        },
        "dataloader": {
            "_target_": "DataLoader",
            "_desc_": "one at a time: files differ in size",
            "dataset": "@validate#dataset",
            "batch_size": 1,
            "shuffle": False,
            "num_workers": "@num_workers",
        },
        "inferer": {"_target_": "SimpleInferer"},
        "cut": {
            "_target_": "AsDiscreted",
            "keys": ["pred", "label"],
            "threshold": [0.5, None],
            "to_onehot": [None, channels],
        },
        "postprocessing": {
            "_target_": "Compose",
            "transforms": [{"_target_": "Activationsd", "keys": "pred", "sigmoid": True}, "%validate#cut"],
        },
        "handlers": [
            {"_target_": "StatsHandler", "iteration_log": False},
            {
                "_target_": "CheckpointSaver",
                "save_dir": "@ckpt_dir",
                "save_dict": {"model": "@network"},
                "save_key_metric": True,
                "key_metric_filename": "model.pt",
            },
        ],
        "key_metric": {"val_mean_dice": _dice()},
        "evaluator": {
            "_target_": "SupervisedEvaluator",
            "device": "@device",
            "val_data_loader": "@validate#dataloader",
            "network": "@network",
            "inferer": "@validate#inferer",
            "postprocessing": "@validate#postprocessing",
            "key_val_metric": "@validate#key_metric",
            "val_handlers": "@validate#handlers",
        },
    }


def _dice() -> dict[str, Any]:
    return {
        "_target_": "MeanDice",
        "include_background": False,
        "output_transform": "$monai.handlers.from_engine(['pred', 'label'])",
    }
