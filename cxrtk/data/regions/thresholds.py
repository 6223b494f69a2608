"""Mean and median thresholds, global or under a moving window."""

from __future__ import annotations

import torch


def gaussian_window(image: torch.Tensor, window: float) -> torch.Tensor:
    """Sum (..., H, W) under a Gaussian window of standard deviation `window` pixels; 0 outside the image.

    Computed by two matrix products: the cost does not grow with the window.
    """
    height, width = image.shape[-2:]
    return _kernel(height, window) @ image.double() @ _kernel(width, window)


def _kernel(length: int, window: float) -> torch.Tensor:
    place = torch.arange(length, dtype=torch.float64)
    return torch.exp(-0.5 * ((place[:, None] - place[None, :]) / window) ** 2)


def local_mean(image: torch.Tensor, weight: torch.Tensor, *, window: float) -> torch.Tensor:
    """Return the mean of the pixels around each pixel.

    Args:
        image: (1, H, W).
        weight: (1, H, W) >= 0, weight of each pixel; 0 excludes it (such as air outside the body).
        window: Standard deviation of the Gaussian window in pixels; infinity gives the global mean.

    Returns:
        (1, H, W) float32.
    """
    total = gaussian_window(weight, window).clamp_min(1e-9)
    return (gaussian_window(image * weight, window) / total).float()


def local_median(
    image: torch.Tensor, weight: torch.Tensor, *, window: float, levels: int = 64, every: int = 4
) -> torch.Tensor:
    """Return the weighted median of the pixels around each pixel.

    It is interpolated in the cumulative histogram under the window, of `levels` grey levels, at every
    `every`-th pixel (a median under a wide window is smooth), and upsampled.

    Args:
        image: (1, H, W) in [0, 1].
        weight: (1, H, W) >= 0, as for `local_mean`.
        window: Standard deviation of the Gaussian window in pixels; infinity gives the global median.
        levels: Grey levels of the histogram; the result is exact to about 1 / `levels` squared where the
            histogram is smooth, and to 1 / `levels` always.
        every: Spacing in pixels of the grid on which the median is computed.

    Returns:
        (1, H, W) float32.
    """
    height, width = image.shape[-2:]
    rows, columns = _kernel(height, window)[::every], _kernel(width, window)[:, ::every]
    bins = (image * levels).floor().clamp(0, levels - 1)
    level = torch.arange(levels, dtype=torch.float32)[:, None, None]
    counts = rows @ ((bins == level) * weight).double() @ columns  # (levels, H / every, W / every)
    counts = counts / counts.sum(0).clamp_min(1e-9)
    below = counts.cumsum(0)
    index = (below < 0.5).sum(0, keepdim=True).clamp_max(levels - 1)  # the level with the median
    inside = counts.gather(0, index).clamp_min(1e-9)
    start = below.gather(0, index) - inside
    coarse = (index + ((0.5 - start) / inside).clamp(0, 1)) / levels
    return torch.nn.functional.interpolate(
        coarse[None].float(), (height, width), mode="bilinear", align_corners=False
    )[0]


def local_spread(
    image: torch.Tensor, centre: torch.Tensor, weight: torch.Tensor, *, window: float
) -> torch.Tensor:
    """Return the root mean square deviation of the pixels around each pixel from its `centre`; (1, H, W)."""
    first = local_mean(image, weight, window=window)
    second = local_mean(image * image, weight, window=window)
    return (second - 2 * centre * first + centre * centre).clamp_min(1e-4).sqrt()
