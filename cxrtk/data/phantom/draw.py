"""The complete phantom: pixels and exact masks from a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from cxrtk.data.phantom import marks
from cxrtk.data.phantom.airways import airway_thickness, gas_thickness
from cxrtk.data.phantom.anatomy import Build, Pose, draw_build, draw_pose
from cxrtk.data.phantom.attenuation import transmission
from cxrtk.data.phantom.body import body_depth, breast_depth
from cxrtk.data.phantom.bones import bone_thickness
from cxrtk.data.phantom.chest import Chest, Layers, fill_chest, shape_chest
from cxrtk.data.phantom.displace import Planted, displace, masks_of
from cxrtk.data.phantom.exposure import display, draw_exposure, expose, wide_blur
from cxrtk.data.phantom.frame import Array, Frame
from cxrtk.data.phantom.lesions import Lesion
from cxrtk.data.phantom.planting import WIDE_HEART, check_findings, plant, widen_heart
from cxrtk.data.phantom.spine import spine_thickness
from cxrtk.data.phantom.vessels import hilar_haze, vessel_thickness
from cxrtk.errors import ConfigError

SMALLEST = 32
SMALLEST_WITH_FINDINGS = 128  # at this size the smallest nodule is 4 pixels wide


@dataclass(frozen=True, eq=False)
class Phantom:
    """One phantom image and its ground truth.

    Attributes:
        pixels: (H, W) float32 in [0, 1]; brighter is denser, unless `inverted`.
        right_lung: (H, W) uint8 in {0, 1}: the patient's right lung, on the image's left, without heart.
        left_lung: (H, W) uint8.
        heart: (H, W) uint8; the three never overlap.
        spacing_mm: (row, column) distance of pixel centres, known by construction.
        meta: Values ``sex``, ``age``, ``view`` and ``finding`` of the synthetic patient (``Cardiomegaly`` if
            the heart is wider than half of the lungs); ``inverted``; and every parameter of the image under
            ``build``, ``pose`` and ``exposure``. With planted findings, ``finding`` joins all by ``|``, and
            ``lesions`` holds their parameters.
        findings: One entry per location of a finding, where findings were requested.
    """

    pixels: npt.NDArray[np.float32]
    right_lung: npt.NDArray[np.uint8]
    left_lung: npt.NDArray[np.uint8]
    heart: npt.NDArray[np.uint8]
    spacing_mm: tuple[float, float]
    meta: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Planted, ...] = ()


def check_size(size: int, findings: Sequence[str] | bool | None = None) -> None:
    """Refuse a size that is too small.

    Raises:
        ConfigError: The size is below 32, or below 128 where findings are requested.
    """
    smallest, what = (SMALLEST_WITH_FINDINGS, " with findings") if findings else (SMALLEST, "")
    if size < smallest:
        raise ConfigError(f"A phantom{what} needs a size of at least {smallest} pixels, not {size}.")


def place(pose: Pose, chest: Chest, size: int) -> Frame:
    """Place the image so that both lungs are inside it."""
    width = 2 * float(chest.lateral(chest.height))
    field_mm = max(width / pose.fill, chest.height / 0.87)
    centre = (-pose.shift[0] * field_mm, chest.height * 0.53 - pose.shift[1] * field_mm)
    return Frame(size, field_mm, centre, pose.tilt)


def thicknesses(
    build: Build,
    pose: Pose,
    chest: Chest,
    layers: Layers,
    frame: Frame,
    rng: np.random.Generator,
    lesions: Sequence[Lesion] = (),
) -> dict[str, Array]:
    """Return material -> (H, W) path length in cm; together they fill the body."""
    whole = body_depth(build, pose, chest, frame, 0.0)
    lean = body_depth(build, pose, chest, frame, build.fat)
    breast = breast_depth(build, chest, frame)
    lung = np.minimum(layers.lung_mm, 0.92 * lean) * (1 - hilar_haze(chest, frame))
    vessels = 10 * vessel_thickness(build, chest, frame)
    full = lung
    lung = lung - np.minimum(vessels, 0.75 * lung)
    lung = lung * _mottle(frame, rng)
    lung, free_air = displace(lesions, chest, frame, lung, full)
    bone = bone_thickness(build, pose, chest, frame) + spine_thickness(build, chest, frame)
    air = 10 * airway_thickness(build, chest, frame) + gas_thickness(build, pose, chest, frame, rng) * 10
    air = np.minimum(air, 0.5 * lean) + free_air
    fat = (whole - lean) + (0.7 if build.breast else 0.0) * breast
    tissue = np.maximum(whole + breast - fat - lung - air - 10 * bone, 0)
    mm = {"tissue": tissue, "fat": fat, "lung": lung, "air": air}
    return {name: value * np.float32(0.1) for name, value in mm.items()} | {"bone": bone}


def _mottle(frame: Frame, rng: np.random.Generator) -> Array:
    """Return an (H, W) factor around 1: the mottle of all vessels too small to be drawn."""
    noise = rng.standard_normal((frame.size, frame.size), dtype=np.float32)
    total = np.ones_like(noise)
    for scale_mm, amount in ((1.0, 0.012), (3.5, 0.014)):
        sigma = scale_mm / frame.pixel_mm
        smooth = wide_blur(noise, sigma) if sigma > 4 else gaussian_filter(noise, sigma)
        total += np.float32(amount / max(float(smooth.std()), 1e-6)) * smooth
    return total


def _drawn(seed: int, patient_seed: int | None) -> tuple[Build, Pose, np.random.Generator]:
    """Draw the patient and the pose; return them with the random generator in its state afterwards."""
    of_patient = seed if patient_seed is None else patient_seed
    if min(seed, of_patient) < 0:
        raise ConfigError(f"Seeds of phantoms must be 0 or more, not {seed} and {of_patient}.")
    rng = np.random.default_rng([1, seed])
    return draw_build(np.random.default_rng([0, of_patient])), draw_pose(rng), rng


def _about(build: Build, pose: Pose) -> dict[str, Any]:
    finding = "Cardiomegaly" if build.heart * pose.spread > WIDE_HEART else "No Finding"
    return {"sex": build.sex, "age": build.age, "view": pose.view, "finding": finding}


def describe(seed: int, *, patient_seed: int | None = None) -> dict[str, Any]:
    """Return ``sex``, ``age``, ``view`` and ``finding`` of a phantom, without drawing it; see `draw`."""
    build, pose, _ = _drawn(seed, patient_seed)
    return _about(build, pose)


def draw(
    seed: int,
    size: int = 512,
    *,
    inverted: bool = False,
    patient_seed: int | None = None,
    findings: Sequence[str] | None = None,
) -> Phantom:
    """Draw one phantom; equal arguments give equal phantoms.

    Args:
        seed: Seed of pose, exposure and noise, and of the locations of findings.
        size: Number of rows and columns.
        inverted: Store as a negative (brighter is *less* dense), like an untagged MONOCHROME1 file.
        patient_seed: Seed of the patient's build; defaults to `seed`. Images that share it are of one
            patient.
        findings: Findings of `cxrtk.data.phantom.PLANTABLE` to plant; the rest of the image is unchanged. A
            list, even an empty one, fills the `findings` of the result, including cardiomegaly by the
            patient's own build; ``None`` does not.

    Raises:
        ConfigError: `size` is below 32 (with findings 128), a seed is negative, or a finding is unknown.
    """
    check_size(size, findings)
    check_findings(findings or ())
    build, pose, rng = _drawn(seed, patient_seed)
    of_findings = np.random.default_rng([4, seed])
    if "Cardiomegaly" in (findings or ()) and build.heart * pose.spread <= WIDE_HEART:
        build = widen_heart(build, pose, of_findings)
    exposure = draw_exposure(rng, pose.view)
    chest = shape_chest(build, pose)
    frame = place(pose, chest, size)
    layers = fill_chest(chest, frame)
    lesions = plant(findings, pose, chest, frame, of_findings) if findings else []

    thickness = thicknesses(build, pose, chest, layers, frame, rng, lesions)
    lead, (exposed, beyond) = marks.letter(size, rng), marks.field(size, rng)
    counted = expose(transmission(thickness), frame.pixel_mm, exposure, rng)
    body = thickness["tissue"] > 2.0
    pixels = display(counted, body, frame.pixel_mm, exposure)
    pixels = np.maximum(pixels, lead * np.float32(0.97))
    pixels = pixels * exposed + np.float32(beyond) * (1 - exposed)
    pixels = np.clip(1 - pixels if inverted else pixels, 0, 1).astype(np.float32)
    about = _about(build, pose)
    planted: tuple[Planted, ...] = ()
    if findings is not None:
        planted = masks_of(lesions, chest, frame, layers, about["finding"] == "Cardiomegaly")
        about["finding"] = "|".join(sorted({each.finding for each in planted})) or "No Finding"
        about["lesions"] = [asdict(lesion) for lesion in lesions]
    return Phantom(
        pixels,
        layers.right_lung.astype(np.uint8),
        layers.left_lung.astype(np.uint8),
        layers.heart.astype(np.uint8),
        (frame.pixel_mm, frame.pixel_mm),
        {
            **about,
            "inverted": inverted,
            "build": asdict(build),
            "pose": asdict(pose),
            "exposure": asdict(exposure),
        },
        planted,
    )
