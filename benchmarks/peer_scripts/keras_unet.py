"""The paper's U-Net in Keras 3 on TensorFlow: forward passes, training steps, PNG files to PNG masks.

    python keras_unet.py WEIGHTS.npz IMAGES MASKS --batch_size 4 --repeats 3

The weights are those of PyTorch's network, so that the masks of the two can be compared.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from timing import milliseconds, report, stretched

import keras  # isort: skip  # after the number of threads is set
import numpy as np
import tensorflow as tf

SIZE = 256
PARAMETERS = 5_469_473  # the number that the paper prints


def paper_unet() -> keras.Model:
    """The 22 convolutions of the paper, in the order of their numbers in PyTorch's state dict."""

    def convolutions(x, filters: int, count: int):
        for _ in range(count):
            x = keras.layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        return x

    image = keras.Input((SIZE, SIZE, 3))
    skips, x = [], image
    for filters in (32, 64, 64, 128):
        x = convolutions(x, filters, 2)
        skips.append(x)
        x = keras.layers.MaxPooling2D()(x)
    x = convolutions(x, 256, 1)
    for filters, skip in zip((256, 256, 128, 64), reversed(skips), strict=True):
        x = convolutions(keras.layers.UpSampling2D()(x), filters, 2)
        x = convolutions(keras.layers.Concatenate()([skip, x]), filters, 1)
    logits = keras.layers.Conv2D(1, 3, padding="same", dtype="float32")(x)
    network = keras.Model(image, logits)
    if network.count_params() != PARAMETERS:
        raise SystemExit(f"The network has {network.count_params():,} parameters, not {PARAMETERS:,}.")
    return network


def load(network: keras.Model, weights: Path) -> None:
    """Take the convolutions of an archive: `<number>.weight` (out, in, 3, 3) and `<number>.bias` (out,)."""
    layers = [layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]
    with np.load(weights) as stored:
        for number, layer in enumerate(layers):
            kernel = stored[f"{number}.weight"].transpose(2, 3, 1, 0)
            layer.set_weights([kernel, stored[f"{number}.bias"]])


def segment(network: keras.Model, images: list[Path], masks: Path, batch_size: int) -> None:
    """Read PNG files, run the network, and write masks at the images' own sizes."""
    for start in range(0, len(images), batch_size):
        files = images[start : start + batch_size]
        pixels = [tf.io.decode_png(tf.io.read_file(str(path)), channels=1) for path in files]
        small = [
            tf.image.resize(stretched(one.numpy()), (SIZE, SIZE), antialias=True) * 4 - 2 for one in pixels
        ]
        batch = tf.repeat(tf.stack(small), 3, axis=-1)
        found = tf.sigmoid(network.predict_on_batch(batch))
        for path, one, probability in zip(files, pixels, found, strict=True):
            mask = tf.image.resize(probability, one.shape[:2]) > 0.5
            tf.io.write_file(str(masks / path.name), tf.io.encode_png(tf.cast(mask, tf.uint8) * 255))


def main() -> None:
    """Measure with 32 bits and with Keras's mixed precision."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("weights", type=Path)
    parser.add_argument("images", type=Path)
    parser.add_argument("masks", type=Path)
    parser.add_argument("--batch_size", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    keras.utils.set_random_seed(0)
    images = np.random.default_rng(0).random((options.batch_size, SIZE, SIZE, 3), dtype=np.float32)
    labels = (images[..., :1] > 0.5).astype(np.float32)
    files = sorted(options.images.glob("*.png"))
    for name, policy in (("fp32", "float32"), ("bf16", "mixed_bfloat16")):
        keras.config.set_dtype_policy(policy)
        network = paper_unet()
        load(network, options.weights)
        network.compile(keras.optimizers.Adam(5e-4), keras.losses.BinaryCrossentropy(from_logits=True))
        masks = options.masks / f"keras-{name}"
        masks.mkdir(parents=True, exist_ok=True)
        count, repeats = options.batch_size, options.repeats

        def on_files(network: keras.Model = network, to: Path = masks, count: int = count) -> None:
            segment(network, files, to, count)

        report(
            f"Keras {keras.__version__}, {name}",
            forward=milliseconds(lambda net=network: net.predict_on_batch(images), count, repeats),
            files=milliseconds(on_files, len(files), max(repeats - 1, 1)),
            masks=str(masks),
            train=milliseconds(lambda net=network: net.train_on_batch(images, labels), count, repeats),
        )


if __name__ == "__main__":
    main()
