"""How many cm of soft tissue and of air a ray crosses."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from cxrtk.data.phantom.anatomy import Build, Pose
from cxrtk.data.phantom.frame import Field, Frame
from cxrtk.data.phantom.organs import Organs, chest_wall


def body_cm(build: Build, pose: Pose, frame: Frame) -> Field:
    """(H, W) cm from front to back of the body, lungs included: neck, shoulders, trunk, breasts."""
    height = build.lung_height * pose.inspiration
    v = frame.y / np.float32(height)
    sideways = np.abs(frame.x)
    trunk_width = np.maximum(chest_wall(build, np.maximum(v, 0.45)) + build.fat, 1.0)
    depth = build.depth_cm * (1.0 + 0.18 * np.clip(v - 0.9, 0.0, 1.0)) * np.clip(0.72 + 0.5 * v, 0.6, 1.0)
    trunk = depth * np.sqrt(np.clip(1.0 - (sideways / trunk_width) ** 2.6, 0.0, 1.0))
    trunk *= 1.0 / (1.0 + np.exp(-(frame.y + 26.0) / 5.0))
    neck = 11.5 * np.sqrt(np.clip(1.0 - (sideways / 52.0) ** 2, 0.0, 1.0)) * (frame.y < 40.0)
    # The shoulders: a slope from the neck outwards, and the arms hanging from it.
    slope = frame.y + 34.0 - 0.0016 * np.clip(sideways - 45.0, 0.0, None) ** 2
    arm_end = build.chest + 0.6 * build.fat + 34.0 + pose.arms
    near = np.clip((frame.y - 110.0) / 160.0, 0.0, 1.0)
    arm = np.abs(sideways - arm_end - 30.0 - 30.0 * near)
    shoulder = 10.0 * np.sqrt(
        np.clip(1.0 - (np.clip(sideways - 60.0, 0.0, None) / (arm_end + 25.0)) ** 2, 0.0, 1.0)
    )
    shoulder *= 1.0 / (1.0 + np.exp(-slope / 4.0)) / (1.0 + np.exp((frame.y - 95.0) / 14.0))
    arms = 9.0 * np.sqrt(np.clip(1.0 - (arm / 46.0) ** 2, 0.0, 1.0)) / (1.0 + np.exp(-slope / 5.0))
    body: Field = np.maximum(np.maximum(trunk, neck), np.maximum(shoulder, arms)).astype(np.float32)
    if build.female:
        body += _breasts(build, frame, height, sideways)
    return body


def _breasts(build: Build, frame: Frame, height: float, sideways: Field) -> Field:
    radius = 52.0 + 0.7 * build.fat
    distance = np.hypot((sideways - 0.55 * build.chest) / radius, (frame.y - 0.80 * height) / (0.85 * radius))
    breasts: Field = (1.5 + 0.05 * build.fat) * np.sqrt(np.clip(1.0 - distance**2, 0.0, 1.0))
    return breasts


def lung_cm(build: Build, organs: Organs, frame: Frame) -> Field:
    """(H, W) cm of lung: deep in the middle, thin at the borders, some of it behind heart and diaphragm."""
    total = np.zeros_like(frame.x)
    for half, lung in zip(organs.fields, (organs.right_lung, organs.left_lung), strict=True):
        rim = ndimage.distance_transform_edt(half) * frame.spacing_mm
        rounded = np.sqrt(1.0 - (1.0 - np.clip(rim / 42.0, 0.0, 1.0)) ** 2)
        behind = np.where(organs.below > 0.0, 0.45 * np.exp(-organs.below / 16.0), 0.42)
        total += 0.78 * build.depth_cm * rounded * np.where(lung, 1.0, behind)
    return ndimage.gaussian_filter(total.astype(np.float32), 0.9 / frame.spacing_mm)


def vessels_cm(build: Build, pose: Pose, organs: Organs, frame: Frame) -> Field:
    """(H, W) cm of vessel: two trees that branch from the hila into the lungs."""
    rng = np.random.default_rng(build.vessels)
    height = build.lung_height * pose.inspiration
    canvas = Image.new("L", (frame.x.shape[1], frame.x.shape[0]), 0)  # in tenths of a mm
    pen = ImageDraw.Draw(canvas)
    for side in (-1, 1):
        hilum = (side * (build.mediastinum + 10.0), 0.47 * height)
        for angle in np.linspace(-1.35, 1.35, 9):
            _branch(pen, frame, rng, hilum, side, angle + rng.normal(0, 0.15), 7.0, 0)
    drawn = ndimage.gaussian_filter(np.asarray(canvas, dtype=np.float32) / 100.0, 0.55 / frame.spacing_mm)
    lungs = organs.right_lung | organs.left_lung | organs.fields[0] | organs.fields[1]
    vessels: Field = drawn * lungs
    return vessels


def _branch(
    pen: ImageDraw.ImageDraw,
    frame: Frame,
    rng: np.random.Generator,
    start: tuple[float, float],
    side: int,
    angle: float,
    radius: float,
    depth: int,
) -> None:
    """Draw a branch in short, slightly bent steps, then its two children; thinner at each level."""
    x, y = start
    for _ in range(3):
        step = rng.uniform(6.0, 10.0) * (1.0 - 0.08 * depth)
        ahead = (x + side * step * np.cos(angle), y + step * np.sin(angle))
        pen.line(
            [frame.to_pixels(x, y), frame.to_pixels(*ahead)],
            fill=round(20.0 * radius),
            width=max(1, round(2.0 * radius / frame.spacing_mm)),
        )
        x, y = ahead
        angle += rng.normal(0, 0.13)
    if depth < 4:
        for turn in (rng.uniform(0.2, 0.6), -rng.uniform(0.2, 0.6)):
            _branch(pen, frame, rng, (x, y), side, angle + turn, radius * rng.uniform(0.64, 0.80), depth + 1)


def air_cm(build: Build, pose: Pose, organs: Organs, frame: Frame) -> Field:
    """(H, W) cm of free air: trachea, main bronchi, and in many a bubble in the stomach."""
    height = build.lung_height * pose.inspiration
    carina = 0.36 * height
    x, y = frame.x - 30.0 * pose.turn, frame.y
    trachea = np.sqrt(np.clip(1.0 - (x / 8.5) ** 2, 0.0, 1.0)) * 1.5 / (1.0 + np.exp((y - carina) / 3.0))
    lean = np.abs(np.abs(x) - 0.75 * (y - carina)) / 5.5
    bronchi = np.sqrt(np.clip(1.0 - lean**2, 0.0, 1.0)) * ((y > carina) & (y < carina + 34.0))
    air: Field = (trachea + bronchi).astype(np.float32)
    rng = np.random.default_rng(build.vessels + 1)
    if rng.random() < 0.6:
        centre, radii = (
            (rng.uniform(38, 66), 1.055 * height + rng.uniform(24, 34)),
            (rng.uniform(16, 32), rng.uniform(9, 16)),
        )
        bubble = 1.0 - ((frame.x - centre[0]) / radii[0]) ** 2 - ((y - centre[1]) / radii[1]) ** 2
        air += 4.0 * np.sqrt(np.clip(bubble, 0.0, 1.0)) * (organs.below > 6.0)
    return air
