"""From a path to tensors: upright, unscaled, by the reader that was named and no other."""

import numpy as np
import pytest
import torch
from monai.data import DataLoader, Dataset
from monai.transforms import Compose, Resized
from PIL import Image

from cxrtk import CxrReadError, Label, Radiograph, Reader, readers
from cxrtk.data import GenerateMaskd, LoadClassesd, LoadLabeld, LoadRadiographd

# An F of 14 x 10 pixels: turned, mirrored or transposed it is no F.
F = np.kron(
    np.array(
        [
            [0, 0, 0, 0, 0],
            [0, 1, 1, 1, 0],
            [0, 1, 0, 0, 0],
            [0, 1, 1, 0, 0],
            [0, 1, 0, 0, 0],
            [0, 1, 0, 0, 0],
            [0, 0, 0, 0, 0],
        ],
        dtype=np.uint8,
    ),
    np.ones((2, 2), dtype=np.uint8),
)


class Fixed(Reader):
    """Gives one array and one label, whatever the path."""

    def __init__(self, pixels=None, label: Label | None = None) -> None:
        self.pixels, self.label = pixels, label

    def items(self):
        return [{"image": "a.png", "patient": "a"}]

    def read(self, path):
        return Radiograph(self.pixels)

    def read_label(self, item):
        return self.label


class Failing(Fixed):
    """Cannot read a file that any library could read."""

    def read(self, path):
        raise CxrReadError(path, "bad window in the header", cure="repair it")


def label_of(*classes: str, heart: bool = False) -> Label:
    """Each lung one half of 2 x 4 pixels' middle; the heart everything."""
    planes = {
        "right_lung": np.array([[1, 0, 0, 0], [1, 0, 0, 0]], np.uint8),
        "left_lung": np.array([[0, 0, 0, 1], [0, 0, 0, 1]], np.uint8),
        "lungs": np.array([[1, 0, 0, 1], [1, 0, 0, 1]], np.uint8),
        "heart": np.ones((2, 4), np.uint8),
    }
    return Label(np.stack([planes[name] for name in classes]), classes, truth="human")


def test_an_f_stays_an_f(tmp_path):
    """Rows are rows and columns are columns: (1, 14, 10) for a PNG 14 high and 10 wide, values / 255."""
    for sub in ("images", "masks"):
        (tmp_path / sub).mkdir()
        Image.fromarray(F * np.uint8(255)).save(tmp_path / sub / "f.png")
    reader = readers.create("image_mask_folder", root=str(tmp_path))
    (item,) = reader.items()
    load = Compose([LoadRadiographd("image", reader), LoadLabeld("label", reader)])
    loaded = load({"image": item["image"], "label": item})
    for key in ("image", "label"):
        assert loaded[key].shape == (1, 14, 10) and loaded[key].dtype == torch.float32
        np.testing.assert_array_equal(loaded[key][0].numpy(), F)
        assert loaded[key].meta["filename_or_obj"] == item["image"]


def test_a_real_image_is_what_pillow_reads(cxrtk_data):
    """A radiograph of jsrt and its mask, against Pillow's own reading of the files."""
    reader = readers.create("image_mask_folder", root=str(cxrtk_data / "jsrt"))
    item = reader.items()[7]
    load = Compose([LoadRadiographd("image", reader), LoadLabeld("label", reader)])
    loaded = load({"image": item["image"], "label": item})
    pixels = np.asarray(Image.open(item["image"]), dtype=np.float32) / 255
    mask = np.asarray(Image.open(cxrtk_data / "jsrt" / "masks" / f"{item['stem']}.png").convert("L")) > 0
    np.testing.assert_allclose(loaded["image"][0].numpy(), pixels, atol=1e-7)
    np.testing.assert_array_equal(loaded["label"][0].numpy(), mask)


def test_a_readers_error_is_the_users_error(tmp_path):
    """A file that every other reader could open is not opened by them; MONAI's LoadImage would."""
    Image.fromarray(F).save(tmp_path / "fine.png")
    path = str(tmp_path / "fine.png")
    with pytest.raises(CxrReadError, match=r"fine\.png: bad window in the header; repair it"):
        LoadRadiographd("image", Failing())({"image": path})


@pytest.mark.parametrize("workers", [0, 1])
def test_the_error_survives_compose_and_the_loader(tmp_path, workers):
    """In a pipeline MONAI wraps it, but the file and the cause stay in what the user sees."""
    Image.fromarray(F).save(tmp_path / "fine.png")
    data = Dataset([{"image": str(tmp_path / "fine.png")}], Compose([LoadRadiographd("image", Failing())]))
    with pytest.raises(RuntimeError) as caught:
        list(DataLoader(data, num_workers=workers))
    seen, error = "", caught.value
    while error is not None:
        seen, error = seen + str(error), error.__cause__
    assert "bad window in the header" in seen and "fine.png" in seen


@pytest.mark.parametrize("kind", ["flipped", "read-only", "kept by the reader"])
def test_arrays_that_torch_would_not_take(kind):
    """A reader may give a flipped view or a read-only array, and may keep its own unchanged."""
    kept = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    before = kept.copy()
    pixels = kept[::-1] if kind == "flipped" else kept
    pixels.flags.writeable = kind != "read-only"
    loaded = LoadRadiographd("image", Fixed(pixels))({"image": "a.png"})["image"]
    np.testing.assert_array_equal(loaded[0].numpy(), before[::-1] if kind == "flipped" else before)
    loaded.fill_(0.5)
    np.testing.assert_array_equal(kept, before)


@pytest.mark.parametrize(
    "classes",
    [
        ("lungs",),
        ("right_lung", "left_lung"),
        ("heart", "left_lung", "right_lung"),
        ("lungs", "heart"),
    ],
)
def test_the_mask_is_both_lungs_and_never_the_heart(classes):
    """Whatever the classes and their order, one channel of the lungs."""
    loaded = LoadLabeld("label", Fixed(label=label_of(*classes)))({"label": {"image": "a.png"}})["label"]
    assert loaded.tolist() == [[[1, 0, 0, 1], [1, 0, 0, 1]]]


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (None, "has no mask; .*--labels generated"),
        (label_of("heart"), "holds no lungs"),
        (label_of("left_lung", "heart"), "holds no lungs"),
    ],
)
def test_a_label_without_both_lungs_is_an_error_that_names_the_file(label, message):
    """One lung is not a lung mask, and no mask is not an empty one."""
    with pytest.raises(CxrReadError, match=rf"scan\.png: .*{message}"):
        LoadLabeld("label", Fixed(label=label))({"label": {"image": "scan.png"}})


def test_a_label_to_be_generated_is_left_alone_until_then():
    """LoadLabeld passes the mark on; GenerateMaskd passes a loaded label on."""
    assert LoadLabeld("label", Fixed())({"label": "generate"}) == {"label": "generate"}
    item = {"image": torch.zeros(1, 2, 4), "label": torch.ones(1, 2, 4)}
    assert GenerateMaskd("label", generator=torch.zeros_like)(item)["label"].all()


def test_a_mask_is_generated_from_the_image_as_it_was_read():
    """The generator sees a plain (1, H, W) tensor of the reader's values; its mask gets the image's meta."""
    pixels = np.array([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]], dtype=np.float32)
    seen = []

    def dark(image: torch.Tensor) -> torch.Tensor:
        seen.append(image)
        return (image < 0.5).float()

    load = Compose([LoadRadiographd("image", Fixed(pixels)), GenerateMaskd("label", generator=dark)])
    loaded = load({"image": "a.png", "label": "generate"})
    assert loaded["label"].tolist() == [[[1, 0], [0, 1], [1, 0]]]
    assert loaded["label"].meta["filename_or_obj"] == "a.png"
    assert type(seen[0]) is torch.Tensor
    np.testing.assert_array_equal(seen[0][0].numpy(), pixels)


@pytest.mark.parametrize(
    "transform",
    [
        LoadRadiographd("image", Fixed()),
        LoadLabeld("label", Fixed()),
        GenerateMaskd("label", torch.zeros_like),
    ],
)
def test_a_missing_key_is_an_error_unless_allowed(transform):
    """As everywhere in MONAI."""
    with pytest.raises(KeyError):
        transform({"other": 1})
    transform.allow_missing_keys = True
    assert transform({"other": 1}) == {"other": 1}


def test_monais_transforms_follow_and_are_inverted():
    """What is loaded is a MetaTensor, so that a prediction finds its way back to (14, 10)."""
    load = Compose([LoadRadiographd("image", Fixed(F.astype(np.float32))), Resized("image", (32, 32))])
    loaded = load({"image": "a.png"})
    assert loaded["image"].shape == (1, 32, 32)
    assert load.inverse(loaded)["image"].shape == (1, 14, 10)


class Apart(Reader):
    """It does not compare sizes: an image of 20 x 30, and a mask of 10 x 15 in a file of its own."""

    def items(self):
        return [{"image": "in/a.png", "patient": "a"}]

    def read(self, path):
        return Radiograph(np.zeros((20, 30), np.float32))

    def read_label(self, item):
        masks = np.ones((2, 10, 15), np.uint8)
        masks[1] = 0
        return Label(masks, ("right_lung", "left_lung"), "human", "excluded")

    def files(self, item):
        return ["in/a.png", "in/a_mask.png"]


@pytest.mark.parametrize("load_label", [LoadLabeld, LoadClassesd])
def test_a_mask_of_another_size_is_refused_whatever_the_reader(load_label):
    """F20: both names and both sizes; it is not stretched into place later on."""
    item = Apart().items()[0]
    loaded = LoadRadiographd("image", Apart())({"image": item["image"], "label": item})
    with pytest.raises(CxrReadError) as caught:
        load_label("label", Apart())(loaded)
    assert str(caught.value) == (
        "in/a_mask.png: the mask is 15 x 10 pixels, but its image in/a.png is 30 x 20; "
        "make both the same size"
    )
    assert caught.value.code == "size"


def test_a_label_may_be_loaded_before_its_image():
    """Without an image there is nothing to compare with."""
    item = Apart().items()[0]
    loaded = LoadLabeld("label", Apart())({"image": item["image"], "label": item})
    assert tuple(loaded["label"].shape) == (1, 10, 15)
